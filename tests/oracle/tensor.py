#!/usr/bin/python3
"""Tensors against NumPy in double precision: tensor.py TOOL CORPUS

Every type, byte order, shape and kind of normalization; stacks, their parts and batches of photographs; --mean and --std against
the formula of torchvision's Normalize. What differs is printed, then the totals. Needs python3-numpy and python3-pil.
"""
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

from report import Report, main

EPS = 1e-5
SHAPES = [(5, 7), (3, 33, 17), (2, 4, 9, 5000), (3, 6, 64, 64)]
TYPES = ["f2", "f4", "f8", "u1", "u2"]
IMAGENET = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class Rounded(Report):
    """Counts, and knows how near a rounded number must be."""

    def close(self, name, got, want, size=None):
        """got is want, rounded to its own type; size: what was added up to give want, whose rounding in double counts."""
        if got.shape != want.shape:
            self.result(name, False, f"{got.shape}, not {want.shape}")
            return
        bound = 2.0**-45 * (np.abs(want) if size is None else size) + 2.0**-149
        if got.dtype != np.float64:
            bound += 2.0**-24 * np.abs(want)
        if got.dtype == np.float16:
            bound += 2.0**-11 * np.abs(want) + 2.0**-25
        elif got.dtype.kind == "u":
            want = np.clip(want, 0, np.iinfo(got.dtype).max)
            bound += 0.5
        error = np.abs(got.astype(np.float64) - want)
        self.result(name, bool((error <= bound).all()), f"error {error.max():.3g}, {(error / bound).max():.3g} x the bound")


