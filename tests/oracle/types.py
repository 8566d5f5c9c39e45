#!/usr/bin/python3
"""Types of samples, in .npy and TIFF, against NumPy: types.py TOOL CORPUS

--strength 0 gives the samples back, bit for bit; maps that are given are those of NumPy's arithmetic in double, measured ones
those of long double; integers are clipped and rounded half to even. Files of TIFF are tifffile's, compressed by tiffcp.
What differs is printed, then the totals. Needs python3-numpy, python3-tifffile, libtiff-tools.
"""
import json
import os
import subprocess
import sys

import numpy as np
import tifffile

from report import Trial, main

NAMES = ["bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float16", "float32", "float64"]
TIFF_NAMES = [name for name in NAMES if name != "bool"]
SHAPES = [(5, 7), (3, 33, 17), (2, 3, 9, 5000)]
COMPRESSED = ["none", "lzw:1", "lzw:2", "zip:1", "zip:2", "packbits", "zstd:2"]


def samples(rng, name, shape):
    """The whole range of a type, and its ends."""
    dtype = np.dtype(name)
    if dtype.kind == "f":
        x = rng.normal(3, 2, shape).astype(dtype)
        x.flat[:3] = -0.0, np.finfo(dtype).tiny, np.finfo(dtype).eps
        return x
    if dtype.kind == "b":
        return rng.random(shape) < 0.3
    info = np.iinfo(dtype)
    x = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    x.flat[:3] = info.min, info.max, info.max - 1
    return x


def same(got, want):
    """One type, one shape, the same bytes."""
    return got.dtype == want.dtype.newbyteorder("=") and got.shape == want.shape and got.tobytes() == want.astype(got.dtype).tobytes()


def stored(y, name):
    """Doubles as samples of a type."""
    dtype = np.dtype(name)
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return y.astype(dtype)
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return np.clip(np.rint(np.where(np.isnan(y), 0, y)), low, high).astype(dtype)


