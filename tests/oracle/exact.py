#!/usr/bin/python3
"""Outputs of 16 bits and of floats against double precision: exact.py TOOL CORPUS

A sample is to be the value nearest to what the formulas give, in each space, under alpha and under soft masks. What differs
is printed, then a table of the worst figures and the totals. SANITIZED=1 takes fewer pictures. Needs python3-numpy,
python3-pil.
"""
import sys

import numpy as np

import readers
import report
import support as st
import writers

# The tool's Oklab has rows that add up to 1, or 0: printed digits of the middle column differ, and the way back is the inverse
LMS, LAB = st.OK_LMS.copy(), st.OK_LAB.copy()
LMS[:, 1] = 1 - LMS[:, 0] - LMS[:, 2]
LAB[:, 1] = np.array([1, 0, 0]) - LAB[:, 0] - LAB[:, 2]
OKLAB = st.Space(True, lambda x: np.cbrt(x @ LMS.T) @ LAB.T,
                 lambda v: (v @ np.linalg.inv(LAB).T) ** 3 @ np.linalg.inv(LMS).T, (1, 1, 1))
SPACES = st.SPACES | {"oklab": OKLAB, "oklab as printed": st.SPACES["oklab"]}
# Deviation and mean that are asked for
TARGET = {"rgb": ((0.2, 0.19, 0.21), (0.45, 0.5, 0.4)), "linear": ((0.15,) * 3, (0.25,) * 3),
          "lab": ((20, 11, 13), (50, 3, -4)), "oklab": ((0.18, 0.04, 0.05), (0.6, 0.01, 0.02)),
          "ruderman": ((0.6, 0.08, 0.03), (8.6, 0.02, 0.03))}
TARGET["oklab as printed"] = TARGET["oklab"]
# In steps of 16 bits; of the matrices as printed, whose ways there and back are no inverses: by how much that shows
NEAREST, PRINTED = 0.5005, 0.53
# A float has the nearest value but for 1e-8, which is the error of the roots, and of moments of values that are floats
FLOAT = 1e-8


