#!/usr/bin/python3
"""Every prefix of small files of each format: prefixes.py TOOL

A file that is cut anywhere before the last byte that its decoder needs is refused with a message, and leaves no output;
from there on every prefix gives the same picture. What differs is printed, then the totals. Needs imagemagick for the
interlaced PNG and the progressive JPEG.
"""
import os
import re
import subprocess
import sys
import tempfile

# What may be cut off without loss: the padding of BMP's last row, of a chunk of WebP, the end of the last line.
SPARE = {"bmp": 3, "webp": 1, "pnm": 1}
BYTES_MAX = 1500

# name, picture, options of the tool
MADE = [
    ("grey+alpha.png", "greya8.png", ()),
    ("stored.png", "row.png", ("-z", "0")),
    ("grey.jpeg", "grey8.png", ("-q", "30")),
    ("alpha.webp", "rgba8.png", ("-q", "100")),
    ("lossy.webp", "rgb8.png", ("-q", "20")),
    ("lossy-alpha.webp", "greya8.png", ("-q", "20")),
    ("rgb.bmp", "row.png", ()),
    ("grey16.pnm", "grey16.png", ()),
    ("rgb.pnm", "row.png", ()),
    ("alpha.pnm", "greya8.png", ()),
    ("rgb.pfm", "row.png", ("--depth", "float")),
    ("grey.pfm", "column.png", ("--depth", "float")),
    ("bytes.npy", "greya8.png", ("--depth", "8")),
    ("floats.npy", "column.png", ()),
    ("grey.tiff", "greya8.png", ()),
    ("rgb16.tiff", "row.png", ("--depth", "16")),
]
CONVERTED = [
    ("interlaced.png", "greya8.png", ("-interlace", "PNG", "-strip")),
    ("palette.png", "palette.png", ("-crop", "9x5+0+0", "+repage", "-strip")),
    ("progressive.jpeg", "row.png", ("-interlace", "JPEG", "-quality", "30", "-strip")),
]
WRITTEN = [
    ("bits.pnm", b"P1\n# plain\n5 3\n01101 1 0 0 1 0\n10101\n"),
    ("packed.pnm", b"P4\n12 3\n\xa5\xf0\x5a\x10\x33\xe0"),
    ("plain-grey.pnm", b"P2 4 3 1000\n0 1000 17 230\n5 99 700 1\n12 13 14 15\n"),
    ("plain-rgb.pnm", b"P3\n2 2\n#\n255\n1 2 3  40 50 60\n255 0 128  7 77 17\n"),
]


class Prefixes:
    """The tool, a folder, the counts."""

    def __init__(self, tool, folder):
        self.tool, self.folder = os.path.abspath(tool), folder
        self.pictures = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pictures")
        self.files = self.runs = self.failed = 0
        self.formats = set(re.findall(r"^  (\w+)", self.run("--version").stdout.decode(), re.MULTILINE))

    def path(self, *names):
        """A file in the folder."""
        return os.path.join(self.folder, *names)

    def run(self, *arguments):
        """Runs the tool there."""
        return subprocess.run([self.tool, *arguments], check=False, cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def complain(self, name, what):
        """Counts and prints a failure."""
        self.failed += 1
        print(f"FAILED {name}: {what}")

    def made(self):
        """(name, bytes) of the files whose formats are in."""
        for name, picture, options in MADE:
            if name.rsplit(".", 1)[1] in self.formats:
                done = self.run(*options, os.path.join(self.pictures, picture), name)
                if done.returncode != 0:
                    raise SystemExit(f"{name} cannot be made: {done.stderr.decode()}")
                yield name
        for name, picture, options in CONVERTED:
            if name.rsplit(".", 1)[1] in self.formats:
                subprocess.run(["convert", os.path.join(self.pictures, picture), *options, self.path(name)], check=True)
                yield name
        for name, data in WRITTEN:
            with open(self.path(name), "wb") as f:
                f.write(data)
            yield name

    def cut(self, name):
        """All prefixes as files, by their lengths."""
        stem, extension = name.rsplit(".", 1)
        with open(self.path(name), "rb") as f:
            data = f.read()
        if len(data) > BYTES_MAX:
            raise SystemExit(f"{name} is of {len(data)} bytes: make it smaller")
        os.mkdir(self.path(stem + "-" + extension))
        names = []
        for n in range(len(data) + 1):
            names.append(f"{stem}-{extension}/{n:04}.{extension}")
            with open(self.path(names[-1]), "wb") as f:
                f.write(data[:n])
        return names

    def outputs(self, name, names, options):
        """What became of each prefix: its output, or None if it was refused as it should."""
        folder = "out-" + name.replace(".", "-") + "".join(options)
        done = self.run(*options, "-o", folder + "/", *names)
        self.runs += len(names)
        refused = re.findall(r"^instnorm-cli: '(.*?)': .+$", done.stderr.decode(), re.MULTILINE)
        left = sorted(os.listdir(self.path(folder)))
        if done.returncode != 1:
            self.complain(name, f"exit status {done.returncode}")
        if len(set(refused)) != len(refused):
            self.complain(name, "more than one message for a file")
        if sorted(refused + [name for name in names if os.path.basename(name) in left]) != names:
            self.complain(name, "each prefix must have either a message or an output")
        if set(left) - set(map(os.path.basename, names)):
            self.complain(name, "left something else behind")
        return [read(self.path(folder, os.path.basename(one))) if os.path.basename(one) in left else None for one in names]

    def check(self, name):
        """Refused up to a byte, and the same from there on; the file itself is accepted."""
        names = self.cut(name)
        extension = name.rsplit(".", 1)[1]
        self.files += 1
        for options in (), ("--mean", "0.5", "--std", "0.25", "-g", "0.25"):
            found = self.outputs(name, names, options)
            accepted = [n for n, output in enumerate(found) if output is not None]
            if not accepted or accepted[-1] != len(found) - 1:
                self.complain(name, "the whole file is refused")
                continue
            first = accepted[0]
            if accepted != list(range(first, len(found))):
                self.complain(name, f"accepted are {accepted[:8]}..., of {len(found) - 1} bytes")
            if first < len(found) - 1 - SPARE.get(extension, 0):
                self.complain(name, f"accepted from {first} of {len(found) - 1} bytes on")
            if any(found[n] != found[-1] for n in accepted):
                self.complain(name, "prefixes give other pictures")


def read(path):
    """The bytes of a file."""
    with open(path, "rb") as f:
        return f.read()


def main():
    """Runs everything."""
    if len(sys.argv) != 2:
        print("usage: prefixes.py TOOL", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        prefixes = Prefixes(sys.argv[1], folder)
        for name in prefixes.made():
            prefixes.check(name)
    print(f"prefixes: {prefixes.runs} of {prefixes.files} files, {prefixes.failed} failed")
    return 0 if prefixes.failed == 0 and prefixes.files > 10 else 1


if __name__ == "__main__":
    sys.exit(main())
