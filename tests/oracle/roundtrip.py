#!/usr/bin/python3
"""Pictures there and back, seen by other programs: roundtrip.py TOOL CORPUS

Samples are read by Pillow and NumPy, those of 16 bits by ImageMagick, metadata by ExifTool, TIFF through tiffcp. What
differs is printed, then the totals. Needs python3-numpy, python3-pil, imagemagick, libimage-exiftool-perl, libtiff-tools.
"""
import base64
import glob
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np
from PIL import Image, ImageCms

EPS, GAMMA, BETA = 1e-5, 0.25, 0.5
UNIT = {"u1": 255.0, "u2": 65535.0, "f4": 1.0}
HEIGHT, WIDTH = 37, 203
SEEN = {}
NOTHING = ["--strength", "0"], ["-c", "none"]

# What says how samples are stored, and changes with them.
ENCODING = re.compile(
    r"(System|File|ExifTool|Composite|Adobe|MPF\d|MPImage\d):"
    r"|PNG:(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|SignificantBits|Palette|Transparency"
    r"|PaletteHistogram)$|JFIF:JFIFVersion$|RIFF:(?!.*(Comment|Title))|IFD0:(ImageWidth|ImageHeight|BitsPerSample|Compression"
    r"|Strip\w+|RowsPerStrip|Tile\w+|PlanarConfiguration|Predictor|FillOrder|SampleFormat|ExtraSamples|SamplesPerPixel"
    r"|PhotometricInterpretation|Software|SubfileType|PageNumber)$")


class Report:
    """Counts, and prints what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def result(self, name, ok, details=""):
        """One check."""
        self.passed += bool(ok)
        self.failed += not ok
        if not ok:
            print(f"FAILED {name} {details}")

    def near(self, name, got, want, bound):
        """Arrays of one shape that differ by no more than the bound; NaN does."""
        if got.shape != want.shape:
            self.result(name, False, f"{got.shape}, not {want.shape}")
            return
        error = np.abs(got.astype(np.float64) - want.astype(np.float64))
        self.result(name, bool((error <= bound).all()), f"{(~(error <= bound)).sum()} samples, by up to {error.max():.6g}")


# ---- writing: each format by hand, or by Pillow ---------------------------------------------------------------------------


def picture(dtype, channels, height=HEIGHT, width=WIDTH):
    """Ramps with noise [H,W,C]; alpha, of 2 or 4 channels the last, is often 0 or full."""
    rng = np.random.default_rng(channels)
    y, x = np.mgrid[0:height, 0:width]
    planes = [0.1 + 0.2 * c + 0.4 * x / width - 0.1 * y / height + rng.normal(0, 0.03, x.shape) for c in range(channels)]
    if channels % 2 == 0:
        planes[-1] = np.clip(rng.uniform(-0.4, 1.6, x.shape), 0, 1)
    values = np.stack(planes, -1)
    return values.astype("f4") if dtype == "f4" else np.rint(np.clip(values, 0, 1) * UNIT[dtype]).astype(dtype)


def write(path, data):
    """The bytes as a file; returns the path."""
    with open(path, "wb") as f:
        f.write(data)
    return path


def read(path):
    """The bytes of a file."""
    with open(path, "rb") as f:
        return f.read()


def big(pixels):
    """Samples as bytes, big endian."""
    return pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()


def chunk(name, data):
    """A chunk of PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(pixels, before=b"", after=b""):
    """A PNG file, with chunks before and after IDAT."""
    height, width, channels = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, (0, 0, 4, 2, 6)[channels], 0, 0, 0)
    rows = b"".join(b"\0" + big(row) for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", zlib.compress(rows)) + after
            + chunk(b"IEND", b""))


