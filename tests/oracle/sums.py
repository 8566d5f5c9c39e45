#!/usr/bin/python3
"""Statistics that add up, against exact rational arithmetic: sums.py TOOL CORPUS

Integers: mean, variance, deviation and covariance against the data. Floats: a pool of pictures against the exact pool of the
moments that each has when measured alone; what a picture alone is off, beside the bound of instnorm.h. Any split of a set
into parts is the same file; tiles are the picture. What differs is printed, then a table of the worst figures and the totals.
SANITIZED=1 takes fewer pictures. Needs python3-numpy, python3-pil.
"""
import itertools
import json
import math
import os
import random
import sys
from fractions import Fraction

import numpy as np

import report
import support as st

INTEGERS = "uint8", "int8", "uint16", "int16", "int32", "uint32"
FLOATS = "float32", "float64"
# What the number of pictures and their names are in: tiles have others than the picture
OF_PICTURES = {"pictures", "names", "mean_of_means", "mean_of_stds", "means_of", "means", "stds"}
PARTS = 1, 2, 5, 24


def ulps(got, exact):
    """The error of a double, in steps of doubles at the exact number."""
    return float(abs(Fraction(got) - exact) / Fraction(math.ulp(float(exact)))) if math.isfinite(got) else math.inf


def root(x):
    """The square root of a fraction, to 2^-600 and more digits than those of double."""
    return Fraction(math.isqrt(x.numerator * x.denominator << 1200), x.denominator << 600)


def dyadic(text):
    """The number of a text of the file."""
    digits, _, exponent = text.partition("p")
    return Fraction(int(digits, 16 if "0x" in digits else 10)) * Fraction(2) ** int(exponent or 0)


class Pool:
    """Exact sums of one channel, or of two."""

    def __init__(self):
        self.n = self.x = self.y = self.xy = Fraction(0)

    def add(self, n, x, y, xy):
        """Weight, sums, and the sum of products."""
        self.n, self.x, self.y, self.xy = self.n + n, self.x + x, self.y + y, self.xy + xy

    def add_samples(self, x, y):
        """Each with weight 1; y may be x."""
        a, b = [Fraction(v) for v in x.ravel().tolist()], [Fraction(v) for v in y.ravel().tolist()]
        self.add(len(a), sum(a), sum(b), sum(p * q for p, q in zip(a, b)))

    def mean(self):
        """Of x."""
        return self.x / self.n

    def covariance(self):
        """The variance if y is x."""
        return self.xy / self.n - self.x * self.y / self.n**2


def name_digest(names):
    """FNV-1a of 128 bits of each (name, index), added up."""
    total = 0
    for name, index in names:
        value = 0x6C62272E07BB014262B821756295C58D
        for byte in name.encode() + b"\0" + index.to_bytes(8, "little"):
            value = (value ^ byte) * (2**88 + 0x13B) % 2**128
        total += value
    return f"{total % 2**128:032x}"


def without_pictures(told):
    """What does not depend on how samples are split into pictures."""
    if isinstance(told, dict):
        return {key: without_pictures(value) for key, value in told.items() if key not in OF_PICTURES}
    return [without_pictures(value) for value in told] if isinstance(told, list) else told