class Exact(st.Oracle):
    """The checks."""

    def asked(self, space):
        """The options of a target."""
        gamma, beta = TARGET[space]
        return "-e", "0", "-S", space.split()[0], "-g", st.comma(gamma), "-b", st.comma(beta)

    def wanted(self, space, x, weights=None):
        """What the colours 0..1 become, in double."""
        gamma, beta = map(np.array, TARGET[space])
        v = SPACES[space].there(x)
        return SPACES[space].back(st.mapped(v, st.moments(v, weights), (beta, gamma)))

    def nearest(self, line, name, got, want, bound=NEAREST):
        """Samples of 16 bits, of what is wanted in steps: how far off, and how many are not the nearest."""
        want = np.clip(want, 0, 65535)
        self.report.within(line, name, got - want, bound)
        if bound == NEAREST:
            self.report.within(f"{line}: % not the nearest", name, 100 * (got != np.rint(want)).mean(), 0.02)

    def near_floats(self, line, name, got, want):
        """Floats: half a step of theirs beyond what is wanted, and a little."""
        self.report.within(line, name, got - want, np.spacing(np.abs(want).astype("f4")) / 2 + FLOAT)

    def deep(self, i):
        """A picture of 16 bits."""
        noise = np.random.default_rng(i).uniform(-128, 128, self.small[i].shape)
        return np.rint(np.clip(self.small[i] * (257 * 0.9) + 3000 + noise, 0, 65535)).astype("u2")

    def spaces(self):
        """Opaque pictures of 16 bits, of 8 and of floats."""
        for i in range(0, len(self.small), 3):
            deep, wide, floats = self.deep(i), self.path("deep.png"), self.path("float.pfm")
            self.save("deep.png", deep)
            self.save("float.pfm", (deep / 65535).astype("f4"))
            for space in SPACES:
                want = self.wanted(space, deep / 65535)
                got = self.out(*self.asked(space), wide)
                if space == "oklab as printed":
                    self.nearest("16 bits: Oklab with the matrices as printed", str(i), got, 65535 * want, PRINTED)
                    continue
                self.nearest("16 bits", f"{space}, {i}", got, 65535 * want)
                self.near_floats("floats of 16 bits", f"{space}, {i}", self.floats(*self.asked(space), wide), want)
                eight = self.out(*self.asked(space), "--depth", "16", self.small_pictures[i])
                self.nearest("16 bits of 8", f"{space}, {i}", eight, 65535 * self.wanted(space, st.units(self.small[i])))
                want = self.wanted(space, (deep / 65535).astype("f4").astype("f8"))
                self.near_floats("floats", f"{space}, {i}", self.floats(*self.asked(space), floats), want)

    def soft_masks(self):
        """Changed in part: the one and the other by the mask, of 8 and 16 bits."""
        deep = self.deep(1)
        picture, (y, x) = self.save("deep.png", deep), np.mgrid[: deep.shape[0], : deep.shape[1]]
        wave = np.clip(0.6 * np.sin(x / 40) * np.cos(y / 30) + 0.5, 0, 1)[..., None]
        for dtype in "u1", "u2":
            mask = np.rint(wave * writers.UNIT[dtype]).astype(dtype)
            path = self.save("mask.png", mask)
            for space in "rgb", "lab":
                amount, plain = st.units(mask), deep / 65535
                want = plain + amount * (self.wanted(space, plain) - plain)
                got = self.out(*self.asked(space), "--apply-mask", path, picture)
                self.nearest("16 bits under a soft mask", f"{space}, mask {dtype}", got, 65535 * want)

    # ---- premultiplied alpha ----------------------------------------------------------------------------------------

    def premultiplied(self, name, colours, alpha):
        """A TIFF: its path."""
        return writers.write(self.path(name), writers.tiff(np.concatenate([colours, alpha], 2), extra=1))

    def under_alpha(self, *arguments):
        """The colours of a TIFF that keeps its alpha."""
        self.run(*arguments, self.path("out.tif"))
        return readers.read_tiff(self.path("out.tif"))[..., :3].astype("f8")

    def white(self):
        """White under a soft alpha is constant: it becomes beta exactly, whatever eps is."""
        y, x = np.mgrid[:120, :160]
        disc = np.clip((58 - np.hypot(y - 60, x - 80)) / 20, 0, 1)[..., None]
        for dtype, alpha in (("u2", np.rint(disc * 255).astype("u2") * 257), ("u2", np.rint(disc * 65535).astype("u2")),
                             ("f4", disc.astype("f4"))):
            path = self.premultiplied("white.tif", np.repeat(alpha, 3, 2), alpha)
            got = self.under_alpha("-e", "0", "-g", "0.2", "-b", "0.4", path)
            want = 0.4 * alpha.astype("f8")
            if dtype == "u2":
                want = np.rint(want)
            self.report.within("white under premultiplied alpha", dtype, got - want, 0.5 if dtype == "u2" else 1e-7)
            told, = self.told("--stats", path)
            self.report.within("its deviation", dtype, st.channel(told, "std"), 1e-300)

    def multiplied(self):
        """Colours under premultiplied alpha, to the same and to straight alpha."""
        rng = np.random.default_rng(7)
        deep = self.deep(2)[:200, :200] / 65535
        for dtype, full in ("u2", 65535), ("f4", 1):
            alpha = np.clip(rng.uniform(-0.1, 1.1, deep.shape[:2]), 0, 1)[..., None]
            alpha = np.rint(alpha * full).astype(dtype) if dtype == "u2" else alpha.astype(dtype)
            stored = deep * alpha
            stored = np.rint(stored).astype(dtype) if dtype == "u2" else stored.astype(dtype)
            path, a = self.premultiplied("in.tif", stored, alpha), alpha.astype("f8")
            straight, seen = np.divide(stored.astype("f8"), a, out=np.zeros_like(deep), where=a > 0), a[..., 0] > 0
            for space in st.SPACES:
                want = self.wanted(space, straight, a[..., 0])
                over = np.minimum(want, 1) * a
                got = self.under_alpha(*self.asked(space), path)
                name = f"{space}, {dtype}"
                if dtype == "u2":
                    self.nearest("16 bits under premultiplied alpha", name, got[seen], over[seen])
                else:
                    self.near_floats("floats under premultiplied alpha", name, got[seen], (want * a)[seen])
                got = self.out(*self.asked(space), "--depth", "16", path)[..., :3]
                self.nearest("16 bits to straight alpha", name, got[seen], 65535 * want[seen])


def run(tool, corpus, folder):
    """All checks."""
    exact = Exact("exact", tool, corpus, folder)
    exact.can_say_no()
    exact.spaces()
    exact.soft_masks()
    exact.white()
    exact.multiplied()
    return exact.report.table()


if __name__ == "__main__":
    sys.exit(report.main("exact.py", run))
