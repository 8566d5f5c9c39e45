"""Writers of small files in every format, by hand and without a picture library. Samples are integers, row by row, pixel
by pixel, unless a function says otherwise."""
import struct
import zlib


def save(path, *parts):
    with open(path, "wb") as file:
        file.write(b"".join(parts))


def pack(samples, width, bits, order):
    """Rows of `width` samples; those of fewer than 8 bits share bytes, and each row begins a byte."""
    if bits in (8, 16):
        return struct.pack("%s%d%s" % (order, len(samples), "B" if bits == 8 else "H"), *samples)
    data = bytearray()
    for start in range(0, len(samples), width):
        row = "".join(format(sample, "0%db" % bits) for sample in samples[start:start + width])
        row += "0" * (-len(row) % 8)
        data += int(row, 2).to_bytes(len(row) // 8, "big")
    return bytes(data)


# ---- PNG ---------------------------------------------------------------------------------------------------------------

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(path, size, kind, bits, samples, before=(), after=()):
    """kind: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. before, after: (name, data) of chunks around the samples."""
    width, height = size
    row = pack(samples, len(samples) // height, bits, ">")
    step = len(row) // height
    raw = b"".join(b"\0" + row[i:i + step] for i in range(0, len(row), step))
    save(path, b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)),
         *(chunk(*c) for c in before), chunk(b"IDAT", zlib.compress(raw, 6)), *(chunk(*c) for c in after), chunk(b"IEND", b""))


# ---- metadata ----------------------------------------------------------------------------------------------------------

def exif(orientation):
    """EXIF data with an orientation, a description and a thumbnail's pointer, without "Exif" before it."""
    tags = [(0x10e, 2, 4, b"abc\0"), (0x112, 3, 1, struct.pack(">HH", orientation, 0)), (0x11a, 5, 1, struct.pack(">I", 50))]
    entries = b"".join(struct.pack(">HHI", *tag[:3]) + tag[3] for tag in tags)
    return b"MM\0*" + struct.pack(">IH", 8, len(tags)) + entries + struct.pack(">I", 0) + struct.pack(">II", 300, 1)


