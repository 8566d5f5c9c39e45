#!/usr/bin/python3
"""Quantiles, and what stands in for mean and deviation, against NumPy: quantiles.py TOOL CORPUS

Without weights they are numpy.quantile(method="inverted_cdf"), with weights those of a plain sort, both to the last bit: of all
types of samples, of groups of channels, of several files in one run. From statistics files they are exact for 8 and 16 bits,
and within 2^-8 of themselves for floats. What differs is printed, then the totals. Needs python3-numpy, python3-pil.
"""
import json
import shutil
import sys

import numpy as np
from PIL import Image

from report import Trial, main
from support import decode, lab

TYPES = ["bool", "uint8", "int8", "uint16", "int16", "int32", "uint32", "float16", "float32", "float64"]
PERCENT = "0,0.1,1,25,50,75,99,99.9,100"
WHOLE = 1 << 24


def samples(rng, name, shape):
    """Of small integers many are equal; of floats some are 0, subnormal, or very large."""
    dtype = np.dtype(name)
    if dtype.kind == "b":
        return rng.random(shape) < 0.3
    if dtype.kind != "f":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    x = (rng.normal(3, 2, shape) * 10.0 ** rng.integers(-2, 3, shape)).astype(dtype)
    info = np.finfo(dtype)
    x.flat[:6] = 0.0, -0.0, info.tiny, info.smallest_subnormal, min(info.max / 8, 1e140), -7  # their variance is finite
    return x


def quantile(x, share):
    """As NumPy has it."""
    return np.quantile(np.asarray(x, np.float64).ravel(), share, method="inverted_cdf")


def weighted(x, weight, share):
    """By a plain sort. The weights are rounded to a 2^24th, which is the least of those above 0."""
    whole = np.where((weight > 0) & (weight * WHOLE < 1), 1, np.floor(weight * WHOLE + 0.5)).astype(np.int64)
    order = np.argsort(x, kind="stable")
    reached = np.cumsum(whole[order])
    return x[order][np.flatnonzero((reached >= share * float(reached[-1])) & (reached > 0))[0]]


def median_of(x):
    """Middle and deviation."""
    middle = quantile(x, 0.5)
    return middle, 1.4826 * quantile(np.abs(np.asarray(x, np.float64) - middle), 0.5)


def range_of(x, low, high):
    """Middle and half width."""
    low, high = quantile(x, low / 100), quantile(x, high / 100)
    return (low + high) / 2, (high - low) / 2