class Sums(st.Oracle):
    """The checks."""

    def tensor(self, name, x):
        """A tensor as a file: its path."""
        np.save(self.path(name), x)
        return self.path(name)

    def file(self, *arguments):
        """What a statistics file of the arguments has."""
        return st.read_json(self.saved("statistics.json", "--total", *arguments))

    def numbers(self, line, name, told, pools):
        """The file's numbers against pools of the channels (a, b), a <= b."""
        for (a, b), pool in pools.items():
            self.report.within(line + ": covariance" * (a != b), f"{name}, {a} {b}",
                               ulps(told["covariance"][a][b], pool.covariance()), 1)
            if a == b:
                channel = told["channels"][a]
                self.report.within(line, f"{name}, mean", ulps(channel["mean"], pool.mean()), 1)
                self.report.within(line, f"{name}, variance", ulps(channel["variance"], pool.covariance()), 1)
                self.report.within(line, f"{name}, std", ulps(channel["std"], root(pool.covariance())), 1)

    # ---- integers ---------------------------------------------------------------------------------------------------

    def integer_sets(self, name, rng):
        """Tensors [3,H,W] of a type: its whole range, its upper end, a step around a value, its ends alone."""
        info = np.iinfo(name)
        for low, high in (info.min, info.max), (info.max - 40, info.max), (info.max // 3, info.max // 3 + 1):
            yield rng.integers(low, high, (3, int(rng.integers(5, 40)), int(rng.integers(5, 90))), name, endpoint=True)
        yield np.where(rng.random((3, 9, 31)) < 0.1, info.min, info.max).astype(name)

    def sums_of_file(self, name, told, pools):
        """The exact sums in the file are those of the data."""
        unit, = told["sums"]
        for (a, b), pool in pools.items():
            if a == b:
                member = unit["channels"][a]
                got = [member[key] for key in ("weight", "sum", "squares")]
                want = pool.n, pool.x, pool.xy
            else:
                member = unit["pairs"][b * (b - 1) // 2 + a]
                got = [member[key] for key in ("weight", "sum_x", "sum_y", "products")]
                want = pool.n, pool.x, pool.y, pool.xy
            self.report.result(f"sums of {name}, {a} {b}", got == [str(int(v)) for v in want], f"{got}, not {want}")

    def integers(self):
        """Tensors of integers: one by one, and pooled."""
        for name in INTEGERS:
            rng = np.random.default_rng(len(name))
            every, paths = {key: Pool() for key in itertools.combinations_with_replacement(range(3), 2)}, []
            for i, x in enumerate(self.integer_sets(name, rng)):
                one = {key: Pool() for key in every}
                for (a, b) in every:
                    one[a, b].add_samples(x[a], x[b])
                    every[a, b].add_samples(x[a], x[b])
                paths.append(self.tensor(f"{name}{i}.npy", x))
                told = self.file(paths[-1])
                self.numbers("integers, ulp of the data's", f"{name} {i}", told, one)
                self.sums_of_file(f"{name} {i}", told, one)
                self.numbers("integers, ulp of the data's: --json", f"{name} {i}", self.stats("rgb", paths[-1])[0], one)
            told = self.file(*paths)
            self.numbers("integers of several pictures, ulp", name, told, every)
            self.sums_of_file(name, told, every)

    # ---- floats -----------------------------------------------------------------------------------------------------

    def alone(self, name, x, told):
        """What the block rule loses of one picture, beside what instnorm.h says that it may."""
        blocks = math.ceil(x.shape[1] / max(1, 4096 // x.shape[2])) if x.shape[2] <= 4096 else None
        for c in range(3):
            pool = Pool()
            pool.add_samples(x[c], x[c])
            deviation = float(root(pool.covariance()))
            e = (2.0**-43 + blocks * 2.0**-51) * float(np.abs(x[c].astype("f8")).max())
            ratio = e / deviation
            bound = 2.0**-43 + blocks * 2.0**-50 + 4 * ratio + 5 * ratio * ratio
            got = told["channels"][c]
            self.report.within("floats, one picture: mean, in deviations", name,
                               float(Fraction(got["mean"]) - pool.mean()) / deviation, ratio)
            self.report.within("floats, one picture: variance, relative", name,
                               float(Fraction(got["variance"]) / pool.covariance() - 1), bound)
            for b in range(c):
                pair = Pool()
                pair.add_samples(x[b], x[c])
                other = told["channels"][b]["std"]
                self.report.within("floats, one picture: covariance, in deviations", name,
                                   float(Fraction(told["covariance"][b][c]) - pair.covariance()) / deviation / other,
                                   2 * bound)

    def floats(self):
        """Means of a million deviations. Weights are powers of 2, so that a file of one picture has its moments exactly."""
        shapes = (64, 64), (32, 64), (1, 8192), (128, 256), (512, 2), (1, 1), (64, 256)
        for name in FLOATS:
            rng = np.random.default_rng(3)
            pools = {key: Pool() for key in itertools.combinations_with_replacement(range(3), 2)}
            means, paths = [[], [], []], []
            for i, (height, width) in enumerate(shapes):
                x = (rng.normal(0, 1, (3, height, width)) + 1e6 * np.array([1, -1, 0.3])[:, None, None]
                     + rng.normal(0, 3, (3, 1, 1))).astype(name)
                paths.append(self.tensor(f"{name}{i}.npy", x))
                told = self.file(paths[-1])
                if width <= 4096 and height * width > 1:
                    self.alone(f"{name} {height} x {width}", x, told)
                for (a, b), pool in pools.items():
                    self.add_alone(pool, told, a, b, height * width)
                for c, of in enumerate(means):
                    of.append((Fraction(told["channels"][c]["mean"]), Fraction(told["channels"][c]["std"])))
            told = self.file(*paths)
            self.numbers("floats, mean 1e6 deviations: ulp of the exact pool", name, told, pools)
            for c, of in enumerate(means):
                for k, key in enumerate(("mean_of_means", "mean_of_stds")):
                    self.report.within("means of the pictures' own, ulp", f"{name}, {key}",
                                       ulps(told["channels"][c][key], sum(v[k] for v in of) / len(of)), 1)

    @staticmethod
    def add_alone(pool, told, a, b, n):
        """The moments of one picture, as its file has them; for two channels their means are those of their sums."""
        if a == b:
            mean, square = Fraction(told["channels"][a]["mean"]), Fraction(told["channels"][a]["variance"])
            pool.add(n, n * mean, n * mean, n * (square + mean * mean))
            return
        pair = told["sums"][0]["pairs"][b * (b - 1) // 2 + a]
        x, y = dyadic(pair["sum_x"]), dyadic(pair["sum_y"])
        pool.add(n, x, y, n * Fraction(told["covariance"][a][b]) + x * y / n)

    # ---- splits -----------------------------------------------------------------------------------------------------

    def split(self, line, paths, *options):
        """All parts, orders and numbers of workers give the same bytes."""
        want = self.read("--total", *options, *paths)
        shuffle = random.Random(14)
        for n in PARTS:
            for order in paths, paths[::-1], shuffle.sample(paths, len(paths)):
                for workers in "1", "8":
                    parts = []
                    for k in range(min(n, len(paths))):
                        parts.append(self.path(f"part{k}.json"))
                        self.run("--total", "-j", workers, *options, "--save-stats", parts[-1], *order[k::n])
                    same = self.read("--total", "-j", workers, *options, *shuffle.sample(parts, len(parts))) == want
                    self.report.result(f"{line}: {n} parts, -j {workers}", same, "another file")
        self.report.result(f"{line}: fewer pictures are noticed", self.read("--total", *options, *paths[1:]) != want)

    def read(self, *arguments):
        """The bytes of a statistics file."""
        with open(self.saved("all.json", *arguments), "rb") as f:
            return f.read()

    def splits(self):
        """The Kodak pictures, and float tensors of several sizes."""
        pictures = self.pictures
        for space in "rgb", "lab":
            self.split(space, pictures, "-S", space)
        rng = np.random.default_rng(5)
        self.split("float tensors", [self.tensor(f"f{i}.npy", rng.normal(10.0 ** (i % 7 - 3), 1, (3, 40 + i, 90)).astype("f4"))
                                     for i in range(24)])
        names = [os.path.relpath(path, self.folder) for path in pictures]
        self.report.result("digest of names", st.read_json(self.saved("all.json", "--total", *pictures))["names"]
                           == name_digest([(path, 0) for path in pictures]) and names != pictures)
        stack = self.tensor("stack.npy", rng.normal(0, 1, (3, 3, 9, 9)).astype("f4"))
        self.report.result("digest of a stack", self.file(stack)["names"] == name_digest([(stack, i) for i in range(3)]))

    # ---- tiles ------------------------------------------------------------------------------------------------------

    def cut(self, pixels, high, wide):
        """Tiles of a picture, row by row: their paths."""
        return [self.save(f"tile{top}-{left}.png", np.ascontiguousarray(pixels[top:top + high, left:left + wide]))
                for top in range(0, pixels.shape[0], high) for left in range(0, pixels.shape[1], wide)]

    def tiles(self):
        """Tiles of 100 x 100 have the numbers of the picture, under a hard mask too."""
        for i in range(0, len(self.pixels), 5):
            whole, paths = self.save("whole.png", self.pixels[i]), self.cut(self.pixels[i], 100, 100)
            for options in (), ("--mask", "below:0.5"):
                got, want = (json.dumps(without_pictures(self.file(*options, *of))) for of in (paths, [whole]))
                self.report.result(f"tiles of {i} {options}", got == want and '"sums"' in got, "other numbers")

    def slide(self):
        """256 tiles of a slide, half of them glass."""
        tissue = np.asarray(st.Image.open(os.path.join(os.path.dirname(__file__), "../../samples/pictures/tissue.png")))
        size = min(tissue.shape[0], tissue.shape[1]) // 16
        slide = tissue[:16 * size, :16 * size, :3].copy()
        rng = np.random.default_rng(2)
        for tile in rng.permutation(256)[:128]:
            top, left = tile // 16 * size, tile % 16 * size
            slide[top:top + size, left:left + size] = rng.integers(237, 250, (size, size, 3))
        whole, paths = self.save("slide.png", slide), self.cut(slide, size, size)
        self.report.result("256 tiles", len(paths) == 256)
        for space in "rgb", "ruderman":
            options = "-S", space, "--mask", "below:0.85"
            tiles, want = self.file(*options, *paths), self.file(*options, whole)
            self.report.result("slide: glass does not count", 100 < tiles["pictures"] <= 128, tiles["pictures"])
            if space == "rgb":
                self.report.result("slide: sums", json.dumps(without_pictures(tiles)) == json.dumps(without_pictures(want)))
                continue
            for key in "weight", "mean", "variance", "std", "min", "max":
                a, b = st.channel(tiles, key), st.channel(want, key)
                self.report.within("slide in ruderman, relative", key, a / b - 1, 1e-12)


def run(tool, corpus, folder):
    """All checks; the exit status."""
    oracle = Sums("sums", tool, corpus, folder)
    oracle.can_say_no()
    oracle.integers()
    oracle.floats()
    oracle.splits()
    oracle.tiles()
    oracle.slide()
    return oracle.report.table()


if __name__ == "__main__":
    sys.exit(report.main("sums.py", run))
