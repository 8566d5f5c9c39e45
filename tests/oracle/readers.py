"""Samples [H,W,C] and metadata of files, as other programs read them: Pillow, NumPy, ImageMagick, ExifTool, tiffcp."""
import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import tempfile

import numpy as np
from PIL import Image

SEEN = {}

# What says how samples are stored, and changes with them.
ENCODING = re.compile(
    r"(System|File|ExifTool|Composite|Adobe|MPF\d|MPImage\d):"
    r"|PNG:(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|SignificantBits|Palette|Transparency"
    r"|PaletteHistogram)$|JFIF:JFIFVersion$|RIFF:(?!.*(Comment|Title))|IFD0:(ImageWidth|ImageHeight|BitsPerSample|Compression"
    r"|Strip\w+|RowsPerStrip|Tile\w+|PlanarConfiguration|Predictor|FillOrder|SampleFormat|ExtraSamples|SamplesPerPixel"
    r"|PhotometricInterpretation|Software|SubfileType|PageNumber)$")


def read(path):
    """The bytes of a file."""
    with open(path, "rb") as f:
        return f.read()


def read_png(path):
    """By Pillow, or of 16 bits by ImageMagick."""
    width, height, depth, colour = struct.unpack(">IIBB", read(path)[16:26])
    if depth < 16:
        pixels = np.asarray(Image.open(path))
        return pixels.reshape(height, width, -1)
    # Pillow would cut them to 8
    raw = subprocess.run(["convert", path, "-depth", "16", "-endian", "MSB", "rgba:-"], check=True, stdout=subprocess.PIPE)
    wanted = {0: [0], 2: [0, 1, 2], 4: [0, 3], 6: [0, 1, 2, 3]}[colour]
    return np.frombuffer(raw.stdout, ">u2").reshape(height, width, 4)[:, :, wanted].astype("u2")


def read_pnm(path):
    """Raw PGM, PPM and PAM of maxval 255 and 65535."""
    data = read(path)
    if data[:2] == b"P7":
        head, raster = data.split(b"ENDHDR\n", 1)
        fields = dict(line.split(b" ", 1) for line in head.splitlines()[1:])
        width, height, channels, maxval = (int(fields[name]) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL"))
    else:
        magic, size, most, raster = data.split(b"\n", 3)
        width, height = map(int, size.split())
        channels, maxval = {b"P5": 1, b"P6": 3}[magic], int(most)
    dtype = {255: "u1", 65535: ">u2"}[maxval]
    return np.frombuffer(raster, dtype).reshape(height, width, channels).astype(dtype[-2:])


def read_pfm(path):
    """Little endian, as the tool writes it here, or big."""
    magic, size, scale, raster = read(path).split(b"\n", 3)
    width, height = map(int, size.split())
    dtype = "<f4" if float(scale) < 0 else ">f4"
    return np.frombuffer(raster, dtype).reshape(height, width, 3 if magic == b"PF" else 1)[::-1].astype("f4")


def tiff_tags(data):
    """The first directory: tag -> values."""
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack(order + "I", data[4:8])[0]
    tags = {}
    for i in range(struct.unpack(order + "H", data[at:at + 2])[0]):
        entry = data[at + 2 + 12 * i:at + 14 + 12 * i]
        tag, kind, n = struct.unpack(order + "HHI", entry[:8])
        code = {3: "H", 4: "I"}.get(kind)
        if code:
            size = n * struct.calcsize(code)
            start = struct.unpack(order + "I", entry[8:])[0]
            raw = entry[8:8 + size] if size <= 4 else data[start:start + size]
            tags[tag] = struct.unpack(f"{order}{n}{code}", raw)
    return order, tags


def read_tiff(path):
    """Through tiffcp: one uncompressed strip, or one for each channel."""
    subprocess.run(["tiffcp", "-c", "none", "-s", "-r", "1000000", path, path + ".plain"], check=True)
    data = read(path + ".plain")
    order, tags = tiff_tags(data)
    dtype = order + {(8, 1): "u1", (16, 1): "u2", (32, 3): "f4"}[tags[258][0], tags.get(339, (1,))[0]]
    height, width, channels = tags[257][0], tags[256][0], tags.get(277, (1,))[0]
    samples_in = np.frombuffer(b"".join(data[at:at + n] for at, n in zip(tags[273], tags[279])), dtype).astype(dtype[1:])
    if tags.get(284, (1,))[0] == 2:
        return samples_in.reshape(channels, height, width).transpose(1, 2, 0)
    return samples_in.reshape(height, width, channels)


def read_npy(path):
    """[C,H,W] or [H,W]."""
    x = np.load(path)
    return x.reshape((-1,) + x.shape[-2:]).transpose(1, 2, 0)


def samples(path):
    """The samples of any file, by its extension; the same bytes are read once."""
    extension = os.path.splitext(path)[1]
    key = extension, hashlib.sha256(read(path)).digest()
    if key not in SEEN:
        SEEN[key] = read_samples(path, extension)
    return SEEN[key]


def read_samples(path, extension):
    """The reader for an extension."""
    readers = {".png": read_png, ".pnm": read_pnm, ".pfm": read_pfm, ".tiff": read_tiff, ".npy": read_npy}
    if extension in readers:
        return readers[extension](path)
    pixels = np.asarray(Image.open(path))
    return pixels.reshape(pixels.shape[:2] + (-1,))


# ---- metadata -------------------------------------------------------------------------------------------------------------


def exiftool(paths, *options):
    """What ExifTool finds in each file; blocks as bytes."""
    with tempfile.NamedTemporaryFile("w", suffix=".args") as arguments:
        arguments.write("\n".join(paths))
        arguments.flush()
        done = subprocess.run(["exiftool", "-j", "-b", "-q", *options, "-@", arguments.name], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = json.loads(done.stdout)
    if len(found) != len(paths):
        raise SystemExit(f"exiftool answers for {len(found)} of {len(paths)} files")
    return found


def block(value):
    """A block in JSON."""
    if isinstance(value, str) and value.startswith("base64:"):
        return base64.b64decode(value[7:])
    return value.encode() if isinstance(value, str) else value


def without_encoding(tags):
    """Of all tags those that must be kept."""
    plain = {re.sub(r":Copy\d+", "", key): key for key in tags}
    return {key: tags[key] for name, key in plain.items() if name != "SourceFile" and not ENCODING.match(name)}