class Oracle(Trial):
    """Of quantiles."""

    def save(self, name, x):
        """An array or a picture in the folder."""
        if name.endswith(".npy"):
            np.save(self.path(name), x)
        else:
            Image.fromarray(x).save(self.path(name))
        return self.path(name)

    def told(self, *arguments, percent=PERCENT, verb="--stats"):
        """[channels] of {share: quantile}."""
        lines = self.run(verb, "--json", "--quantiles", percent, *arguments)[0].splitlines()
        channels = json.loads(lines[-1])["channels"] if lines else []
        return [{float(p) / 100: v for p, v in channel["quantiles"].items()} for channel in channels]

    def mapped(self, *arguments):
        """The array that an input becomes."""
        self.run(*arguments, "--depth", "float64", "-o", self.path("out.npy"))
        return np.load(self.path("out.npy"))

    def same(self, name, told, want, bound=0.0):
        """want(channel, share) within a bound, in parts of itself."""
        self.report.result(f"{name}: channels", len(told) > 0)
        for c, channel in enumerate(told):
            for share, got in channel.items():
                value = want(c, share)
                self.report.result(f"{name}, channel {c}, {share}", abs(got - value) <= bound * abs(value), f"{got}, not {value}")

    def near(self, name, got, x, pairs, target=(1, 0)):
        """Channels that are normalized by pairs of what stands in for mean and deviation, to a deviation and a mean."""
        shape = (len(x), -1) + (1,) * (x.ndim - 3)
        middle, spread = (np.array([pair[i] for pair in pairs]).reshape(shape) for i in range(2))
        want = (x.reshape(len(x), -1) - middle) / spread * target[0] + target[1]
        self.report.near(name, got.reshape(want.shape), want, 1e-12 * np.abs(want).max())

    # ---- one file --------------------------------------------------------------------------------------------------------

    def types(self):
        """Of each type."""
        for name in TYPES:
            x = samples(self.rng, name, (2, 40, 53))
            path = self.save("x.npy", x)
            self.same(name, self.told(path), lambda c, share, x=x: quantile(x[c], share))
            x = x.astype(np.float64)
            if name != "bool":  # half of which are the same
                self.near(f"{name} median", self.mapped("--measure", "median", path), x, [median_of(y) for y in x])
            pairs = [range_of(y, 2, 97.5) for y in x]
            self.near(f"{name} range", self.mapped("--measure", "quantiles:2,97.5", path), x, pairs, (0.5, 0.5))

    def groups(self):
        """Channels together."""
        x = self.rng.normal(1, [[[1]], [[2]], [[3]], [[4]]], (4, 30, 31)).astype(np.float32)
        path = self.save("x.npy", x)
        for options, width in ((["layer"], 4), (["group:2"], 2)):
            pairs = [median_of(x[c // width * width : c // width * width + width]) for c in range(4)]
            self.near(options[0], self.mapped("--measure", "median", "-N", *options, path), x.astype(np.float64), pairs)

    def masks(self):
        """Pixels that count in part, by a mask, by alpha and by both, in rgb and in linear."""
        rgba = self.rng.integers(0, 256, (60, 50, 4), dtype=np.uint8)
        soft = self.rng.integers(0, 256, (60, 50), dtype=np.uint8)
        hard = np.where(soft > 128, 255, 0).astype(np.uint8)
        faint = np.where(soft > 9, 1, 0).astype(np.uint8)
        files = {"rgb.png": rgba[..., :3], "rgba.png": rgba, "soft.png": soft, "hard.png": hard, "faint.png": faint}
        for name, picture in files.items():
            self.save(name, picture)
        for name in "rgb.png", "rgba.png":
            for mask in None, "soft.png", "hard.png", "faint.png":
                alpha = rgba[..., 3].astype(float) if name == "rgba.png" else np.full((60, 50), 255.0)
                weight = (alpha * (files[mask] if mask else 255.0) / 65025).ravel()
                options = ["--mask", self.path(mask)] if mask else []
                for space, bound in (("rgb", 0), ("linear", 1e-7)):
                    x = rgba[..., :3].reshape(-1, 3) / 255.0
                    x = decode(x) if space == "linear" else x
                    told = self.told("-S", space, *options, self.path(name))
                    self.same(f"{name} {mask} {space}", told, lambda c, s, x=x, w=weight: weighted(x[:, c], w, s), bound)
                counted = self.path("counted.json")
                self.run("--stats", "--histogram", "--save-stats", counted, *options, self.path(name))
                told = self.told(self.path(name), *options)
                self.report.result(f"{name} {mask}, from a file", self.told(counted) == told)

    def lightness(self):
        """In lab: as many values are below and at a quantile as its share says, but for the rounding of values to float."""
        rgb = self.rng.integers(0, 256, (70, 50, 3), dtype=np.uint8)
        values = lab(decode(rgb / 255.0)).reshape(-1, 3)
        for c, channel in enumerate(self.told("-S", "lab", self.save("rgb.png", rgb))):
            for share, got in channel.items():
                below, at = (values[:, c] < got - 1e-4).mean(), (values[:, c] <= got + 1e-4).mean()
                self.report.result(f"lab {c} {share}", below <= share <= at, f"{below} {at}")

    def microscopy(self):
        """Dark 16-bit pictures of few bright spots, stretched between two quantiles."""
        for background in 110, 900:
            x = self.rng.poisson(background, (200, 210)).astype(np.float64)
            for y, z in self.rng.integers(5, 195, (40, 2)):
                x[y - 3 : y + 3, z - 3 : z + 3] += self.rng.poisson(20 * background, (6, 6))
            x = np.minimum(x, 65535).astype(np.uint16)
            self.run("--measure", "quantiles:1,99", self.save("x.png", x), self.path("y.png"))
            low, high = quantile(x, 0.01), quantile(x, 0.99)
            want = np.clip((x - low) / (high - low), 0, 1) * 65535
            clear = np.abs(want % 1 - 0.5) > 1e-6
            got = np.array(Image.open(self.path("y.png")))
            self.report.result(f"microscopy {background}", clear.mean() > 0.9 and (got == np.rint(want))[clear].all())

    # ---- several ---------------------------------------------------------------------------------------------------------

    def pools(self):
        """One run over several files of any types."""
        x = [samples(self.rng, name, (2, 20 + i, 31)) for i, name in enumerate(TYPES[1:])]
        paths = [self.save(f"p{i}.npy", y) for i, y in enumerate(x)]
        for first, last in ((0, len(x)), (0, 4), (6, 8), (4, 9)):
            every = np.concatenate([y.reshape(2, -1).astype(np.float64) for y in x[first:last]], 1)
            for jobs in "1", "2":
                told = self.told("-j", jobs, *paths[first:last], verb="--total")
                self.same(f"total {first} to {last} -j {jobs}", told, lambda c, s, every=every: quantile(every[c], s))
                for by in ("median", "quantiles:3,90"):
                    shutil.rmtree(self.path("out"), ignore_errors=True)
                    options = ["--measure", by, "-N", "batch", "-j", jobs, "--depth", "float64"]
                    self.run(*options, "-o", self.path("out/"), *paths[first:last])
                    pairs = [median_of(y) if by == "median" else range_of(y, 3, 90) for y in every]
                    for i in range(first, last):
                        target = (1, 0) if by == "median" else (0.5, 0.5)
                        got = np.load(self.path(f"out/p{i}.npy"))
                        self.near(f"batch {by} {i} -j {jobs}", got, x[i].astype(np.float64), pairs, target)

    def merged(self):
        """Three processes, and their files together, are one run."""
        x = [self.rng.integers(k * 50, 256, (20 + k, 31, 3), dtype=np.uint8) for k in range(3)]
        paths = [self.save(f"m{k}.png", y) for k, y in enumerate(x)]
        floats = [self.save(f"f{k}.npy", self.rng.normal(k, 1, (3, 20, 21)).astype(np.float32)) for k in range(3)]
        for name, files in (("bytes", paths), ("floats", floats), ("mixed", [paths[0], floats[1], paths[2]])):
            parts = [self.path(f"{name}{k}.json") for k in range(3)]
            for part, file in zip(parts, files):
                self.run("--stats", "--histogram", "--save-stats", part, file)
            whole, merged = self.path("whole.json"), self.path("merged.json")
            self.run("--stats", "--histogram", "--save-stats", whole, *files)
            self.run("--stats", "--histogram", "--save-stats", merged, *parts[::-1])
            with open(whole, "rb") as one, open(merged, "rb") as other:
                self.report.result(f"{name}: merged", one.read() == other.read())
            exact, rough = self.told(*files, verb="--total"), self.told(merged)
            self.same(f"{name}: from files", rough, lambda c, s, e=exact: e[c][s], 0 if name == "bytes" else 1 / 256)
        self.run("--stats", "--histogram", "--save-stats", whole, *paths)
        used = self.mapped("--measure", "median", "--use-stats", whole, paths[0])
        every = [np.concatenate([y[..., c].ravel() for y in x]) / 255.0 for c in range(3)]
        self.near("--use-stats", used, x[0].transpose(2, 0, 1) / 255.0, [median_of(y) for y in every])

    # ---- targets ---------------------------------------------------------------------------------------------------------

    def styles(self):
        """The median of another picture, of itself and from a file."""
        x = self.rng.normal(2, 1, (3, 30, 31))
        style = self.rng.integers(20, 200, (25, 40, 3), dtype=np.uint8)
        path, other = self.save("x.npy", x), self.save("s.png", style)
        self.run("--stats", "--histogram", "--save-stats", self.path("s.json"), other)
        targets = [median_of(style[..., c] / 255.0) for c in range(3)]
        for name in other, self.path("s.json"):
            got = self.mapped("--measure", "median", "--style", name, path)
            for c in range(3):
                self.near(f"style {name} {c}", got[c : c + 1], x[c : c + 1], [median_of(x[c])], targets[c][::-1])

    def undo(self):
        """Back, by the statistics that were kept."""
        for name in "uint16", "float32":
            x = samples(self.rng, "uint16", (2, 40, 41)).astype(name)
            before, path = self.path("before.json"), self.save("x.npy", x)
            y = self.mapped("--measure", "median", "--save-stats", before, "--histogram", path)
            back = self.mapped("--measure", "median", "--style", before, self.save("y.npy", y))
            spread = np.abs(x.astype(np.float64)).max()
            self.report.near(f"undo {name}", back, x.astype(np.float64), spread * (1e-12 if name == "uint16" else 1 / 64))
            self.report.result(f"undo {name}: another", np.abs(y - x).max() > 1)

    def deflicker(self):
        """Median and MAD, averaged over three."""
        x = [self.rng.normal(k % 3, 1 + k % 2, (1, 30, 30)).astype(np.float32) for k in range(5)]
        paths = [self.save(f"d{k}.npy", y) for k, y in enumerate(x)]
        pairs = [median_of(y) for y in x]
        self.run("--measure", "median", "--deflicker", 3, "--depth", "float64", "-o", self.path("still/"), *paths)
        for k, y in enumerate(x):
            near = pairs[max(k - 1, 0) : k + 2]
            target = np.sqrt(np.mean([spread**2 for _, spread in near])), np.mean([middle for middle, _ in near])
            self.near(f"deflicker {k}", np.load(self.path(f"still/d{k}.npy")), y.astype(np.float64), [pairs[k]], target)

    def can_say_no(self):
        """The checks themselves."""
        told = self.told(self.save("x.npy", np.arange(9.0).reshape(1, 3, 3)), percent="50")
        self.report.result("the middle of 0 to 8", told == [{0.5: 4.0}])
        other = Oracle(self.tool, self.folder)
        other.report.result = lambda name, ok, details="": self.report.result("another value", name.endswith("channels") or not ok)
        other.same("x", told, lambda c, s: 5.0)
        self.report.result("weights", weighted(np.array([3.0, 1, 2]), np.array([0.5, 0.25, 0]), 0.34) == 3)


def run(tool, _, folder):
    """All checks."""
    oracle = Oracle(tool, folder)
    oracle.can_say_no()
    oracle.types()
    oracle.groups()
    oracle.masks()
    oracle.lightness()
    oracle.microscopy()
    oracle.pools()
    oracle.merged()
    oracle.styles()
    oracle.undo()
    oracle.deflicker()
    return oracle.report.total("quantile oracle")


if __name__ == "__main__":
    sys.exit(main("quantiles.py", run))
