#!/usr/bin/env python3
"""Writes the small test pictures into this folder. The samples are made by hand, without a picture library."""
import os
import struct
import zlib

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def noise(seed):
    """A number in 0..65535 that looks random and is the same on every machine."""
    return zlib.crc32(b"%d" % seed) >> 16


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(row, depth):
    return struct.pack(">%dH" % len(row), *row) if depth == 16 else bytes(row)


def write(name, width, height, kind, pixel, depth=8, palette=None, interlaced=False, text=()):
    """pixel(x, y) is the tuple of samples there."""
    raw = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        for y in range(y0, height, dy) if x0 < width else ():
            row = [sample for x in range(x0, width, dx) for sample in pixel(x, y)]
            assert len(row) % CHANNELS[kind] == 0
            raw += b"\0" + pack(row, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        if palette:
            file.write(chunk(b"PLTE", b"".join(bytes(colour) for colour in palette)))
        for keyword, words in text:
            file.write(chunk(b"tEXt", keyword + b"\0" + words))
        file.write(chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def table(corners):
    """A profile of CMYK of version 2: L*a*b* at each corner, where an ink is full or there is none."""
    lab = b"".join(struct.pack(">3H", round(652.8 * light), round(256 * (a + 128)), round(256 * (b + 128))) for light, a, b in corners)
    matrix = struct.pack(">9I", *(0x10000 if i % 4 == 0 else 0 for i in range(9)))
    tag = (b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + struct.pack(">10H", 2, 2, *[0, 0xffff] * 4) + lab
           + struct.pack(">6H", *[0, 0xffff] * 3))
    head = struct.pack(">IIIIII", 144 + len(tag), 0, 0x02400000, 0x70727472, 0x434d594b, 0x4c616220) + bytes(12) + b"acsp" + bytes(28)
    return head + struct.pack(">III", 0xf6d6, 0x10000, 0xd32d) + bytes(48) + struct.pack(">I4sII", 1, b"A2B0", 144, len(tag)) + tag


def write_inks(name, width, height, pixel, profile):
    """An uncompressed TIFF of CMYK."""
    samples = b"".join(bytes(pixel(x, y)) for y in range(height) for x in range(width))
    behind = 8 + len(samples)
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 4, behind), (259, 3, 1, 1), (262, 3, 1, 5), (273, 4, 1, 8),
            (277, 3, 1, 4), (278, 4, 1, height), (279, 4, 1, len(samples)), (34675, 7, len(profile), behind + 8)]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "wb") as file:
        file.write(b"II*\0" + struct.pack("<I", behind + 8 + len(profile)) + samples + struct.pack("<4H", 8, 8, 8, 8) + profile
                   + struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4))


def ramp(x, y):
    """Three channels of different mean and deviation, with some noise."""
    n = noise(100 * y + x)
    return (30 + 8 * x + n % 16, 120 + 3 * y + n // 16 % 32, 200 - 5 * x + n // 512 % 16)


def wild(x, y):
    """The ramp; under the corner that cannot be seen any colour at all."""
    if x < 4 and y < 4:
        n = noise(7 + 100 * y + x)
        return (255 if n % 2 else 0, n % 256, 255 - n % 3, 0)
    return ramp(x, y) + (255 if x < 8 else 64 + 16 * y,)


write("grey8.png", 13, 11, GREY, lambda x, y: (ramp(x, y)[0],))
write("grey16.png", 13, 11, GREY, lambda x, y: (20000 + 1500 * x + noise(100 * y + x) // 16,), depth=16)
write("rgb8.png", 17, 13, RGB, ramp)
write("rgb16.png", 11, 7, RGB, lambda x, y: tuple(257 * v + noise(x + 9 * y) % 257 for v in ramp(x, y)), depth=16)
write("rgba8.png", 12, 10, RGBA, wild)
write("greya8.png", 9, 8, GREY_ALPHA, lambda x, y: wild(x, y)[1::2])
write("palette.png", 16, 16, PALETTE, lambda x, y: (noise(16 * y + x) % 5,),
      palette=[(10, 20, 30), (200, 40, 90), (90, 160, 60), (240, 230, 220), (128, 128, 128)])
write("one.png", 1, 1, RGB, lambda x, y: (10, 128, 250))
write("row.png", 9, 1, RGB, ramp)
write("column.png", 1, 9, RGB, ramp)
write("constant.png", 8, 8, RGB, lambda x, y: (77,) + ramp(x, y)[1:])
write("text.png", 3, 2, RGB, ramp, text=[(b"Title", b"Three by two"), (b"Comment", b"made by hand")])
write("transparent.png", 6, 5, RGBA, lambda x, y: ramp(x, y) + (0,))
write("interlaced.png", 301, 203, RGB, lambda x, y: (30 + x // 2, 40 + x // 3 + 20 * (y // 64), 10 + x // 4),
      interlaced=True)
write_inks("inks.tif", 14, 10, lambda x, y: ramp(x, y) + (5 * y,),
           table([(0, 0, 0) if i & 1 else (100 - 4 * i, 5 * (i & 4) - 3 * (i & 8), 30 * (i & 2) - 3 * (i & 8)) for i in range(16)]))
