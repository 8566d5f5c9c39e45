#!/usr/bin/python3
"""samples/python/instnorm_stats.py beside the tool and fractions: python_stats.py BUILD

Files that the module pools have the bytes of those that the tool pools. The module refuses what the tool refuses, and
takes what the tool takes. What differs is printed, then the totals. Needs python3-numpy.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile
from fractions import Fraction

import numpy as np

import stats_page

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../samples/python"))
import instnorm_stats as stats  # noqa: E402  pylint: disable=wrong-import-position


def edit(*path, value=None, drop=False):
    """A change of a file: the member at the path is set, or is no longer there."""
    def change(root):
        for key in path[:-1]:
            root = root[key]
        if drop:
            del root[path[-1]]
        else:
            root[path[-1]] = value
    return change


def from_zero(root):
    """The counts of red with those before the first."""
    red = root["histogram"][0]["channels"][0]
    red["counts"], red["first"] = "0 " * red["first"] + red["counts"], 0


CHANNEL, SUMS, COUNTS = ("channels", 0), ("sums", 0, "channels", 0), ("histogram", 0, "channels", 0)
REFUSED = {
    "version 3": edit("instnorm", value=3), "version true": edit("instnorm", value=True),
    "version 2.0": edit("instnorm", value=2.0), "no space": edit("space", drop=True),
    "convention of 1": edit("convention", value=1), "no channels": edit("channels", drop=True),
    "no channel": edit("channels", value=[]), "channels of numbers": edit("channels", value=[1, 2, 3]),
    "no weight": edit(*CHANNEL, "weight", drop=True), "weight 0": edit(*CHANNEL, "weight", value=0),
    "weight of text": edit(*CHANNEL, "weight", value="1"), "mean null": edit(*CHANNEL, "mean", value=None),
    "mean true": edit(*CHANNEL, "mean", value=True), "mean of 1e150": edit(*CHANNEL, "mean", value=1e150),
    "mean of 10^18": edit(*CHANNEL, "mean", value=10**18), "negative variance": edit(*CHANNEL, "variance", value=-1e-9),
    "variance too large": edit(*CHANNEL, "variance", value=0.3), "min above max": edit(*CHANNEL, "min", value=2),
    "max below mean": edit(*CHANNEL, "max", value=0.1), "min of text": edit(*CHANNEL, "min", value="0"),
    "skipped of text": edit(*CHANNEL, "skipped", value="0"), "another mean": edit(*CHANNEL, "mean", value=0.4),
    "another variance": edit(*CHANNEL, "variance", value=0.01), "another weight": edit(*CHANNEL, "weight", value=9),
    "names of 31": edit("names", value="0" * 31), "names in capitals": edit("names", value="A" * 32),
    "names of 1": edit("names", value=1), "no sums": edit("sums", value=[]), "sums of null": edit("sums", value=None),
    "sums of text": edit("sums", value="1"), "unit 0": edit("sums", 0, "unit", value=0),
    "unit 2^32": edit("sums", 0, "unit", value=2**32), "unit 1.5": edit("sums", 0, "unit", value=1.5),
    "no unit": edit("sums", 0, "unit", drop=True), "no sums of channels": edit("sums", 0, "channels", drop=True),
    "too few sums": edit("sums", 0, "channels", value=[{}]), "no pairs": edit("sums", 0, "pairs", value=[{}]),
    "pairs of text": edit("sums", 0, "pairs", 0, "products", value=1), "sum of 1": edit(*SUMS, "sum", value=1),
    "no sum": edit(*SUMS, "sum", drop=True), "sum with 0": edit(*SUMS, "means", value="01"),
    "sum empty": edit(*SUMS, "means", value=""), "sum +1": edit(*SUMS, "means", value="+1"),
    "sum -0": edit(*SUMS, "means", value="-0"), "sum even": edit(*SUMS, "means", value="0x2p-1"),
    "sum of scale 0": edit(*SUMS, "means", value="0x1p-0"),
    "sum of scale 3223": edit(*SUMS, "means", value="0x1p-3223"),
    "sum in capitals": edit(*SUMS, "means", value="0xAp-1"), "sum too large": edit(*SUMS, "means", value=str(2**3136)),
    "sum with a space": edit(*SUMS, "means", value="1 "), "sum of other digits": edit(*SUMS, "means", value="\u0663"),
    "sum with a line": edit(*SUMS, "means", value="1\n"),
    "sums of all that there are": edit(*SUMS, "weight", value=str(2**3135)),
    "negative weight in sums": edit(*SUMS, "weight", value="-1"), "no histogram": edit("histogram", value=[]),
    "histogram of text": edit("histogram", value="1"),
    "samples of 32 bits": edit("histogram", 0, "sample", value="uint32"),
    "samples of 1": edit("histogram", 0, "sample", value=1),
    "histogram of unit 0": edit("histogram", 0, "unit", value=0),
    "histogram of unit 65536": edit("histogram", 0, "unit", value=65536),
    "whole 2": edit("histogram", 0, "whole", value=2), "whole of all": edit("histogram", 0, "whole", value=1 << 24),
    "first -1": edit(*COUNTS, "first", value=-1), "first 1.0": edit(*COUNTS, "first", value=1.0),
    "first 300": edit(*COUNTS, "first", value=300), "counts of 1": edit(*COUNTS, "counts", value=1),
    "counts of letters": edit(*COUNTS, "counts", value="a"),
    "counts with two spaces": edit(*COUNTS, "counts", value="1  2"),
    "counts with a space": edit(*COUNTS, "counts", value="1 "), "too few counts": edit(*COUNTS, "counts", value="1"),
    "counts below 0": edit(*COUNTS, "counts", value="-1"),
    "counts beyond": edit(*COUNTS, "counts", value=" ".join(300 * ["1"])),
    "counts of 2^63": edit(*COUNTS, "counts", value=str(2**63)),
    "the histogram twice": lambda root: root["histogram"].append(root["histogram"][0]),
    "the sums twice": lambda root: root["sums"].append(root["sums"][0]),
    "names null": edit("names", value=None), "first false": edit(*COUNTS, "first", value=False),
    "means of too many": edit(*CHANNEL, "means_of", value=3), "no pictures": edit("pictures", drop=True),
    "pictures of text": edit("pictures", value="7"), "negative deviations": edit(*SUMS, "stds", value="-1"),
    "negative squares": edit(*SUMS, "squares", value="-0x1p-1"),
    "negative weight of a pair": edit("sums", 0, "pairs", 0, "weight", value="-1"),
    "missing 2^63": edit("missing", value=2**63), "missing -2^63 - 1": edit("missing", value=-2**63 - 1),
    "a number of 4000 digits": edit("more", value=10**4000), "U+0000": edit("more", value="\0"),
    "a lone surrogate": edit("more", value="\ud800"),
}
TAKEN = {
    "nothing": lambda root: None, "another member": edit("more", value=[1]), "missing": edit("missing", value=3),
    "the least integer": edit("more", value=-2**63), "the largest integer": edit("more", value=2**63 - 1),
    "no names": edit("names", drop=True), "no min": edit(*CHANNEL, "min", drop=True),
    "max null": edit(*CHANNEL, "max", value=None), "no std": edit(*CHANNEL, "std", drop=True),
    "skipped": edit(*CHANNEL, "skipped", value=5), "without a histogram": edit("histogram", drop=True),
    "no means of": edit(*CHANNEL, "means_of", drop=True), "no covariance": edit("covariance", drop=True),
    "without sums": edit("sums", drop=True), "counts from 0": from_zero,
}
BY_HAND = b'{"instnorm": 1, "space": "rgb", "convention": "as stored, 1.0 = white", "channels": ' \
          b'[{"weight": 3, "mean": 0.1, "variance": 0.2}]}'
TEXTS = {"no text": b"", "an array": b"[]", "cut off": b"{", "NaN": b'{"instnorm": NaN}', "more": b"{} {}",
         "NaN in another member": BY_HAND.replace(b"{", b'{"note": NaN, ', 1), "version 1 by hand": BY_HAND,
         "twice": b'{"instnorm": 2, "instnorm": 2}', "Latin-1": b'{"instnorm": 2, "space": "\xe4"}',
         "nested": b'{"a":' * 100000, "a mark": b"\xef\xbb\xbf{}"}
# of the others the sums are different
PLAIN = "weight 0", "negative variance", "variance too large", "min above max", "max below mean", "mean of 1e150"


class Pools(stats_page.Oracle):
    """The module, beside the tool."""

    def read(self, *names):
        """Statistics of files in the folder."""
        return [stats.read(self.path(name)) for name in names]

    def text(self, name):
        """Of a file."""
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, root):
        """JSON as a file."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(root, file)

    def pooled(self, name, parts, options=()):
        """Parts that the tool measures; the pool of all, and of each alone, by both."""
        files = [f"part{i}.json" for i in range(len(parts))]
        for file, part in zip(files, parts):
            self.total(file, *options, *part)
        self.same_pool(name, *files, options=[o for o in options if not o.startswith(("--mask", "--histogram"))])

    def same_pool(self, name, *files, options=()):
        """The bytes of the pool, written and not; and of each file, whose pool it is."""
        for pooled in (files, *((file,) for file in files)):
            self.total("tool.json", *options, *pooled)
            stats.pool(*self.read(*pooled)).write(self.path("module.json"))
            self.report.result(f"{name}: {pooled}", self.text("module.json") == self.text("tool.json"))

    def pools(self):
        """Pictures and tensors of all kinds."""
        for c in 1, 2, 3, 4:
            parts = [[f"f4-{c}.npy", f"n-{c}.npy"], [f"i2-{c}.npy"], [f"f8-{c}.npy"]]
            self.pooled(f"tensors of {c}", parts, ["--histogram"])
        for space in "rgb", "linear", "lab":
            parts = [["a.ppm", "f4-3.npy"], ["b.ppm"], ["c.ppm", "i2-3.npy"]]
            self.pooled(space, parts, ["-S", space, "--histogram"])
        self.pooled("a soft mask", [["a.ppm"], ["b.ppm", "c.ppm"]], ["--mask=soft.pgm", "--histogram"])
        self.total("soft.json", "--mask=soft.pgm", "--histogram", "a.ppm")
        self.total("hard.json", "--histogram", "c.ppm")
        self.same_pool("soft and hard", "soft.json", "hard.json")
        self.same_pool("hard and soft", "hard.json", "soft.json")
        self.pooled("a hard mask", [["a.ppm"], ["b.ppm", "c.ppm"]], ["--mask=above:0.5"])
        for c in 17, 300:
            np.save(self.path(f"many{c}.npy"), np.random.default_rng(c).normal(0, 1, (c, 5, 7)).astype("f4"))
            os.link(self.path(f"many{c}.npy"), self.path(f"copy{c}.npy"))
            self.pooled(f"{c} channels", [[f"many{c}.npy"], [f"copy{c}.npy"]])
        np.save(self.path("large.npy"), np.array([[[-3e60, 1e70, 2e70]]]))
        np.save(self.path("small.npy"), np.array([[[-3e-160, 1e-170, np.nan]]]))
        self.pooled("large and small numbers", [["large.npy"], ["small.npy"]], ["--histogram"])
        for name, pictures, sums in ("v1-1", 1, False), ("v1-9", 9, False):
            root = self.total("v2.json", "a.ppm")
            del root["sums"], root["covariance"], root["names"]
            self.write(f"{name}.json", root | {"instnorm": 1, "pictures": pictures, "missing": 2 * pictures})
        self.total("other.json", "--histogram", "b.ppm")
        self.same_pool("files without sums", "v1-1.json", "v1-9.json", "other.json")

    def numbers(self):
        """Mean, variance and covariance of the samples themselves, in fractions: the nearest doubles."""
        names = "a.ppm", "b.ppm"
        for name in names:
            self.total(f"{name}.json", name)
        pool = stats.pool(*self.read("a.ppm.json", "b.ppm.json"))
        count, sums, products, own = 0, 3 * [0], np.zeros((3, 3), object), []
        for name, unit in zip(names, (255, 65535)):
            with open(self.path(name), "rb") as file:
                data = file.read().partition(b"31 19 %d\n" % unit)[2]
            x = np.frombuffer(data, "u1" if unit == 255 else ">u2").reshape(-1, 3).astype(np.int64)
            count += len(x)
            sums = [s + Fraction(int(of), unit) for s, of in zip(sums, x.sum(0))]
            products = products + np.vectorize(lambda p, u=unit: Fraction(int(p), u * u))(x.T @ x)
            own.append([(x / unit).mean(0), (x / unit).std(0)])
        mean = [s / count for s in sums]
        want = [[float(products[a, b] / count - mean[a] * mean[b]) for b in range(3)] for a in range(3)]
        self.report.result("mean", [*pool.mean] == [float(m) for m in mean], f"{pool.mean}")
        self.report.result("variance", [*pool.variance] == [want[c][c] for c in range(3)], f"{pool.variance}")
        self.report.result("covariance", pool.covariance.tolist() == want, f"{pool.covariance}")
        self.report.near("std", pool.std, np.sqrt(np.diag(want)), 1e-15)
        self.report.near("mean of means", pool.mean_of_means, np.mean([o[0] for o in own], 0), 1e-14)
        self.report.near("mean of deviations", pool.mean_of_stds, np.mean([o[1] for o in own], 0), 1e-14)
        told = pool.pictures, pool.missing, pool.channels, [*pool.weight]
        self.report.result("pictures", told == (2, 0, [*"RGB"], 3 * [1178.0]), f"{told}")

    def ran(self, name, *arguments):
        """The tool, once it has made a statistics file, or not."""
        return subprocess.run([self.tool, "-Q", "--force", "--total", "--save-stats", name, *arguments],
                              cwd=self.folder, capture_output=True, text=True, check=False)

    def both(self, what, name, taken):
        """A file that the tool and the module take, to equal texts, or that both refuse, naming the file."""
        done = self.ran("tool.json", self.path(name))
        try:
            said = stats.pool(*self.read(name)).text()
        except ValueError as error:
            said = error
        if taken:
            ok = done.returncode == 0 and said == self.text("tool.json")
        else:
            ok = isinstance(said, ValueError) and str(said).startswith(f"{self.path(name)}: ") and \
                done.returncode == 1 and f"'{self.path(name)}': " in done.stderr
        self.report.result(what, ok, f"{said}\n{done.stderr}")

    def edits(self):
        """Files that were changed."""
        root = self.total("good.json", "--histogram", "a.ppm", "c.ppm")
        for edits, taken in (REFUSED, False), (TAKEN, True):
            for name, change in edits.items():
                changed = copy.deepcopy(root)
                change(changed)
                self.write("edited.json", changed)
                self.both(f"edited: {name}", "edited.json", taken)
        for name in PLAIN:
            changed = {key: copy.deepcopy(root[key]) for key in root if key not in ("sums", "histogram")}
            REFUSED[name](changed)
            self.write("edited.json", changed)
            self.both(f"edited, without sums: {name}", "edited.json", False)
        for name, data in TEXTS.items():
            with open(self.path("edited.json"), "wb") as file:
                file.write(data)
            self.both(f"a file: {name}", "edited.json", name == "version 1 by hand")
        with open(self.path("long.json"), "w", encoding="ascii") as file:
            file.write(json.dumps(root) + " " * (64 << 20))
        self.both("a file of more than 64 MiB", "long.json", False)

    def refusals(self):
        """Pools that would be wrong, and files that cannot be written."""
        self.total("lab.json", "-S", "lab", "a.ppm")
        self.total("grey.json", "n-1.npy")
        os.link(self.path("good.json"), self.path("linked.json"))
        self.write("renamed.json", json.loads(self.text("good.json")))
        self.write("v1.json", {"instnorm": 1, "space": "rgb", "convention": "as stored, 1.0 = white",
                               "channels": [{"weight": 1, "mean": 9e149, "variance": 0}]})
        self.write("far.json", json.loads(self.text("v1.json").replace("9e+149", "-9e+149")))
        for names, expected in ((("good.json", "lab.json"), "pool: space 'lab': expected 'rgb'"),
                                (("good.json", "grey.json"), "pool: expected 3 channels"),
                                (("good.json", "linked.json"), "pool: the same part twice"),
                                (("good.json", "renamed.json"), "pool: two parts of as many pictures"),
                                (("v1.json", "far.json"), "pool: a weight, a mean or a variance of 1e+150 or more"),
                                ((), "pool: expected at least one part")):
            try:
                stats.pool(*self.read(*names))
                self.report.result(f"pool of {names}", False, "is accepted")
            except ValueError as error:
                self.report.result(f"pool of {names}", str(error).startswith(expected), f"{error}")
            done = self.ran("tool.json", *names)  # which writes a file for each number of channels
            self.report.result(f"pool of {names} by the tool", done.returncode != 0, done.stderr)
        os.mkdir(self.path("folder"))
        before = sorted(os.listdir(self.folder))
        for name in "folder", "nowhere/file.json":
            try:
                self.read("good.json")[0].write(self.path(name))
                self.report.result(f"written to {name}", False, "is accepted")
            except OSError:
                self.report.result(f"written to {name}", sorted(os.listdir(self.folder)) == before)


def main():
    if len(sys.argv) != 2:
        print("usage: python_stats.py BUILD", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        pools = Pools(f"{sys.argv[1]}/instnorm-cli", folder)
        pools.inputs(np.random.default_rng(15))
        for check in pools.pools, pools.numbers, pools.edits, pools.refusals:
            check()
        return pools.report.total("python statistics oracle")


if __name__ == "__main__":
    sys.exit(main())
