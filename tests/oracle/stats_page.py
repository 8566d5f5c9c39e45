#!/usr/bin/python3
"""What man/instnorm-stats.5 says, against the files that are written: stats_page.py TOOL CORPUS

The programs of the page are run as they stand there: one pools files in fractions, and its numbers are those of the file
that the tool pools, bit for bit; the other makes the digest of names. The file of the page is that of its picture.
What differs is printed, then the totals. Needs python3-numpy.
"""
import json
import os
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np

from report import Report, main

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/instnorm-stats.5")


def blocks():
    """The literal texts of the page."""
    with open(PAGE, encoding="utf-8") as page:
        found = re.findall(r"^\.Bd -literal.*\n((?:[^.].*\n|\n)*)\.Ed$", page.read(), re.M)
    return [block.replace("\\e", "\\").replace("\\-", "-") for block in found]


class Oracle:
    """The page's programs and the tool, in a folder."""

    def __init__(self, tool, folder):
        self.tool, self.folder, self.report = os.path.abspath(tool), folder, Report()
        self.program = next(b for b in blocks() if b.startswith("import json, sys"))
        self.digest = next(b for b in blocks() if b.startswith("import os"))
        self.example = next(b for b in blocks() if b.startswith("{"))
        with open(self.path("pool.py"), "w", encoding="utf-8") as file:
            file.write(self.program)

    def path(self, name):
        """In the folder."""
        return os.path.join(self.folder, name)

    def load(self, name):
        """A statistics file."""
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file)

    def total(self, name, *arguments):
        """The statistics file of these inputs."""
        subprocess.run([self.tool, "-Q", "--force", "--total", "--save-stats", name, *arguments], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL)
        return self.load(name)

    def pooled_by_page(self, *names):
        """The lines that the page's program prints, as numbers."""
        done = subprocess.run([sys.executable, "pool.py", *names], cwd=self.folder, check=True, capture_output=True, text=True)
        return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]

    def pooled_by_tool(self, file):
        """The same lines, of a file."""
        lines = [[c, of["mean"], of["variance"]] for c, of in enumerate(file["channels"])]
        matrix = file.get("covariance", [])
        return lines + [[x, y, matrix[x][y]] for y in range(len(matrix)) for x in range(y)]

    def own_means(self, file):
        """mean_of_means and mean_of_stds, by the formula of the page."""
        scope = {}
        exec(self.program.partition("files =")[0], scope)  # pylint: disable=exec-used
        for c, channel in enumerate(file["channels"]):
            for key, of in ("means", "mean_of_means"), ("stds", "mean_of_stds"):
                total = sum(scope["exact"](unit["channels"][c][key]) / Fraction(unit["unit"]) for unit in file["sums"])
                self.report.result(f"{of} of {c}", float(total / channel["means_of"]) == channel[of], f"{channel}")

    def names(self, file, pictures):
        """The digest, by the page's function."""
        scope = {}
        exec(self.digest, scope)  # pylint: disable=exec-used
        self.report.result("names", scope["names"](pictures) == file["names"], f"{file['names']} of {pictures}")

    def inputs(self, rng):
        """Pictures and tensors of all kinds, by names."""
        for c in 1, 2, 3, 4:
            base = rng.random((c, 23, 37)) * rng.random((c, 1, 1)) + rng.random((c, 1, 1))
            np.save(self.path(f"f4-{c}.npy"), base.astype("f4"))
            np.save(self.path(f"f8-{c}.npy"), base * 1e-3 - 7)
            np.save(self.path(f"i2-{c}.npy"), (base * 9000 - 9000).astype("i2"))
            np.save(self.path(f"n-{c}.npy"), rng.integers(0, 255, (5, c, 9, 11), dtype="u1"))
        for name, most in ("a", 255), ("b", 65535), ("c", 255):
            x = rng.integers(0, most, (19, 31, 3), dtype="u2", endpoint=True)
            with open(self.path(f"{name}.ppm"), "wb") as file:
                file.write(b"P6 31 19 %d\n" % most + x.astype("u1" if most == 255 else ">u2").tobytes())
        with open(self.path("soft.pgm"), "wb") as file:
            file.write(b"P5 31 19 255\n" + rng.integers(0, 255, (19, 31), dtype="u1").tobytes())

    def case(self, name, parts, options=()):
        """Each list of inputs is a part: pooled by the page, by the tool, and measured at once."""
        files = [f"part{i}.json" for i in range(len(parts))]
        for file, part in zip(files, parts):
            self.total(file, *options, *part)
        pool = self.total("all.json", *[o for o in options if not o.startswith("--mask")], *files)
        whole = self.total("whole.json", *options, *[i for part in parts for i in part])
        by_page, by_tool = self.pooled_by_page(*files), self.pooled_by_tool(whole)
        self.report.result(f"{name}: pooled by the page", by_page == by_tool, f"{by_page}\n{by_tool}")
        self.report.result(f"{name}: pooled by the tool", pool == whole, "")
        self.own_means(whole)
        wrong = [[x * (1 + 2**-52) for x in line] for line in by_page]
        self.report.result(f"{name}: a last digit is noticed", wrong != by_tool)

    def example_file(self):
        """The file of the page."""
        with open(self.path("grey.pgm"), "w", encoding="ascii") as file:
            file.write("P2 2 2 255\n10 20\n30 60\n")
        self.total("grey.json", "grey.pgm")
        with open(self.path("grey.json"), encoding="utf-8") as file:
            text = file.read()
        self.report.result("the file of the page", text == self.example, text)


def run(tool, _, folder):
    """All checks."""
    oracle = Oracle(tool, folder)
    oracle.inputs(np.random.default_rng(14))
    for c in 1, 2, 3, 4:
        oracle.case(f"tensors of {c}", [[f"f4-{c}.npy", f"n-{c}.npy"], [f"i2-{c}.npy"], [f"f8-{c}.npy"]])
    for space in "rgb", "linear", "lab":
        oracle.case(space, [["a.ppm", "f4-3.npy"], ["b.ppm"], ["c.ppm", "i2-3.npy"]], ["-S", space])
    oracle.case("a soft mask", [["a.ppm"], ["b.ppm", "c.ppm"]], ["--mask=soft.pgm"])
    oracle.case("a hard mask", [["a.ppm"], ["b.ppm", "c.ppm"]], ["--mask=above:0.5"])
    oracle.names(oracle.total("names.json", "a.ppm", "./b.ppm", "n-3.npy"),
                 [("a.ppm", 0), ("./b.ppm", 0), *(("n-3.npy", i) for i in range(5))])
    os.makedirs(oracle.path("tree/deep"))
    os.link(oracle.path("a.ppm"), oracle.path("tree/deep/ä b.ppm"))
    oracle.names(oracle.total("names.json", "-r", "tree"), [("deep/ä b.ppm", 0)])
    oracle.example_file()
    return oracle.report.total("statistics page oracle")


if __name__ == "__main__":
    sys.exit(main("stats_page.py", run))
