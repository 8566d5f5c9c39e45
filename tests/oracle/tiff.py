#!/usr/bin/python3
"""TIFF that other programs wrote, or that is made here, against the samples it was made of: tiff.py TOOL

Samples of 9 to 15 bits are seen by ImageMagick too. Needs python3-numpy, python3-pil, imagemagick, libtiff-tools.
"""
import itertools
import os
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np
from PIL import Image

from report import Report

NONE, DEFLATE = 1, 8
REVERSED = bytes(int(format(i, "08b")[::-1], 2) for i in range(256))


def packed(pixels, bits):
    """Rows [H,W,C] of samples of so many bits, the upper ones first; each row begins with a byte of its own."""
    rows = []
    for row in pixels.reshape(pixels.shape[0], -1):
        ones = (row[:, None] >> np.arange(bits - 1, -1, -1)) & 1
        rows.append(np.packbits(ones.astype(np.uint8)).tobytes())
    return b"".join(rows)


def tiff(pixels, bits, big, planar, reverse, compression):
    """A file of one strip, or one for each channel; a fourth channel is data."""
    height, width, channels = pixels.shape
    order = ">" if big else "<"
    strips = [pixels[:, :, c : c + 1] for c in range(channels)] if planar else [pixels]
    strips = [packed(strip, bits) for strip in strips]
    if compression == DEFLATE:
        strips = [zlib.compress(strip) for strip in strips]
    if reverse:
        strips = [strip.translate(REVERSED) for strip in strips]
    colours = 3 if channels >= 3 else 1
    numbers = {256: [width], 257: [height], 258: [bits] * channels, 259: [compression], 262: [2 if colours == 3 else 1],
               266: [2 if reverse else 1], 273: [0] * len(strips), 277: [channels], 278: [height],
               279: [len(strip) for strip in strips], 284: [2 if planar else 1], 338: [0] * (channels - colours)}
    numbers = {tag: values for tag, values in numbers.items() if values}
    at = 8 + 2 + 12 * len(numbers) + 4
    behind = at + sum(4 * len(values) for values in numbers.values() if len(values) > 1)
    numbers[273] = [behind + sum(map(len, strips[:i])) for i in range(len(strips))]
    entries, values_behind = b"", b""
    for tag, values in sorted(numbers.items()):
        data = struct.pack(f"{order}{len(values)}I", *values)
        place = data if len(values) == 1 else struct.pack(order + "I", at + len(values_behind))
        values_behind += b"" if len(values) == 1 else data
        entries += struct.pack(order + "HHI", tag, 4, len(values)) + place
    head = (b"MM\0*" if big else b"II*\0") + struct.pack(order + "IH", 8, len(numbers))
    return head + entries + struct.pack(order + "I", 0) + values_behind + b"".join(strips)


class Oracle:
    """The tool, and what came of it."""

    def __init__(self, tool, report):
        self.tool, self.report = tool, report

    def samples(self, name, source, target, want, *options):
        """The samples that the tool passes through, as the NPY file or the picture has them."""
        run = subprocess.run([self.tool, "-Q", *options, source, target], capture_output=True, text=True, check=False)
        if run.returncode:
            self.report.result(name, False, run.stderr.strip())
            return
        got = np.load(target) if target.endswith(".npy") else np.asarray(Image.open(target))
        self.report.result(name, got.shape == want.shape and np.array_equal(got, want), "other samples")

    def packed_bits(self):
        """9 to 15 bits: exactly value / most as floats, and as 16 bits what ImageMagick has."""
        rng = np.random.default_rng(12)
        for bits, big, planar, reverse, channels, compression in itertools.product(
                range(9, 16), (0, 1), (0, 1), (0, 1), (1, 2, 3, 4), (NONE, DEFLATE)):
            name = f"{bits} bits, big {big}, planar {planar}, reversed {reverse}, {channels} channels, {compression}"
            most = (1 << bits) - 1
            pixels = rng.integers(0, most + 1, (4, 7, channels))
            with open("in.tif", "wb") as f:
                f.write(tiff(pixels, bits, big, planar, reverse, compression))
            want = (pixels.transpose(2, 0, 1) / most).astype("f4")
            self.samples(name, "in.tif", "out.npy", want, "-c", "none")
            if channels % 2 == 0 or compression != NONE:
                continue
            kind = "gray" if channels == 1 else "rgb"
            other = subprocess.run(["convert", "in.tif", "-depth", "16", "-endian", "LSB", kind + ":-"], capture_output=True,
                                   check=True).stdout
            other = np.frombuffer(other, "<u2").reshape(4, 7, channels)
            subprocess.run([self.tool, "-Q", "-c", "none", "in.tif", "out.ppm"], check=False)
            data = open("out.ppm", "rb").read()
            got = np.frombuffer(data[-2 * other.size:], ">u2").reshape(other.shape)
            self.report.result(name + " in ImageMagick", np.array_equal(got, other), "other samples")

    def fax(self):
        """Bilevel pictures in all kinds of CCITT fax, both photometrics and fill orders, strips and tiles."""
        rng = np.random.default_rng(4)
        for width, height in (1, 1), (7, 5), (64, 9), (333, 200), (2600, 40):
            ink = rng.random((height, width)) < np.where(np.arange(height)[:, None] % 3, 0.04, 0.5)
            ink = np.logical_xor.accumulate(ink, axis=1)
            want = np.where(ink, 255, 0).astype(np.uint8)
            Image.fromarray(ink).save("black.tif", compression=None)
            subprocess.run(["convert", "black.tif", "-define", "quantum:polarity=min-is-white", "-compress", "none",
                            "white.tif"], check=True)
            segments = [], ["-r", "3"], ["-r", str(height)], ["-t", "-w", "32", "-l", "16"]
            for source, code, fill, segment in itertools.product(
                    ("black.tif", "white.tif"), ("g3:1d", "g3:2d", "g3:1d:fill", "g3:2d:fill", "g4"),
                    ("msb2lsb", "lsb2msb"), segments):
                name = f"{width} x {height}, {source}, {code}, {fill}, {' '.join(segment)}"
                subprocess.run(["tiffcp", "-c", code, "-f", fill, *segment, source, "in.tif"], check=True)
                self.samples(name, "in.tif", "out.pgm", want, "-c", "none")
            for code in "group3", "group4":
                Image.fromarray(ink).save("in.tif", compression=code)
                self.samples(f"{width} x {height}, {code} of Pillow", "in.tif", "out.pgm", want, "-c", "none")


def main():
    """Runs all, prints the totals; exit status 1 if something failed."""
    report = Report()
    oracle = Oracle(os.path.abspath(sys.argv[1]), report)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        oracle.packed_bits()
        oracle.fax()
        os.chdir("/")
    return report.total("tiff oracle")


if __name__ == "__main__":
    sys.exit(main())