class Oracle(Trial):
    """Of types."""

    def npy(self, x, *options):
        """An array through the tool."""
        np.save(self.path("in.npy"), x)
        if os.path.exists(self.path("out.npy")):
            os.remove(self.path("out.npy"))
        self.run(*options, self.path("in.npy"), self.path("out.npy"))
        return np.load(self.path("out.npy"))

    def tiff(self, x, *options, compress=None, out="out.tif", **how):
        """A picture through the tool; tiffcp compresses it before, and uncompresses it behind."""
        tifffile.imwrite(self.path("plain.tif"), x, **how)
        name = "plain.tif"
        if compress:
            subprocess.run(["tiffcp", *compress, self.path("plain.tif"), self.path("in.tif")], check=True)
            name = "in.tif"
        self.run(*options, self.path(name), self.path(out))
        subprocess.run(["tiffcp", "-c", "none", self.path(out), self.path("back.tif")], check=True, stderr=subprocess.DEVNULL)
        return tifffile.imread(self.path("back.tif"))

    def identities(self):
        """--strength 0."""
        for name in NAMES:
            for shape in SHAPES:
                for order in "<>":
                    x = samples(self.rng, name, shape)
                    x = x.astype(x.dtype.newbyteorder(order))
                    got = self.npy(x, "--strength", 0, "--depth", name)
                    self.report.result(f"identity {order}{name} {shape}", same(got, x), f"{got.dtype} {got.shape}")
                x = samples(self.rng, name, shape)
                got = self.npy(x, "--strength", 0)
                want = x if x.dtype.kind == "f" else x.astype("f8" if x.itemsize == 4 else "f4")
                self.report.result(f"as floats {name} {shape}", same(got, want), f"{got.dtype} {got.shape}")
                x[..., 0, :] = x[..., 1, :]
                got = self.npy(x, "--apply-mask", "below:-1e9" if shape[0] == 3 else f"not:{float(x.flat[0]):.17g}", "--mask", "all",
                               "-b", 7, "-g", 0, "--depth", name, "-c", 0) if len(shape) == 2 else None
                if got is not None:
                    self.report.result(f"what is masked {name}", same(got[x == x.flat[0]], x[x == x.flat[0]]), "changed")
        x = samples(self.rng, "float16", (3, 40, 40))
        x.flat[:4] = np.nan, np.inf, -np.inf, 65504
        self.report.result("identity of numbers without moments", same(self.npy(x.astype("f8") * 1e300, "--strength", 0),
                                                                       x.astype("f8") * 1e300), "differs")
        self.report.result("identity of float16 that is not finite", same(self.npy(x, "--strength", 0), x), "differs")

    def tiff_identities(self):
        """The same of pictures: each layout and compression."""
        for name in TIFF_NAMES:
            x = samples(self.rng, name, (67, 45, 3))
            for order in "<>":
                for planar in "contig", "separate":
                    y = x.transpose(2, 0, 1).copy() if planar == "separate" else x
                    got = self.tiff(y, "--strength", 0, photometric="rgb", planarconfig=planar, byteorder=order)
                    self.report.result(f"TIFF {order}{name} {planar}", same(got, y), f"{got.dtype} {got.shape}")
            for compressed in COMPRESSED + ["lzw:3", "zip:3"] * (name[0] == "f"):
                for tiles, planar in ([], "contig"), ([], "separate"), (["-t", "-w", "32", "-l", "16"], "contig"):
                    y = x.transpose(2, 0, 1).copy() if planar == "separate" else x
                    got = self.tiff(y, "--strength", 0, compress=["-c", compressed, *tiles], photometric="rgb",
                                    planarconfig=planar)
                    self.report.result(f"TIFF {name} {compressed} {tiles} {planar}", same(got, y), f"{got.dtype} {got.shape}")
            y = x.transpose(2, 0, 1).copy()
            tifffile.imwrite(self.path("in.tif"), y, photometric="rgb", planarconfig="separate", tile=(16, 32), byteorder=">")
            self.run("--strength", 0, self.path("in.tif"), self.path("out.tif"))
            got = tifffile.imread(self.path("out.tif"))
            self.report.result(f"TIFF {name} in planes of tiles", same(got, y), f"{got.dtype} {got.shape}")
            got = self.tiff(x[:, :, 0], "--strength", 0, "-z", 5, photometric="minisblack")
            self.report.result(f"TIFF {name} grey", same(got, x[:, :, 0]), f"{got.dtype} {got.shape}")

    def given_maps(self):
        """A map that is given is one multiplication and one addition in double, rounded once."""
        for name in NAMES + ["int64", "uint64"]:
            x = samples(self.rng, name, (2, 50, 91)) if name[-2:] != "64" or name[0] == "f" else (
                self.rng.integers(0 if name[0] == "u" else -(2**53) + 1, 2**53, (2, 50, 91)).astype(name))
            for mean, std, gamma, beta in (0, 1, 0.75, 0.125), (3, 7, 2.5, -1), (1e-3, 0.1, 1e3, 5.5):
                scale = gamma / np.sqrt(np.float64(std) * std)
                y = x.astype("f8") * scale + (beta - mean * scale)
                for depth in NAMES:
                    got = self.npy(x, "--mean", mean, "--std", std, "-g", gamma, "-b", beta, "--depth", depth)
                    self.report.result(f"{name} to {depth}, gamma {gamma}", same(got, stored(y, depth)),
                                       f"{(got != stored(y, depth)).sum()} samples")

    def measured_maps(self):
        """Wide types are measured in double: against long double, with a mean far beyond the deviation."""
        for name, offset, spread in ("int32", 2e9, 1e5), ("uint32", 4e9, 1e5), ("float64", 1e6, 1), ("float64", -1e12, 1e3), ("int64", 1e15, 1e9):
            for shape in (4, 300, 301), (1, 3, 9001):
                x = self.rng.normal(offset, spread, shape).astype(name)
                exact = x.astype("longdouble")
                mean = exact.mean((-2, -1), keepdims=True)
                scale = 1 / np.sqrt(exact.var((-2, -1), keepdims=True) + np.longdouble(1e-5))
                got = self.npy(x)
                want, bound = (exact - mean) * scale, 2.0**-51 * (np.abs(exact) + np.abs(mean)) * scale
                self.report.result(f"{name} around {offset:g} {shape}: type", got.dtype == "f8", got.dtype)
                self.report.near(f"{name} around {offset:g} {shape}", got, want, bound)
                told = json.loads(self.run("--stats", "--json", self.path("in.npy"))[0].splitlines()[0])["channels"]
                for c, channel in enumerate(told):
                    m, s = float(mean.flat[c]), float(exact.std((-2, -1)).flat[c])
                    ok = abs(channel["mean"] - m) <= 2.0**-51 * abs(m) and abs(channel["std"] - s) <= 1e-12 * s + 2.0**-52 * abs(m)
                    self.report.result(f"{name} around {offset:g}: statistics of {c}", ok, f"{channel} {m!r} {s!r}")

    def pictures(self):
        """Pictures have the unit of their type."""
        for name in TIFF_NAMES:
            dtype = np.dtype(name)
            unit = 1 if dtype.kind == "f" else np.iinfo(dtype).max
            x = np.clip(self.rng.normal(0.4, 0.2, (80, 90)), -0.5, 1) * unit
            x = x.astype(dtype) if dtype.kind == "f" else stored(x, name)
            for depth in TIFF_NAMES:
                target = np.dtype(depth)
                to = 1 if target.kind == "f" else np.iinfo(target).max
                value = x.astype("longdouble") / unit
                y = (value - value.mean()) / np.sqrt(value.var() + np.longdouble(1e-5)) * np.longdouble(0.25) + np.longdouble(0.5)
                got = self.tiff(x, "--depth", depth)
                want = y if target.kind == "f" else np.clip(y * to, np.iinfo(target).min, to)
                bound = 2.0**-10 * np.abs(y) + 1e-7 if depth == "float16" else 2.0**-23 * (1 + np.abs(y)) if depth == "float32" else (
                    2.0**-49 * (1 + np.abs(y)) if depth == "float64" else 0.5 + 2.0**-49 * to + (1e-9 * to if name in ("float64",) else 0))
                self.report.result(f"picture {name} to {depth}: type", got.dtype == target, got.dtype)
                self.report.near(f"picture {name} to {depth}", got, want, bound)

    def layouts(self):
        """[H,W,C] and [N,H,W,C] as they are, and as their own transposes."""
        for name in "uint8", "int16", "float32", "float64", "float16":
            for shape, order in ((40, 51, 3), "hwc"), ((3, 20, 31, 4), "nhwc"), ((33, 2, 5000), "hwc"), ((2, 17, 16, 300), "nhwc"):
                x = self.rng.normal(40, 9, shape).astype(name)
                planes = np.ascontiguousarray(np.moveaxis(x, -1, -3))
                for options in ["--strength", 0, "--depth", name], ["-N", "layer"], ["--depth", "int8", "-g", 30], ["--memory", "64K"]:
                    want = np.moveaxis(self.npy(planes, *options), -3, -1)
                    got = self.npy(x, "--layout", order, *options)
                    self.report.result(f"{order} {name} {shape} {options}", same(got, want), f"{got.dtype} {got.shape}")

    def nodata(self):
        """GDAL_NODATA: left out, kept, and met by no other sample."""
        cases = (("uint8", "0"), ("uint8", "255"), ("int16", "-32768"), ("int16", "-9999"), ("uint16", "65535"), ("int32", "-2147483648"),
                 ("float32", "-9999"), ("float32", "-3.40282346638529e+38"), ("float32", "nan"), ("float64", "-1.7976931348623157e+308"),
                 ("float16", "-65504"), ("float64", "0.1"), ("uint8", "17"), ("int8", "-128"), ("uint32", "4294967295"))
        for name, text in cases:
            dtype = np.dtype(name)
            unit = 1 if dtype.kind == "f" else np.iinfo(dtype).max
            value = np.clip(np.float64(text), -65504 if name == "float16" else -np.finfo("f4").max if name == "float32" else -np.inf, np.inf)
            value = value.astype(dtype)
            for channels in 1, 3:
                x = stored(self.rng.normal(0.4, 0.2, (60, 70, channels)).clip(0.01, 0.99) * unit, name)
                x[x == value] += np.array(1 if dtype.kind != "f" else 0.25).astype(dtype)
                empty = self.rng.random((60, 70)) < 0.3
                x[empty] = value
                x[~empty & (self.rng.random((60, 70)) < 0.01), 0] = value if channels > 1 and abs(float(value)) < 1e30 else x[~empty][0, 0]
                here = x if channels == 3 else x[:, :, 0]
                how = {"extratags": [(42113, "s", 0, text, True)], "photometric": "rgb" if channels == 3 else "minisblack"}
                got = self.tiff(here, "-g", 3, "-b", 0.5, "--mean", 0.4, "--std", 0.2, **how).reshape(x.shape)
                self.report.result(f"nodata {name} {text}: kept", same(got[empty], x[empty]), "changed")
                met = (got[~empty] == value).sum() if channels == 1 else 0 if np.isnan(value) else (got[~empty] == value).sum()
                self.report.result(f"nodata {name} {text}: met by none", met == 0, f"{met} samples")
                told = json.loads(self.run("--stats", "--json", self.path("plain.tif"))[0].splitlines()[0])["channels"]
                for c, channel in enumerate(told):
                    want = x[~empty, c].astype("longdouble") / unit
                    ok = channel["weight"] == len(want) and abs(channel["mean"] - want.mean()) < 1e-12 * max(1, abs(want.mean())) and (
                        abs(channel["std"] - want.std()) < 1e-12 * max(1, want.std()))
                    self.report.result(f"nodata {name} {text}: statistics of {c}", ok or (not np.isfinite(channel["std"] or np.inf)), f"{channel}")
                plain = self.tiff(here, "-g", 3, "-b", 0.5, "--mean", 0.4, "--std", 0.2, photometric=how["photometric"]).reshape(x.shape)
                mapped = ~empty[..., None] & (plain != value)
                self.report.result(f"nodata {name} {text}: others", same(got[mapped], plain[mapped]), "changed")
                tags = tifffile.TiffFile(self.path("out.tif")).pages[0].tags
                self.report.result(f"without the tag {name}", 42113 not in tags, "there is one")
                got = self.tiff(here, "--strength", 0, **how).reshape(x.shape)
                tags = tifffile.TiffFile(self.path("out.tif")).pages[0].tags
                self.report.result(f"nodata {name} {text}: identity", same(got, x) and tags[42113].value.strip() == text, "changed")
                if name == "uint8":
                    got = self.tiff(here, "--strength", 0, "--depth", "float", **how).reshape(x.shape)
                    self.report.result(f"nodata {name} {text} as float", (got[empty] == value).all() and not (got[~empty] == value).any()
                                       and got[~empty].max() <= 1, "changed")

    def refusals(self):
        """What float64 does not hold, and what a format does not."""
        for name, value in ("int64", 2**53), ("int64", -(2**53)), ("uint64", 2**64 - 1):
            x = np.ones((2, 5, 6), name)
            x[1, 4, 5] = value
            np.save(self.path("in.npy"), x)
            _, said = self.run(self.path("in.npy"), self.path("no.npy"), status=1)
            self.report.result(f"{name} {value}", f"{name} {value}, expected values below 2^53" in said and not os.path.exists(self.path("no.npy")), said)
        x = np.ones((5, 6), "f8")
        np.save(self.path("in.npy"), x)
        for depth, form, says in (("int16", "png", "PNG holds 8 or 16 bits a sample, not int16: add --depth 8 or --depth 16, or write tiff or npy"),
                                  ("bool", "tif", "not bool: add --depth 8, or write npy"), ("float64", "pfm", "PFM holds floats, not float64: add --depth float, or write tiff or npy")):
            _, said = self.run("--depth", depth, self.path("in.npy"), self.path("no." + form), status=1)
            self.report.result(f"{depth} in {form}", says in said and not os.path.exists(self.path("no." + form)), said)

    def can_say_no(self):
        """The checks themselves fail where they should."""
        x = np.array([[-0.0, 1, 2]])
        wrong = [np.abs(x), x.astype("f4"), x.T]
        self.report.result("other samples are noticed", not any(same(y, x) for y in wrong))
        self.report.result("half to even", stored(np.array([0.5, 1.5, -300, np.nan]), "int8").tolist() == [0, 2, -128, 0])


def run(tool, _, folder):
    """All checks."""
    oracle = Oracle(tool, folder)
    oracle.can_say_no()
    oracle.identities()
    oracle.tiff_identities()
    oracle.given_maps()
    oracle.measured_maps()
    oracle.pictures()
    oracle.layouts()
    oracle.nodata()
    oracle.refusals()
    return oracle.report.total("type oracle")


if __name__ == "__main__":
    sys.exit(main("types.py", run))