def pnm(pixels, maxval=None):
    """PGM or PPM, or with alpha PAM, raw."""
    height, width, channels = pixels.shape
    maxval = maxval or int(UNIT[pixels.dtype.str[1:]])
    if channels % 2:
        return b"P%c\n%d %d\n%d\n" % (b"56"[channels // 2], width, height, maxval) + big(pixels)
    tuple_type = b"GRAYSCALE_ALPHA" if channels == 2 else b"RGB_ALPHA"
    head = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n"
    return head % (width, height, channels, maxval, tuple_type) + big(pixels)


def plain_pnm(pixels):
    """The same as text."""
    height, width, channels = pixels.shape
    samples = b"\n".join(b"%d" % v for v in pixels.ravel()) + b"\n"
    return b"P%c # plain\n%d %d\n%d\n" % (b"23"[channels // 2], width, height, int(UNIT[pixels.dtype.str[1:]])) + samples


def pfm(pixels, order):
    """Rows from the bottom to the top."""
    height, width, channels = pixels.shape
    head = b"P%c\n%d %d\n%s\n" % (b"fF"[channels // 2], width, height, b"-1.0" if order == "<" else b"1.0")
    return head + pixels[::-1].astype(order + "f4").tobytes()


def tiff(pixels, extra=2, planar=False):
    """A little-endian TIFF of one strip, or one for each channel; extra: 1 premultiplied, 2 straight alpha."""
    height, width, channels = pixels.shape
    strips = channels if planar else 1
    data = (pixels.transpose(2, 0, 1) if planar else pixels).astype(pixels.dtype.newbyteorder("<")).tobytes()
    size = len(data) // strips
    tags = [(256, 4, [width]), (257, 4, [height]), (258, 3, [8 * pixels.itemsize] * channels), (259, 3, [1]),
            (262, 3, [1 if channels < 3 else 2]), (273, 4, [8 + i * size for i in range(strips)]), (277, 3, [channels]), (278, 4, [height]),
            (279, 4, [size] * strips), (284, 3, [1 + planar])]
    if channels % 2 == 0:
        tags.append((338, 3, [extra]))
    tags.append((339, 3, [3 if pixels.dtype.kind == "f" else 1] * channels))
    data += b"\0" * (len(data) % 2)
    entries, beyond = b"", b""
    behind = 8 + len(data) + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        raw = struct.pack("<%d%s" % (len(values), "H" if kind == 3 else "I"), *values)
        if len(raw) > 4:
            raw, beyond = struct.pack("<I", behind + len(beyond)), beyond + raw
        entries += struct.pack("<HHI", tag, kind, len(values)) + raw.ljust(4, b"\0")
    return (b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0" + beyond)


def by_pillow(pixels, kind, **options):
    """The bytes of a file that Pillow writes."""
    out = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(out, kind, **options)
    return out.getvalue()


# ---- reading: samples [H,W,C] ---------------------------------------------------------------------------------------------


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


def profile(space, size):
    """Bytes with the header of an ICC profile."""
    body = np.random.default_rng(size).integers(0, 256, size - 128, dtype="u1").tobytes()
    head = struct.pack(">I4sI4s4s4s12x4s", size, b"lcms", 0x02400000, b"mntr", space, b"XYZ ", b"acsp").ljust(128, b"\0")
    return head + body


def exif_block(orientation):
    """A TIFF header, Orientation, Artist."""
    artist = b"Ansel Adams\0"
    return (b"MM\0*\0\0\0\x08\0\x02" + struct.pack(">HHIHH", 0x112, 3, 1, orientation, 0)
            + struct.pack(">HHII", 0x13b, 2, len(artist), 38) + b"\0\0\0\0" + artist)


XMP = (b"<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
       b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
       b"xmlns:dc='http://purl.org/dc/elements/1.1/' dc:source='h\xc3\xbcgel'/></rdf:RDF></x:xmpmeta><?xpacket end='w'?>")


def segment(marker, data):
    """A marker segment of JPEG."""
    return struct.pack(">BBH", 0xff, marker, len(data) + 2) + data


def jpeg_with(data, icc=b"", exif=(), xmp=b""):
    """A JPEG with these segments behind its first one."""
    extra = b"".join(segment(0xe1, b"Exif\0\0" + one) for one in exif)
    if xmp:
        extra += segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)
    parts = [icc[i:i + 65519] for i in range(0, len(icc), 65519)]
    for i, part in enumerate(parts):
        extra += segment(0xe2, b"ICC_PROFILE\0" + bytes([i + 1, len(parts)]) + part)
    behind = 4 + struct.unpack(">H", data[4:6])[0]
    return data[:behind] + extra + data[behind:]


def inks_tiff(pixels, planar, icc):
    """A big-endian TIFF of CMYK with a profile."""
    height, width, channels = pixels.shape
    data = big(pixels.transpose(2, 0, 1) if planar else pixels)
    strips = channels if planar else 1
    behind = 8 + len(data)
    blocks = struct.pack(">4H", *[16] * 4), icc
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 4, behind), (259, 3, 1, 1 << 16), (262, 3, 1, 5 << 16)]
    at = behind + len(blocks[0]) + len(icc) + len(icc) % 2
    size = len(data) // strips
    arrays = (struct.pack(f">{strips}I", *(8 + i * size for i in range(strips))), struct.pack(f">{strips}I", *[size] * strips))
    tags += [(273, 4, strips, at if planar else 8), (277, 3, 1, channels << 16), (278, 4, 1, height),
             (279, 4, strips, at + 4 * strips if planar else size), (284, 3, 1, 1 + planar << 16)]
    if icc:
        tags.append((34675, 7, len(icc), behind + len(blocks[0])))
    body = data + blocks[0] + icc + b"\0" * (len(icc) % 2) + b"".join(arrays)
    return (b"MM\0*" + struct.pack(">I", 8 + len(body)) + body + struct.pack(">H", len(tags))
            + b"".join(struct.pack(">HHII", *tag) for tag in tags) + b"\0\0\0\0")


# ---- the expected -----------------------------------------------------------------------------------------------------------


def through(image, icc):
    """Samples in sRGB of a CMYK image: relative colorimetric, black to black, without Little CMS's approximate tables."""
    if not icc:
        return np.asarray(image.convert("RGB"))
    from_inks = ImageCms.buildTransform(ImageCms.getOpenProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"), "CMYK", "RGB",
                                        ImageCms.Intent.RELATIVE_COLORIMETRIC, flags=0x2100)
    return np.asarray(ImageCms.applyTransform(image, from_inks))


def straight(pixels, unit, premultiplied=False):
    """Colours and alpha of [H,W,C] in double, 0..1; alpha is None if there is none."""
    x = pixels.astype(np.float64) / unit
    if pixels.shape[2] % 2:
        return x, None
    colours, alpha = x[:, :, :-1], x[:, :, -1:]
    if premultiplied:
        colours = np.divide(colours, alpha, out=np.zeros_like(colours), where=alpha > 0)
    return colours, alpha


def moments(colours, alpha=None):
    """Mean and variance of each channel, weighted by alpha."""
    weight = np.ones(colours.shape[:2] + (1,)) if alpha is None else alpha
    mean = (weight * colours).sum((0, 1)) / weight.sum()
    return mean, (weight * (colours - mean) ** 2).sum((0, 1)) / weight.sum()


def normalized(colours, alpha=None):
    """The default map."""
    mean, variance = moments(colours, alpha)
    return (colours - mean) / np.sqrt(variance + EPS) * GAMMA + BETA


def digits(values, unit):
    """Rounded half to even and clipped."""
    return np.rint(np.clip(values * unit, 0, unit))


# ---- the checks -------------------------------------------------------------------------------------------------------------


class Trips:
    """The tool, a folder, the formats that are in, and the checks."""

    def __init__(self, tool, corpus, folder):
        self.tool, self.corpus, self.folder = tool, corpus, folder
        self.report = Report()
        self.kept = []  # (name, input, output) whose metadata must be the same
        self.formats = set(re.findall(r"^  (\w+)", self.run("--version").stdout, re.MULTILINE))

    def path(self, name):
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def run(self, *arguments, status=0):
        """Runs the tool; its exit status must be this."""
        done = subprocess.run([self.tool, *map(str, arguments)], check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode != status:
            self.report.result(" ".join(map(str, arguments)), False, f"exit status {done.returncode}: {done.stderr}")
        return done

    def out(self, *arguments):
        """The samples that the tool writes to the last argument."""
        if os.path.exists(arguments[-1]):
            os.remove(arguments[-1])
        self.run(*arguments)
        return samples(arguments[-1])

    def inputs(self):
        """(name, extension, bytes, what they mean); None where a lossy decoder says."""
        for channels in 1, 2, 3, 4:
            for dtype in "u1", "u2":
                pixels = picture(dtype, channels)
                yield f"png {dtype} {channels}", "png", png(pixels), pixels
                yield f"pnm {dtype} {channels}", "pnm", pnm(pixels), pixels
                if channels % 2:
                    yield f"plain pnm {dtype} {channels}", "pnm", plain_pnm(pixels), pixels
            small = picture("u1", channels) // 17
            yield f"pnm maxval 15 {channels}", "pnm", pnm(small, 15), small * 17
        for channels in 1, 3:
            floats, pixels = picture("f4", channels), picture("u1", channels)
            for order in "<>":
                yield f"pfm {order} {channels}", "pfm", pfm(floats, order), floats
            yield f"npy {channels}", "npy", self.npy(floats), floats
            yield f"bmp {channels}", "bmp", by_pillow(pixels, "BMP"), np.broadcast_to(pixels, pixels.shape[:2] + (3,))
            for name, options in (("4:4:4", {"subsampling": 0}), ("4:2:0", {"subsampling": 2}), ("progressive",
                                                                                              {"progressive": True})):
                yield f"jpeg {name} {channels}", "jpeg", by_pillow(pixels, "JPEG", quality=92, **options), None
        for channels in 3, 4:
            pixels = picture("u1", channels)
            yield f"webp lossless {channels}", "webp", by_pillow(pixels, "WEBP", lossless=True, exact=True), pixels
            yield f"webp lossy {channels}", "webp", by_pillow(pixels, "WEBP", quality=80), None
        if "tiff" in self.formats:
            yield from self.tiffs()

    @staticmethod
    def npy(pixels):
        """The bytes of numpy.save of the planes."""
        out = io.BytesIO()
        np.save(out, pixels.transpose(2, 0, 1) if pixels.shape[2] > 1 else pixels[:, :, 0])
        return out.getvalue()

    def tiffs(self):
        """Every type and channel count as one strip, and in planes; strips, tiles and compressions by tiffcp."""
        layouts = [[], ["-r", "5"], ["-t", "-w", "16", "-l", "32"], ["-c", "zip"], ["-c", "lzw"], ["-c", "lzw:2"],
                   ["-c", "zip", "-t", "-w", "64", "-l", "16"], ["-c", "zip:3"], ["-B"]]
        for dtype in "u1", "u2", "f4":
            for channels in 1, 2, 3, 4:
                pixels = picture(dtype, channels)
                yield f"tiff {dtype} {channels} planar", "tiff", tiff(pixels, planar=True), pixels
                for layout in layouts if channels == 3 else layouts[:1]:
                    if layout[-1:] == (["lzw:2"] if dtype == "f4" else ["zip:3"]):
                        continue
                    write(self.path("made.tiff"), tiff(pixels))
                    if layout:
                        subprocess.run(["tiffcp", *layout, self.path("made.tiff"), self.path("cp.tiff")], check=True)
                        os.replace(self.path("cp.tiff"), self.path("made.tiff"))
                    yield f"tiff {dtype} {channels} {' '.join(layout)}", "tiff", read(self.path("made.tiff")), pixels

    def unchanged(self):
        """Nothing is to be done: every sample is kept. By the default map, each is as NumPy has it."""
        for name, extension, data, pixels in self.inputs():
            if extension not in self.formats:
                continue
            source = write(self.path("in." + extension), data)
            lossless = pixels is not None
            if not lossless:
                pixels = samples(source)
            for options in NOTHING:
                target = self.path(f"out.{extension if lossless else 'png'}")
                got = self.out(*options, source, target)
                same = got.dtype == pixels.dtype and np.array_equal(got, pixels)
                self.report.result(f"{name} {' '.join(options)}", same, f"{got.dtype} {got.shape}")
            if not lossless:
                got = self.out("--strength", "0", source, self.path("out." + extension))
                error = np.abs(got.astype(int) - pixels).mean() if got.shape == pixels.shape else np.inf
                self.report.result(f"{name} again lossy", error < 3, f"{got.shape}, mean error {error:.3g}")
            if extension != "npy":
                self.mapped(name, source, pixels, target)

    def mapped(self, name, source, pixels, target, **how):
        """The default map; alpha is not touched."""
        unit = UNIT[pixels.dtype.str[1:]]
        colours, alpha = straight(pixels, unit, **how)
        want = normalized(colours, alpha)
        got = self.out("-Q", source, target)
        if got.dtype != pixels.dtype or got.shape != pixels.shape:
            self.report.result(name + " mapped", False, f"{got.dtype} {got.shape}")
        elif unit == 1:
            self.report.near(name + " mapped", got[:, :, :want.shape[2]], want, 2e-7 * np.abs(want) + 1e-7)
        else:
            want = np.clip(want * unit, 0, unit)
            self.report.near(name + " mapped", got[:, :, :want.shape[2]], want, 0.5 + 1e-6)
            if alpha is not None:
                self.report.result(name + " alpha", np.array_equal(got[:, :, -1], pixels[:, :, -1]), "was touched")

    def depths(self):
        """16 to 8 bits rounds half to even, 8 to 16 is times 257, floats are v / 255."""
        every = np.arange(65536).astype("u2").reshape(256, 256, 1)
        source, target = write(self.path("every.png"), png(every)), self.path("out.png")
        got = self.out("--strength", "0", "--depth", "8", source, target)
        self.report.near("16 to 8", got, np.rint(every / 257), 0)
        self.report.result("16 to 8 type", got.dtype == np.uint8)
        for channels in 1, 2, 3, 4:
            pixels = picture("u1", channels)
            write(self.path("in.png"), png(pixels))
            got = self.out("--strength", "0", "--depth", "16", self.path("in.png"), target)
            self.report.near(f"8 to 16, {channels}", got, pixels * 257.0, 0)
            if channels % 2:
                got = self.out("--strength", "0", "--depth", "float", self.path("in.png"), self.path("out.pfm"))
                self.report.near(f"8 to float, {channels}", got, pixels / 255.0, 2.0**-24)
                back = self.out("--strength", "0", "--depth", "8", self.path("out.pfm"), target)
                self.report.near(f"float to 8, {channels}", back, pixels, 0)
        half = np.arange(-4, 600, dtype="f4").reshape(4, 151) / 2
        np.save(self.path("half.npy"), half)
        got = self.out("--mean", "0", "--std", "1", "--depth", "8", self.path("half.npy"), self.path("out.npy"))
        self.report.near("half to even", got[:, :, 0], np.clip(np.rint(half), 0, 255), 0)

    def dither(self):
        """A shallow ramp: the mean stays, no sample moves by more than a step, the bands are broken up."""
        ramp = np.rint(20000 + 12 * np.arange(512.0) + 3 * np.arange(256.0)[:, None]).astype("u2")
        source = write(self.path("ramp.png"), png(np.stack([ramp, ramp[::-1], ramp[:, ::-1]], -1)))
        how = "--mean", "0", "--std", "1", "-g", "1", "-b", "1e-6", "--depth", "8"  # a channel that does not change gets none
        plain = self.out(*how, source, self.path("plain.png")).astype(int)
        noisy = self.out(*how, "--dither", source, self.path("noisy.png")).astype(int)
        self.out(*how, "--dither", "--memory", "64K", source, self.path("again.png"))
        self.report.result("--dither twice", read(self.path("noisy.png")) == read(self.path("again.png")), "differs")
        exact = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], -1) / 257.0
        means = np.abs((noisy - exact).mean((0, 1)))
        self.report.result("--dither keeps the mean", (means < 0.1).all(), str(means))
        # what 8 x 8 pixels tell together
        local = [np.abs((x - exact).reshape(32, 8, 64, 8, 3).mean((1, 3))).max() for x in (plain, noisy)]
        self.report.result("--dither is of use", local[1] < 0.1 < 0.2 < local[0], f"{local[0]:.3g} and {local[1]:.3g}")
        self.report.near("--dither moves by a step", noisy, plain, 1)
        self.report.near("--dither moves by less than one", noisy, exact, 1)
        lengths = [np.diff(np.flatnonzero(np.diff(x[:, :, 0].ravel()))) for x in (plain, noisy)]
        self.report.result("--dither breaks bands up", np.median(lengths[1]) * 5 < np.median(lengths[0]),
                           f"{np.median(lengths[0])} and {np.median(lengths[1])} pixels")
        self.report.result("--dither of many lengths", len(set(lengths[1])) > 5, str(len(set(lengths[1]))))
        self.report.result("--dither is not the same in all channels", not np.array_equal(noisy[:, :, 0], noisy[::-1, :, 1]))
        pixels = picture("u1", 4)
        write(self.path("in.png"), png(pixels))
        got = self.out("--dither", self.path("in.png"), self.path("out.png"))
        colours, alpha = straight(pixels, 255.0)
        self.report.near("--dither of RGBA", got[:, :, :3], np.clip(normalized(colours, alpha) * 255, 0, 255), 1 + 1e-3)
        self.report.near("--dither leaves alpha", got[:, :, 3], pixels[:, :, 3], 0)
        got = self.out("--dither", *NOTHING[0], "--depth", "16", self.path("in.png"), self.path("out.png"))
        self.report.near("--dither of whole numbers", got, pixels * 257.0, 0)
        np.save(self.path("in.npy"), np.full((64, 64), 65534, "f4"))
        got = self.out("--dither", "--mean", "1", "--std", "1", "--depth", "16", self.path("in.npy"), self.path("out.npy"))
        self.report.near("--dither of 65533", got, np.full((64, 64, 1), 65533.0), 0)

    def weights(self):
        """What --stats says with alpha as the weight, and without."""
        for dtype in "u1", "u2":
            for channels in 2, 4:
                pixels = picture(dtype, channels)
                source = write(self.path("in.png"), png(pixels))
                colours, alpha = straight(pixels, UNIT[dtype])
                found = []
                for options, weight in ((), alpha), (("--mask", "all"), None):
                    lines = self.run("--stats", *options, source).stdout.splitlines()[2:]
                    found.append(np.array([line.split()[1:3] for line in lines], float))
                    mean, variance = moments(colours, weight)
                    want = np.stack([mean, np.sqrt(variance)], -1)
                    self.report.near(f"--stats {' '.join(options)} {dtype} {channels}", found[-1], want, 1e-6)
                self.report.result(f"--mask {dtype} {channels}", np.abs(found[0] - found[1]).max() > 1e-4, "changes nothing")
                got = self.out("--mask", "all", source, self.path("out.png"))[:, :, :-1]
                want = digits(normalized(colours), UNIT[dtype])
                self.report.near(f"--mask all {dtype} {channels}", got, want, 1)

    def premultiplied(self):
        """TIFF has it: kept there, taken back elsewhere; measured and mapped as straight."""
        if "tiff" not in self.formats:
            return
        for dtype in "u1", "u2", "f4":
            for channels in 2, 4:
                unit, name = UNIT[dtype], f"premultiplied {dtype} {channels}"
                pixels = picture(dtype, channels)
                alpha = pixels[:, :, -1:] / unit
                pixels[:, :, :-1] = pixels[:, :, :-1] * alpha if dtype == "f4" else np.rint(pixels[:, :, :-1] * alpha)
                source = write(self.path("in.tiff"), tiff(pixels, extra=1))
                for options in NOTHING:
                    got = self.out(*options, source, self.path("out.tiff"))
                    self.report.near(f"{name} {' '.join(options)}", got, pixels, 0)
                    kind = tiff_tags(read(self.path("out.tiff")))[1].get(338)
                    self.report.result(f"{name}: ExtraSamples", kind == (1,), str(kind))
                colours, opacity = straight(pixels, unit, premultiplied=True)
                most = 1 if unit > 1 else np.inf
                want = np.clip(normalized(colours, opacity), 1 - most, most) * opacity
                got = self.out(source, self.path("out.tiff"))[:, :, :-1]
                self.report.near(name + " mapped", got, want * unit, 0.51 if unit > 1 else 1e-5)
                if dtype != "f4":
                    for options, straightened in ((), normalized(colours, opacity)), (NOTHING[0], colours), (NOTHING[1], colours):
                        got = self.out(*options, source, self.path("out.png"))[:, :, :-1]
                        seen = opacity[:, :, 0] > 0
                        self.report.near(f"{name} to PNG {' '.join(options)}", got[seen],
                                         np.clip(straightened[seen], 0, 1) * unit, 0.51)

    # ---- metadata ---------------------------------------------------------------------------------------------------------

    def blocks(self, names, icc, exif, xmp, title, exact_exif=True):
        """The blocks in each file are these."""
        for name, found in zip(names, exiftool(names, "-ICC_Profile", "-Exif", "-XMP", "-IFD0:Orientation#")):
            short = f"{title}: {os.path.basename(name)}"
            self.report.result(short + " profile", block(found.get("ICC_Profile")) == icc, "differs")
            if exact_exif:
                self.report.result(short + " EXIF", block(found.get("EXIF")) == exif, "differs")
            self.report.result(short + " Orientation", found.get("Orientation") == (6 if exif else None),
                               str(found.get("Orientation")))
            self.report.result(short + " XMP", block(found.get("XMP")) == xmp, "differs")

    def chain(self):
        """From format to format, byte for byte; a long profile takes several segments of JPEG."""
        icc, exif = profile(b"RGB ", 200001), exif_block(6)
        data = jpeg_with(by_pillow(picture("u1", 3), "JPEG"), icc, [exif], XMP)
        names = [write(self.path("0.jpeg"), data)]
        for step in "png", "webp", "png", "jpeg", "webp", "jpeg", "tiff", "jpeg", "tiff", "png", "tiff", "webp":
            if step not in self.formats:
                continue
            if step == "tiff" or names[-1].endswith("tiff"):
                break
            names.append(self.path(f"{len(names)}.{step}"))
            self.run(names[-2], names[-1])
        self.blocks(names, icc, exif, XMP, "chain")
        if "tiff" in self.formats:
            tiffs = [self.path("a.tiff"), self.path("b.jpeg"), self.path("c.tiff"), self.path("d.png"), self.path("e.tiff")]
            for source, target in zip(names[:1] + tiffs, tiffs):
                self.run(source, target)
            self.blocks(tiffs, icc, exif, XMP, "chain", exact_exif=False)
        stripped = []
        for extension in sorted({"png", "webp", "jpeg", "tiff"} & self.formats):
            stripped.append(self.path("stripped." + extension))
            self.run("--strip", names[0], stripped[-1])
            self.run("--strip", stripped[-1], self.path("twice." + extension))
        self.blocks(stripped, None, None, None, "--strip")
        for found in exiftool(stripped, "-a", "-G1:4"):
            left = {key for key in without_encoding(found) if not re.match(r"JFIF|IFD0:.*Resolution", key)}
            self.report.result("--strip leaves nothing", not left, str(left))

    def dropped(self):
        """-v names what the output cannot hold."""
        data = jpeg_with(by_pillow(picture("u1", 3), "JPEG", dpi=(300, 300)), profile(b"RGB ", 3000), [exif_block(6)], XMP)
        source = write(self.path("all.jpeg"), data)
        words = "the ICC profile", "the EXIF data", "the XMP packet", "the resolution"
        for extension, options in ("pnm", ()), ("pfm", ("--depth", "float")), ("bmp", ()), ("npy", ()):
            said = self.run("-v", *options, source, self.path("out." + extension)).stderr
            for word in words:
                self.report.result(f"{extension} names {word}", f"{extension} cannot hold {word}" in said, said)
            said = self.run("-v", "--strip", *options, source, self.path("out." + extension)).stderr
            self.report.result(f"{extension} --strip names nothing", "cannot hold" not in said, said)
        for extension in "png", "jpeg":
            said = self.run("-v", source, self.path("out." + extension)).stderr
            self.report.result(f"{extension} holds all", "cannot hold" not in said, said)
        said = self.run("-v", source, self.path("out.webp")).stderr
        self.report.result("webp cannot hold the density alone", said.count("cannot hold") == 1 and "the resolution" in said, said)

    def grey_profile(self):
        """It is for one channel: --rgb, and WebP, make three."""
        icc = profile(b"GRAY", 2000)
        grey = picture("u1", 1)
        sources = [write(self.path("grey.png"), png(grey, chunk(b"iCCP", b"g\0\0" + zlib.compress(icc)))),
                   write(self.path("grey.jpeg"), jpeg_with(by_pillow(grey, "JPEG"), icc))]
        kept, lost = [], []
        for source in sources:
            for extension in sorted({"png", "jpeg", "webp", "tiff"} & self.formats):
                for options in ((), ("--rgb",)):
                    target = source.replace(".", "-") + "".join(options) + "." + extension
                    said = self.run("-v", *options, source, target).stderr
                    gone = bool(options) or extension == "webp"
                    (lost if gone else kept).append(target)
                    self.report.result(f"grey profile in {os.path.basename(target)} named",
                                       ("the ICC profile" in said) == gone, said)
        for names, want in (kept, icc), (lost, None):
            for name, found in zip(names, exiftool(names, "-ICC_Profile")):
                self.report.result(f"grey profile in {os.path.basename(name)}", block(found.get("ICC_Profile")) == want)

    def late(self):
        """Chunks behind the picture, and with given statistics, when the output's header is out: there, or named."""
        after = chunk(b"eXIf", exif_block(6)) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        source = write(self.path("late.png"), png(picture("u1", 3), after=after))
        for options in ((), ("--mean", "0.5", "--std", "0.25", "-g", "0.25")):
            for extension in sorted({"png", "jpeg", "webp", "tiff"} & self.formats):
                target = self.path("late-out." + extension)
                said = self.run("-v", *options, source, target).stderr
                found = exiftool([target], "-XMP", "-Exif", "-IFD0:Orientation#")[0]
                name = f"late metadata in {extension} {' '.join(options)}"
                self.report.result(name + " XMP", block(found.get("XMP")) == XMP or "the XMP" in said, "lost in silence")
                self.report.result(name + " EXIF", found.get("Orientation") == 6 or "the EXIF" in said, "lost in silence")

    def twice(self):
        """PNG may have one eXIf, WebP one EXIF: the first is taken."""
        source = write(self.path("two.jpeg"), jpeg_with(by_pillow(picture("u1", 3), "JPEG"), b"", [exif_block(6), exif_block(3)]))
        for extension, tag in ("png", b"eXIf"), ("webp", b"EXIF"):
            target = self.path("two-out." + extension)
            self.run(source, target)
            self.report.result(f"one EXIF block in {extension}", read(target).count(tag) == 1, str(read(target).count(tag)))
            self.report.result(f"the first one in {extension}", exif_block(6) in read(target))

    # ---- the corpus -------------------------------------------------------------------------------------------------------

    def files(self, folder, pattern):
        """Those of the corpus, of which there must be some."""
        found = sorted(glob.glob(os.path.join(self.corpus, folder, pattern)))
        if not found:
            raise SystemExit(f"round trips: no {folder}/{pattern} in {self.corpus}")
        return found

    def copies(self, names, folder, *options, extension=None):
        """Runs all of them at once; the outputs."""
        self.run("-Q", "--strength", "0", *options, "-o", self.path(folder) + "/", *names)
        base = [os.path.splitext(os.path.basename(name)) for name in names]
        return [self.path(f"{folder}/{stem}{extension or end}") for stem, end in base]

    def orientation(self):
        """Neither is the picture turned, nor its tag."""
        names = self.files("exif-orientation", "*.jpg")
        self.report.result("18 orientations", len(names) == 18, str(len(names)))
        for name, target in zip(names, self.copies(names, "turned")):
            before, after = (np.asarray(Image.open(path).resize((60, 60), Image.BOX, reducing_gap=1)) for path in (name, target))
            error = np.abs(before.astype(int) - after).mean()
            same = Image.open(name).size == Image.open(target).size
            self.report.result(f"{os.path.basename(name)} is not turned", same and error < 2, f"mean error {error:.3g}")
            self.kept.append((os.path.basename(name), name, target))
        some = names[3], names[12]
        for name, target in zip(some, self.copies(some, "turned", "-f", "png", extension=".png")):
            self.report.near(f"{os.path.basename(name)} as PNG", samples(target), samples(name), 0)
            self.kept.append((os.path.basename(target), name, target))

    def pngsuite(self):
        """Every sample, as Pillow and ImageMagick have them; names with x are damaged."""
        names = self.files("pngsuite/png", "[!x]*.png")
        wide = []
        for name, target in zip(names, self.copies(names, "suite")):
            short = os.path.basename(name)
            self.kept.append((short, name, target))
            if read(name)[24] == 16:
                wide.append((name, target))
            elif b"tRNS" in read(name) and read(name)[24] < 8 and read(name)[25] == 0:
                continue  # of which Pillow takes the transparent grey for one of 8 bits
            else:
                before, after = (np.asarray(Image.open(path).convert("RGBA")) for path in (name, target))
                self.report.near(short, after, before, 0)
        raw = subprocess.run(["convert", *sum(map(list, wide), []), "-depth", "16", "-endian", "MSB", "rgba:-"], check=True,
                             stdout=subprocess.PIPE).stdout
        for name, target in wide:
            size = 8 * int(np.prod(struct.unpack(">II", read(name)[16:24])))
            self.report.result(os.path.basename(name), size > 0 and raw[:size] == raw[size:2 * size], "differs")
            raw = raw[2 * size:]
        self.report.result("pngsuite of 16 bits", len(wide) > 20 and raw == b"", f"{len(wide)} files, {len(raw)} bytes left")
        for name in self.files("pngsuite/png", "x*.png"):
            self.run(name, self.path("never.png"), status=1)
            self.report.result(f"{os.path.basename(name)} refused", not os.path.exists(self.path("never.png")))

    def testimages(self):
        """Those of libjpeg-turbo: a JPEG of 12 bits is refused."""
        for name in self.files("libjpeg-turbo-testimages/testimages", "*.[jpb][pnm][gpm]"):
            short = os.path.basename(name)
            if short == "monkey12.jpg":
                said = self.run(name, self.path("never.png"), status=1).stderr
                self.report.result(short + " refused", "12" in said and not os.path.exists(self.path("never.png")), said)
                continue
            target = self.copies([name], "images/" + short[-3:], "-f", "png", extension=".png")[0]
            if read(target)[24] == 16:
                raw = subprocess.run(["convert", name, target, "-depth", "16", "gray:-"], check=True, stdout=subprocess.PIPE)
                half = len(raw.stdout) // 2
                self.report.result(short, half > 0 and raw.stdout[:half] == raw.stdout[half:], "differs")
            else:
                before, after = (np.asarray(Image.open(path).convert("RGB")) for path in (name, target))
                self.report.near(short, after, before, 0)
            if not name.endswith(("bmp", "ppm", "pgm")):
                self.kept.append((short, name, target))

    def inks(self):
        """CMYK as Little CMS has it by Pillow, with the profile of libjpeg-turbo's test images, and without one."""
        icc = read(self.files("libjpeg-turbo-testimages/testimages", "test1.icc")[0])
        pixels = np.dstack([picture("u1", 3), picture("u1", 1) // 2])
        for extension, options in ("jpeg", {"quality": 90}), ("jpeg", {"progressive": True}), ("tiff", {}):
            for given in {"icc_profile": icc}, {}:
                name = f"inks in {extension} {' '.join((*options, *given))}"
                data = io.BytesIO()
                Image.fromarray(pixels, "CMYK").save(data, extension, **options, **given)
                source, target = write(self.path("inks." + extension), data.getvalue()), self.path("inks.png")
                said = self.run("-v", "-c", "none", source, target).stderr
                self.report.near(name, samples(target), through(Image.open(source), given.get("icc_profile")), 1)
                self.report.result(name + " told", ("by its ICC" in said) == bool(given) != ("warning" in said), said)
                self.run("-c", "none", source, self.path("inks-out." + extension))
                left = exiftool([target, self.path("inks-out." + extension)], "-ICC_Profile")
                self.report.result(name + " profile", not any("ICC_Profile" in found for found in left), str(left))
                said = self.run("--in-place", source, status=1).stderr
                self.report.result(name + " in place", "lose the inks" in said and read(source) == data.getvalue(), said)
        if "tiff" in self.formats:
            self.wide_inks(icc)

    def wide_inks(self, icc):
        """16 bits in strips and planes; where they are 257 times those of 8 bits the colours agree."""
        pixels = np.dstack([picture("u1", 3), picture("u1", 1) // 2])
        want = through(Image.fromarray(pixels, "CMYK"), icc)
        for planar in False, True:
            for profile_there in True, False:
                source = write(self.path("wide.tiff"), inks_tiff(pixels.astype("u2") * 257, planar, icc * profile_there))
                target = self.path("wide.npy")
                self.run("-c", "none", source, target)
                got = np.load(target).transpose(1, 2, 0)
                rest = 1 - pixels / 255
                name = f"inks of 16 bits, planar {planar}, profile {profile_there}"
                self.report.near(name, got, want / 255 if profile_there else rest[..., :3] * rest[..., 3:],
                                 0.6 / 255 if profile_there else 0.51 / 65535)

    def metadata(self):
        """All that ExifTool finds in the inputs, in the outputs."""
        names = [name for _, *pair in self.kept for name in pair]
        found = [without_encoding(tags) for tags in exiftool(names, "-a", "-G1:4")]
        some = 0
        for i, (name, _, target) in enumerate(self.kept):
            before, after = found[2 * i:2 * i + 2]
            if target.endswith("png") and read(names[2 * i])[:4] == b"\x89PNG":
                depth, colour = read(names[2 * i])[24:26]
                if depth < 8 or colour == 3:  # a colour of the stored type, which the output has not
                    before.pop("PNG:BackgroundColor", None)
            if not target.endswith(os.path.splitext(names[2 * i])[1]):  # resolution stands elsewhere there
                before, after = ({key: value for key, value in tags.items() if not re.match(r"JFIF|PNG", key)} for tags in
                                 (before, after))
            some += bool(before)
            self.report.result(name + " metadata", before == after, str(sorted(before.items() ^ after.items(), key=str)
                                                                    if all(map(hashable, (before, after))) else "differs"))
        self.report.result("metadata was there", some > 60, str(some))

    def can_say_no(self):
        """The checks themselves fail where they should."""
        doubt = Report()
        pixels = picture("u1", 3)
        with open(os.devnull, "w", encoding="ascii") as sys.stdout:
            doubt.near("", pixels + 1.0, pixels, 0.5)
            doubt.near("", pixels[:, :, :2], pixels, 255)
            doubt.near("", np.where(pixels == pixels.max(), np.nan, pixels), pixels, 0.5)
        sys.stdout = sys.__stdout__
        self.report.result("wrong samples are noticed", doubt.failed == 3, f"only {doubt.failed} of 3")
        blind = [without_encoding({"PNG:Gamma": 1, "IFD0:Copy1:Orientation": 6, "IFD0:Orientation": 3}),
                 without_encoding({"PNG:BitDepth": 8, "System:FileName": ""})]
        self.report.result("metadata is noticed", list(map(bool, blind)) == [True, False], str(blind))


def hashable(tags):
    """Whether all values are plain."""
    return not any(isinstance(value, (list, dict)) for value in tags.values())


def main():
    """Runs everything."""
    if len(sys.argv) != 3:
        print("usage: roundtrip.py TOOL CORPUS", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        trips = Trips(sys.argv[1], sys.argv[2], folder)
        for check in (trips.can_say_no, trips.unchanged, trips.depths, trips.dither, trips.weights, trips.premultiplied,
                      trips.chain, trips.dropped, trips.grey_profile, trips.late, trips.twice, trips.orientation,
                      trips.pngsuite, trips.testimages, trips.inks, trips.metadata):
            check()
        report = trips.report
    print(f"round trips: {report.passed} passed, {report.failed} failed")
    return 0 if report.failed == 0 and report.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