def pools(kind, x):
    """The axes of x [N,C,G,H,W] whose moments are one; x is reshaped for groups."""
    n, c, h, w = x.shape
    groups = {"instance": c, "layer": 1, "batch": c}.get(kind) or int(kind.split(":")[1])
    return x.reshape(n, groups, c // groups, h, w), (0, 2, 3, 4) if kind == "batch" else (2, 3, 4)


def normalized(x, kind, gamma=1.0, beta=0.0):
    """x [N,C,H,W] normalized in double, and what the rounding errors are measured by."""
    grouped, axes = pools(kind, x.astype(np.float64))
    mean, variance = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    scale = np.broadcast_to(1 / np.sqrt(variance + EPS), grouped.shape).reshape(x.shape) * gamma
    mean = np.broadcast_to(mean, grouped.shape).reshape(x.shape)
    return (x - mean) * scale + beta, (np.abs(x) + np.abs(mean)) * np.abs(scale) + np.abs(beta)


def per_channel(values):
    """A list as an array that fits [N,C,H,W]."""
    return np.array(values, np.float64).reshape(1, -1, 1, 1)


def header_of(array):
    """The bytes that numpy.save writes before the samples."""
    with tempfile.TemporaryFile() as f:
        np.save(f, array)
        f.seek(0)
        return f.read(128)


class Oracle:
    """The tool, a folder, and the checks."""

    def __init__(self, tool, corpus, folder):
        self.tool, self.corpus, self.folder = tool, corpus, folder
        self.report = Rounded()

    def path(self, name):
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def run(self, *arguments):
        """Runs the tool; its output must be in place, and replaces that of a run before."""
        subprocess.run([self.tool, "-Q", "--force", *map(str, arguments)], check=True)

    def tensor(self, name, x, kind, *options, gamma=1.0, beta=0.0, dtype=None):
        """One tensor through the tool, in the type it must come back in."""
        np.save(self.path("in.npy"), x)
        self.run("-N", kind, *options, self.path("in.npy"), self.path("out.npy"))
        got = np.load(self.path("out.npy"))
        if dtype is None:
            dtype = x.dtype.newbyteorder("=") if x.dtype.kind == "f" else np.dtype("f4")
        whole = x.astype(np.float64).reshape((1,) * (4 - x.ndim) + x.shape)
        want, size = normalized(whole, kind, gamma, beta)
        self.report.result(name + ": type", got.dtype == dtype and got.shape == x.shape, f"{got.dtype} {got.shape}")
        self.report.close(name, got, want.reshape(x.shape), size.reshape(x.shape))
        with open(self.path("out.npy"), "rb") as f:
            self.report.result(name + ": header", f.read(128) == header_of(got), "is not NumPy's")

    def tensors(self):
        """Every type, order, shape and kind."""
        rng = np.random.default_rng(1)
        for shape in SHAPES:
            channels = shape[-3] if len(shape) > 2 else 1
            divisor = max(d for d in range(1, channels + 1) if channels % d == 0 and (d < channels or d == 1))
            gamma, beta = rng.uniform(-2, 2, channels).round(3), rng.uniform(-5, 5, channels).round(3)
            lists = "-g", ",".join(map(str, gamma)), "-b", ",".join(map(str, beta))
            for dtype in TYPES:
                x = rng.normal(100, 30, shape) if dtype[0] == "u" else rng.normal(3, 2, shape)
                x = np.clip(x, 0, 255) if dtype[0] == "u" else x
                for order in "<>":
                    for kind in "instance", "layer", f"group:{divisor}", "batch":
                        name = f"{order}{dtype} {shape} {kind}"
                        self.tensor(name, x.astype(order + dtype), kind)
                        self.tensor(name + " lists", x.astype(order + dtype), kind, *lists, gamma=per_channel(gamma),
                                    beta=per_channel(beta))
            x = rng.normal(1e4, 1, shape)
            self.tensor(f"{shape} around 1e4", x.astype("f4"), "instance")
            self.tensor(f"{shape} --memory 64K", x.astype("f4"), "layer", "--memory", "64K")
            self.tensor(f"{shape} --depth 8", x.astype("f4"), "batch", "--depth", "8", "-g", "60", "-b", "128", gamma=60,
                        beta=128, dtype=np.dtype("u1"))
            self.tensor(f"{shape} --depth 16", x.astype("f2"), "instance", "--depth", "16", "-g", "9000", "-b", "30000",
                        gamma=9000, beta=30000, dtype=np.dtype("u2"))
            self.tensor(f"{shape} --depth float", x.astype("f2"), "instance", "--depth", "float", dtype=np.dtype("f4"))

    def photographs(self):
        """The landscape pictures of Kodak: [768 x 512]."""
        names = sorted(glob.glob(os.path.join(self.corpus, "kodak", "PhotoCD_PCD0992", "*.png")))
        names = [name for name in names if Image.open(name).size == (768, 512)]
        if len(names) < 3:
            raise SystemExit(f"tensor oracle: no Kodak photographs in {self.corpus}")
        pixels = np.stack([np.asarray(Image.open(name).convert("RGB")).transpose(2, 0, 1) for name in names])
        return names, pixels / 255.0

    def stacks(self):
        """Photographs stacked, each normalized alone, all together, and with given statistics."""
        names, x = self.photographs()
        for kind in "instance", "layer", "batch":
            self.run("-N", kind, "-o", self.path("all.npy"), *names)
            got = np.load(self.path("all.npy"))
            want, size = normalized(x, kind)
            self.report.close(f"stack of {len(names)}, {kind}", got, want, size)
        mean, std = map(per_channel, IMAGENET)
        lists = [",".join(map(str, values)) for values in IMAGENET]
        self.run("--mean", lists[0], "--std", lists[1], "-o", self.path("all.npy"), *names)
        got = np.load(self.path("all.npy"))
        self.report.close("--mean --std", got, (x - mean) / std, (np.abs(x) + mean) / std)
        # torchvision.transforms: ToTensor, then tensor.sub_(mean).div_(std), all in float32
        single = (x.astype(np.float32) - mean.astype(np.float32)) / std.astype(np.float32)
        worst = np.abs(got.astype(np.float64) - single).max()
        self.report.result("--mean --std as torchvision", got.dtype == np.float32 and worst < 1e-6, f"differs by {worst:.3g}")

    def cut(self, kind, each, inputs, listed):
        """A stack in parts of so many samples: those of the one file, with the names that go with them."""
        name = f"parts of {each}, {kind}"
        for path in glob.glob(self.path("part-*")):
            os.remove(path)
        self.run("-N", kind, "--per-file", each, "-o", self.path("part.npy"), *inputs)
        parts = sorted(glob.glob(self.path("part-*.npy")))
        arrays, lists = [np.load(path) for path in parts], []
        for path in parts:
            with open(path[:-3] + "txt", encoding="utf-8") as f:
                lists.append(f.read().splitlines())
        sizes = [min(each, len(listed) - first) for first in range(0, len(listed), each)]
        whole = np.load(self.path("all.npy"))
        self.report.result(name + ": samples", np.array_equal(np.concatenate(arrays), whole), "differ")
        self.report.result(name + ": names", sum(lists, []) == listed, f"are {lists}")
        self.report.result(name + ": sizes", list(map(len, arrays)) == sizes and list(map(len, lists)) == sizes, "differ")

    def parts(self):
        """A stack that is cut, of photographs and a tensor of four samples."""
        names, made = self.photographs()[0][:5], self.path("made.npy")
        np.save(made, np.random.default_rng(2).normal(3, 2, (4, 3, 512, 768)).astype("f4"))
        inputs, listed = names[:2] + [made] + names[2:], names[:2] + [f"{made}[{i}]" for i in range(4)] + names[2:]
        for kind in "instance", "batch":
            self.run("-N", kind, "-o", self.path("all.npy"), *inputs)
            for each in 1, 2, 4, 9, 10:
                self.cut(kind, each, inputs, listed)

    def batches(self):
        """Pictures of several sizes: every pixel has the same weight, and a transparent one as much as can be seen of it."""
        pictures = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pictures")
        names = [os.path.join(pictures, name) for name in ("rgb8.png", "palette.png", "rgba8.png", "row.png")]
        names += [name for name in self.photographs()[0][:2]]
        names.append(sorted(glob.glob(os.path.join(self.corpus, "kodak", "PhotoCD_PCD0992", "*.png")))[3])
        pixels = [np.asarray(Image.open(name).convert("RGBA")).reshape(-1, 4) / 255.0 for name in names]
        every = np.concatenate(pixels)
        colours, alpha = every[:, :3], every[:, 3:]
        mean = (colours * alpha).sum(0) / alpha.sum()
        variance = (alpha * (colours - mean) ** 2).sum(0) / alpha.sum()
        scale = 1 / np.sqrt(variance + EPS)
        self.run("-N", "batch", "-f", "npy", "-o", self.path("out/"), *names)
        for name, picture in zip(names, pixels):
            base = os.path.splitext(os.path.basename(name))[0]
            got = np.load(self.path(f"out/{base}.npy"))
            want = ((picture[:, :3] - mean) * scale).T.reshape(got.shape)
            size = ((picture[:, :3] + mean) * scale).T.reshape(got.shape)
            self.report.close(f"batch of {len(names)}: {base}", got, want, size)

    def can_say_no(self):
        """The checks themselves fail where they should."""
        doubt = Rounded()
        want, size = normalized(np.arange(24.0).reshape(1, 2, 3, 4), "instance")
        for wrong in want * (1 + 2.0**-22), want + 1e-6, np.where(want == want.max(), np.nan, want), want[:, :1]:
            with open(os.devnull, "w", encoding="ascii") as sys.stdout:
                doubt.close("", wrong.astype(np.float32), want, size)
            sys.stdout = sys.__stdout__
        self.report.result("wrong results are noticed", doubt.failed == 4, f"only {doubt.failed} of 4")


def run(tool, corpus, folder):
    """All checks."""
    oracle = Oracle(tool, corpus, folder)
    oracle.can_say_no()
    oracle.tensors()
    oracle.stacks()
    oracle.parts()
    oracle.batches()
    return oracle.report.total("tensor oracle")


if __name__ == "__main__":
    sys.exit(main("tensor.py", run))