def icc():
    """A display profile of version 2: wide primaries and a gamma of 1.8."""
    def xyz(*values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * v) for v in values))
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(256 * 1.8), 0)
    tags = [(b"wtpt", xyz(0.9642, 1, 0.8249)), (b"rXYZ", xyz(0.7977, 0.2880, 0)), (b"gXYZ", xyz(0.1352, 0.7119, 0)),
            (b"bXYZ", xyz(0.0313, 0.0001, 0.8249)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + bytes(12) + b"acsp"
    head += bytes(28) + struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


XMP = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
       b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>')


def png_metadata(orientation=1):
    """The chunks before the samples and those behind them."""
    return ([(b"iCCP", b"wide\0\0" + zlib.compress(icc())), (b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
             (b"eXIf", exif(orientation)), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)], [(b"tEXt", b"Comment\0plain")])


def jpeg_with(path, jpeg, segments):
    """A JPEG file with more application segments, (marker, data), at its front."""
    save(path, jpeg[:2], *(b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data for marker, data in segments),
         jpeg[2:])


# ---- TIFF --------------------------------------------------------------------------------------------------------------

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 16: 8}


def split(data, step):
    return [data[i:i + step] for i in range(0, len(data), step)]


def tiles_of(data, size, edge, pixel):
    """The bytes of each tile of `edge` pixels a side, filled up with zeros; a pixel has `pixel` bytes."""
    width, height = size
    for top in range(0, height, edge):
        for left in range(0, width, edge):
            rows = [data[(y * width + left) * pixel:(y * width + min(left + edge, width)) * pixel]
                    for y in range(top, min(top + edge, height))]
            yield b"".join(row.ljust(edge * pixel, b"\0") for row in rows).ljust(edge * edge * pixel, b"\0")


class Page:
    """A page of a TIFF: `data` are its samples as bytes, already in the byte order of the file."""

    def __init__(self, size, channels, bits, data, photometric=None, extra=(), form=1, planar=1, compression=1, rows=None,
                 tile=0, tags=()):
        self.tags = [(254, 4, [0]), (256, 4, [size[0]]), (257, 4, [size[1]]), (258, 3, [bits] * channels),
                     (259, 3, [compression]), (262, 3, [photometric if photometric is not None else 1 if channels < 3 else 2]),
                     (277, 3, [channels]), (284, 3, [planar]), (339, 3, [form] * channels)]
        if extra:
            self.tags.append((338, 3, list(extra)))
        if tile:
            self.parts = list(tiles_of(data, size, tile, channels * bits // 8))
            self.tags += [(322, 4, [tile]), (323, 4, [tile])]
            self.place, self.length = 324, 325
        else:
            rows = rows or size[1]
            planes = split(data, len(data) // channels) if planar == 2 else [data]
            self.parts = [part for plane in planes for part in split(plane, len(plane) // size[1] * rows)]
            self.tags.append((278, 4, [rows]))
            self.place, self.length = 273, 279
        if compression == 8:
            self.parts = [zlib.compress(part) for part in self.parts]
        if compression == 32773:
            self.parts = [b"".join(bytes([len(run) - 1]) + run for run in split(part, 100)) for part in self.parts]
        own = [tag[0] for tag in tags]
        self.tags = [tag for tag in self.tags if tag[0] not in own] + list(tags)


def tiff(path, pages, order="<", big=False):
    """Pages one after another, each with its samples before its directory."""
    word, inline, count = ("Q", 8, "Q") if big else ("I", 4, "H")
    head = {"<": b"II", ">": b"MM"}[order] + (struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42))
    data = bytearray(head + bytes(inline))
    link = len(head)
    for page in pages:
        places = []
        for part in page.parts:
            data += bytes(len(data) % 2)
            places.append(len(data))
            data += part
        tags = page.tags + [(page.place, 4, places), (page.length, 4, [len(part) for part in page.parts])]
        entries = b""
        for tag, kind, values in sorted(tags):
            value = values if isinstance(values, bytes) else b"".join(struct.pack(order + {1: "B", 3: "H", 4: "I", 16: "Q",
                                                                                           5: "II"}[kind],
                                                                                  *(v if kind == 5 else [v])) for v in values)
            if len(value) > inline:
                data += bytes(len(data) % 2)
                at = len(data)
                data += value
                entry = struct.pack(order + word, at)
            else:
                entry = value.ljust(inline, b"\0")
            entries += struct.pack(order + "HH" + word, tag, kind, len(value) // SIZES[kind]) + entry
        data += bytes(len(data) % 2)
        struct.pack_into(order + word, data, link, len(data))
        data += struct.pack(order + count, len(tags)) + entries
        link = len(data)
        data += bytes(inline)
    save(path, bytes(data))


# ---- the rest ----------------------------------------------------------------------------------------------------------

def bmp(path, size, bits, rows, palette=()):
    """rows: the bytes of each row from the top, without padding."""
    table = b"".join(bytes(colour) + b"\0" for colour in palette)
    pixels = b"".join(row + bytes(-len(row) % 4) for row in reversed(rows))
    at = 54 + len(table)
    save(path, struct.pack("<2sIHHI", b"BM", at + len(pixels), 0, 0, at),
         struct.pack("<IiiHHIIiiII", 40, *size, 1, bits, 0, len(pixels), 2835, 2835, len(palette), 0), table, pixels)


def pnm(path, kind, size, maximum, samples, channels=3):
    """kind: P1 to P7. PBM has no maximum."""
    width, height = size
    if kind == "P7":
        head = "P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nENDHDR\n" % (width, height, channels, maximum)
    else:
        head = "%s\n# a comment\n%d %d\n" % (kind, width, height) + ("" if kind in ("P1", "P4") else "%d\n" % maximum)
    if kind in ("P1", "P2", "P3"):
        body = "\n".join(" ".join(map(str, row)) for row in split(samples, 12)).encode() + b"\n"
    elif kind == "P4":
        body = pack(samples, width, 1, ">")
    else:
        body = pack(samples, width, 8 if maximum < 256 else 16, ">")
    save(path, head.encode(), body)


def pfm(path, size, channels, values, order="<"):
    """values are floats, from the top row down."""
    rows = split(values, size[0] * channels)
    head = "%s\n%d %d\n%s\n" % ("PF" if channels == 3 else "Pf", *size, "-1.0" if order == "<" else "1.0")
    save(path, head.encode(), *(struct.pack("%s%df" % (order, len(row)), *row) for row in reversed(rows)))


def npy(path, shape, kind, values, fortran=False):
    """kind: as NumPy writes it, such as <f4; values in the order of the file."""
    head = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }" % (kind, fortran, "".join("%d, " % n for n in shape))
    head += " " * (-(len(head) + 11) % 64) + "\n"
    letter = {"f2": "e", "f4": "f", "f8": "d", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
              "b1": "?"}[kind[1:]]
    save(path, b"\x93NUMPY\x01\0", struct.pack("<H", len(head)), head.encode(),
         struct.pack("%s%d%s" % (kind[0].replace("|", "<"), len(values), letter), *values))
