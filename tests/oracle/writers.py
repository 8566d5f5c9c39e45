"""Pictures as bytes: each format by hand, or by Pillow."""
import io
import struct
import zlib

import numpy as np
from PIL import Image

UNIT = {"u1": 255.0, "u2": 65535.0, "f4": 1.0}
HEIGHT, WIDTH = 37, 203


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


def npy(pixels):
    """The bytes of numpy.save of the planes."""
    out = io.BytesIO()
    np.save(out, pixels.transpose(2, 0, 1) if pixels.shape[2] > 1 else pixels[:, :, 0])
    return out.getvalue()


# ---- metadata -------------------------------------------------------------------------------------------------------------


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
