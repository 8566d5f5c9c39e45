#!/usr/bin/python3
"""Spaces, styles, fits and their undoing against NumPy in double and scikit-image: style.py TOOL CORPUS

What differs is printed, then a table of the worst figures and the totals. SANITIZED=1 takes fewer pictures. Needs
python3-numpy, python3-pil, python3-skimage.
"""
import itertools
import json
import os
import shutil
import sys

import numpy as np
from skimage import color

import report
import support as st
from support import SPACES, channel, comma

# HistomicsTK: the presets of its Reinhard, of TCGA-A2-A3XS-DX1
PRESET = np.array([8.74108109, -0.12440419, 0.0444982]), np.array([0.6135447, 0.10989545, 0.0286032])
# Float outputs, in 0..1: a few roundings to float32 in the space, which near black RGB has 50 times as large
FLOAT = 1e-5


def write_stats(path, space, convention, mean, std):
    """A statistics file, as a person would write it."""
    channels = [{"weight": 1, "mean": m, "variance": s * s} for m, s in zip(mean, std)]
    with open(path, "w", encoding="ascii") as f:
        json.dump({"instnorm": 1, "space": space, "convention": convention, "channels": channels}, f)
    return path


class Styles(st.Oracle):
    """The checks."""

    # ---- what is measured -------------------------------------------------------------------------------------------

    def check_moments(self, line, told, space, expected, bound):
        """Mean and deviation, as shares of the range."""
        for key, want in zip(("mean", "std"), expected):
            error = (channel(told, key) - want) / SPACES[space].extent
            self.report.within(line, f"{key}, {space}, {os.path.basename(told['input'])}", error, bound)

    def measured(self, space):
        """All pictures: what is told, against the formula of the space. Returns both."""
        told = self.stats(space, *self.pictures)
        own = [st.moments(SPACES[space].of(pixels)) for pixels in self.pixels]
        for one, want in zip(told, own):
            self.check_moments("measured: the formula", one, space, want, 1e-6)
        return told, own

    def skimage(self):
        """scikit-image has white at 0.95047, 1, 1.08883: a differs by up to 0.0025, b by 0.0047, in 256."""
        for told, pixels in zip(self.stats("lab", *self.small_pictures), self.small):
            xyz = color.rgb2xyz(st.units(pixels))
            self.check_moments("measured, lab: scikit-image", told, "lab", st.moments(color.xyz2lab(xyz)), 1e-4)
            self.check_moments("measured, lab: scikit-image with the white of the matrix", told, "lab",
                               st.moments(color.xyz2lab(xyz / st.WHITE * (0.95047, 1, 1.08883))), 1e-6)

    def histomicstk(self):
        """
        Its logarithm of black is -36, so black is left out. What else is below the toe, reds of 1 and 2, is what the bound
        is for; where that is left out too, the formulas are the same.
        """
        for picture, pixels in zip(self.small_pictures, self.small):
            x = st.units(pixels)
            v, clear = st.histomicstk(x), (255 * x @ st.LMS.T >= st.TOE).all(2)
            mask = self.save("clear.png", clear[..., None] * np.uint8(255))
            for name, selector, weights, bound in (("black", "not:0", (x > 0).any(2), 1e-4),
                                                   ("what is below the toe", mask, clear, 1e-6)):
                told, = self.stats("ruderman", "--mask", selector, picture)
                self.check_moments(f"measured, ruderman: HistomicsTK, without {name}", told, "ruderman",
                                   st.moments(v, weights.astype(float)), bound)

    # ---- what is mapped ---------------------------------------------------------------------------------------------

    def styled(self, space, told, own):
        """Each picture with the style of the one before: samples, and what the tool measures in the output."""
        s = SPACES[space]
        outputs = [self.path(f"{i}.pfm") for i in range(len(told))]
        for i, output in enumerate(outputs):
            self.run("-S", space, "--style", self.pictures[i - 1], "--depth", "float", self.pictures[i], output)
            want = s.back(st.mapped(s.of(self.pixels[i][::4]), own[i], own[i - 1]))
            self.report.within("styled: samples of a float output (each 4th row)", f"{space}, {self.pictures[i][-6:]}",
                               st.readers.read_pfm(output)[::4] - want, FLOAT)
        for i, again in enumerate(self.stats(space, *outputs)):
            for key in "mean", "std":
                self.report.within("styled: mean and std of a float output", f"{key}, {space}, {self.pictures[i][-6:]}",
                                   (channel(again, key) - channel(told[i - 1], key)) / s.extent, 1e-6)
        for output in outputs:
            os.remove(output)

    def bytes_styled(self):
        """8 bits that do not clip: the mean and the deviation of rounded samples are off by half a step at most."""
        line, found = "styled, rgb: mean and std of 8 bits where nothing clips, in steps", 0
        for i, picture in enumerate(self.small_pictures):
            calm = self.save("calm.png", (self.small[i - 1] // 3 + 80).astype("u1"))
            result, = self.told("--style", calm, picture, self.path("out.png"))
            if any(c["low"] + c["high"] > 0 for c in result["clipped"]):
                continue
            found += 1
            again, style = self.stats("rgb", self.path("out.png"), calm)
            for key in "mean", "std":
                self.report.within(line, os.path.basename(picture), 255 * (channel(again, key) - channel(style, key)), 0.5)
        self.report.above(line, "pictures", found, len(self.small) / 2)

    def presets(self):
        """HistomicsTK's Reinhard with its presets, as a statistics file and as lists."""
        path = write_stats(self.path("preset.json"), "ruderman", "natural logarithm of LMS of RGB 0..255", *PRESET)
        for pixels in self.small[::2]:
            light = np.maximum(pixels, 1)  # nothing is below the toe
            v, picture = st.histomicstk(st.units(light)), self.save("light.png", light)
            want = st.histomicstk_back(st.mapped(v, st.moments(v), PRESET))
            for how in ("--style", path), ("-e", "0", "-g", comma(PRESET[1]), "-b", comma(PRESET[0])):
                self.report.within("styled, ruderman: HistomicsTK's Reinhard with its preset, each sample", how[0],
                                   self.floats("-S", "ruderman", *how, picture) - want, FLOAT)

    # ---- styles -----------------------------------------------------------------------------------------------------

    def itself(self):
        """A picture is its own style, and so are its statistics: no sample moves by more than a step."""
        texture = np.random.default_rng(3).integers(0, 256, (60, 80, 3), dtype="u1")
        flat = np.full_like(texture, [200, 30, 90])
        pictures = {"a flat channel": np.dstack([texture[..., 0], flat[..., 1], texture[..., 2]]),
                    "two flat channels": np.dstack([flat[..., :2], texture[..., 2]]),
                    "grey": texture[..., :1].repeat(3, 2), "flat": flat, "flat grey": np.full_like(flat, 93),
                    "black": np.zeros_like(flat), "white": np.full_like(flat, 255), "noise": texture,
                    "nearly black": texture // 200, "black and one other": np.where(texture[..., :1] < 5, flat, 0)}
        pictures |= {f"small{i}": self.small[i] for i in range(0, len(self.small), 8)}
        for space, (name, pixels) in itertools.product(SPACES, pictures.items()):
            path = self.save("self.png", pixels.astype("u1"))
            own = self.saved("self.json", "--stats", "-S", space, path)
            for how in (path,), (own, "--use-stats", own):
                got = self.out("-S", space, "--style", *how, path)
                self.report.within("a picture is its own style: steps of 8 bits",
                                   f"{name}, {space}, {os.path.basename(how[-1])}", got.astype(int) - pixels, 1)

    def blends(self, space):
        """Several styles with weights: their means and deviations are interpolated."""
        first, second, third, picture = (self.small_pictures[i] for i in (0, 1, -2, -1))
        s, weights, told = SPACES[space], np.array([1, 2.5, 0.25]), self.stats(space, first, second, third)
        style = [sum(w * channel(t, key) for w, t in zip(weights, told)) / weights.sum() for key in ("mean", "std")]
        run = "-S", space, "-s", first, "-s", f"{second}@2.5", "-s", f"{third}@1/4", picture
        result, = self.told(*run, self.path("out.png"))
        for key, want in zip(("beta", "gamma"), style):
            self.report.within("blended styles: gamma and beta, relative to the range", space,
                               (channel(result, key) - want) / s.extent, 1e-12)
        v = s.of(self.small[-1])
        self.report.within("blended styles: each sample of a float output", space,
                           self.floats(*run) - s.back(st.mapped(v, st.moments(v), style)), FLOAT)

    def names(self, space):
        """What --style takes: a statistics file for the picture that it is of, names with @, and before all a file."""
        first, second, picture = self.small_pictures[:3]
        file = self.saved("first.json", "--stats", "-S", space, first)
        twice, whole = shutil.copy(first, self.path("img@2x.png")), shutil.copy(first, self.path("img.png@3"))
        shutil.copy(second, self.path("img.png"))
        for weight in "", "@3", "@1/2":
            want = self.out("-S", space, "-s", second, "-s", first + weight, picture)
            for name in file, twice, whole:
                got = self.out("-S", space, "-s", second, "-s", name + weight, picture)
                self.report.result(f"{space}: style {os.path.basename(name)}{weight}", np.array_equal(got, want), "another")
        got = self.out("-S", space, "-s", self.path("img.png@3.0"), picture)
        want = self.out("-S", space, "-s", second, picture)
        self.report.result(f"{space}: style img.png@3.0", np.array_equal(got, want), "is another")

    def options(self):
        """--strength, --channels and linked channels beside a style."""
        picture, style = self.small_pictures[:2]
        line = "--strength, --channels, --norm layer with a style: each sample"
        for space, s in SPACES.items():
            v, w = (s.of(pixels) for pixels in self.small[:2])
            moved = st.mapped(v, st.moments(v), st.moments(w))
            got = self.floats("-S", space, "-s", style, "--strength", "0.4", picture)
            self.report.within(line, f"strength, {space}", got - s.back(0.4 * moved + 0.6 * v), FLOAT)
            got = self.floats("-S", space, "-s", style, "-c", "0", picture)
            self.report.within(line, f"one channel, {space}", got - s.back(np.dstack([moved[..., 0], v[..., 1:]])), FLOAT)
            if space in ("rgb", "linear"):
                linked = (v - v.mean()) / v.std() * w.std() + w.mean()
                got = self.floats("-S", space, "-s", style, "-N", "layer", picture)
                self.report.within(line, f"linked, {space}", got - s.back(linked), FLOAT)

    # ---- statistics that are given ------------------------------------------------------------------------------------

    def given(self):
        """Given statistics are as good as measured ones, if they are the picture's own."""
        for space, i in itertools.product(SPACES, range(0, len(self.small), 12)):
            picture, run = self.small_pictures[i], ("-S", space, "-s", self.small_pictures[i - 1])
            told, = self.stats(space, picture)
            own = self.saved("own.json", "--stats", "-S", space, picture)
            lists = "--mean", comma(channel(told, "mean")), "--std", comma(channel(told, "std"))
            exact, floats = self.out(*run, picture), self.floats(*run, picture)
            for how in ("--use-stats", own), lists:
                self.report.result(f"{how[0]} for measured ones, {space}, {os.path.basename(picture)}",
                                   np.array_equal(self.out(*run, *how, picture), exact), "8 bits differ")
                self.report.within("given statistics for measured ones: each sample of a float output", space,
                                   self.floats(*run, *how, picture) - floats, 1e-6)

    def undo(self):
        """
        There by a style, back by the statistics of both. Float, whose first roundings are divided by a scale of a third,
        and 16 bits where nothing clips.
        """
        found = dict.fromkeys(SPACES, 0)
        for space, i in itertools.product(SPACES, range(0, len(self.small), 5)):
            calm = self.save("calm.png", (self.small[i - 1] // 4 + 96).astype("u1"))
            before, after = self.path("before.json"), self.path("after.json")
            there = "-S", space, "--style", calm, "--save-stats", before
            back = "-S", space, "--use-stats", after, "--style", before
            middle = self.floats(*there, self.small_pictures[i])
            path = self.save("middle.pfm", middle)
            self.saved("after.json", "--stats", "-S", space, path)
            self.report.within("undone: each sample of a float output", f"{space}, small{i}",
                               self.floats(*back, path) - st.units(self.small[i]), 3 * FLOAT)
            if not 0 <= middle.min() <= middle.max() <= 1:
                continue
            found[space] += 1
            middle = self.out("--depth", "16", *there, self.small_pictures[i], name="middle.pnm")
            self.saved("after.json", "--stats", "-S", space, self.path("middle.pnm"))
            error = self.out(*back, self.path("middle.pnm"), name="back.pnm") / 65535 - st.units(self.small[i])
            rounded, original = st.moments_of_file(after), st.moments_of_file(before)
            for got, want in zip(rounded, st.moments(SPACES[space].of(middle))):
                self.report.within("undone: statistics of the 16 bits, of the range", f"{space}, small{i}",
                                   (got - want) / SPACES[space].extent, 1e-6)
            bound = self.undo_bound(space, st.units(middle)[::2], rounded, original, calm)
            self.report.within("undone: each sample of 16 bits, in steps", f"{space}, small{i}", 65535 * error[::2],
                               65535 * bound)
        for space, n in found.items():
            self.report.above("undone, 16 bits", f"pictures in {space}", n, 1 if self.sanitized else 3)

    def undo_rounded(self):
        """
        In RGB, by 16 bits of less contrast: each is off by half a step, and the mean and the deviation of all by no more,
        which undoing divides by the scale.
        """
        before, after = self.path("before.json"), self.path("after.json")
        for i, scale in itertools.product(range(0, len(self.small), 3), (0.168, 0.4)):
            gamma = ",".join(repr(scale * v) for v in st.units(self.small[i]).std((0, 1)))
            middle = self.out("-g", gamma, "-b", "0.5", "-e", "0", "--depth", "16", "--save-stats", before,
                              self.small_pictures[i], name="middle.pnm")
            assert 0 < middle.min() <= middle.max() < 65535
            self.saved("after.json", "--stats", self.path("middle.pnm"))
            got = self.out("--use-stats", after, "--style", before, "--depth", "16", self.path("middle.pnm"),
                           name="back.pnm").astype(int)
            self.report.within(f"undone, rgb: each sample of 16 bits at a scale of {scale}, in steps", f"small{i}",
                               got - 257 * self.small[i].astype(int), 1 / scale + 0.5)

    def undo_bound(self, space, x, rounded, original, calm):
        """
        For each sample of the intermediate x. It is rounded, by at most half a step q, which undoing divides by the scale:
        in RGB by what the undoing map makes of q in each of the three channels. That is rounded, which adds q. What the
        statistics of the rounded intermediate are off by is worked out.
        """
        s, q = SPACES[space], 0.5 / 65535
        style = [channel(self.stats(space, calm)[0], key) for key in ("mean", "std")]
        here = s.back(st.mapped(s.there(x), rounded, original))
        bound = np.abs(here - s.back(st.mapped(s.there(x), style, original)))
        for step in q * np.eye(3):
            near = [np.abs(s.back(st.mapped(s.there(x + by), rounded, original)) - here) for by in (step, -step)]
            bound += np.maximum(*near) * 1.02  # the map is not straight
        return bound + q + FLOAT / 10

    # ---- fit --------------------------------------------------------------------------------------------------------

    def fits(self):
        """
        A known map of each channel, of which 8 bits remain and a twentieth is cut off: above, below, at both ends. With a
        noise of half a step, as cameras have; without it the rounding goes with the value, and the slope is less sure.
        """
        rng = np.random.RandomState(4)
        for i in range(0, len(self.small), 4):
            x = st.units(self.small[i])
            q = np.quantile(x, (0.025, 0.05, 0.95, 0.975), (0, 1))
            scale = np.array([1.2, 0.9, 1 / (q[3, 2] - q[0, 2])])
            shift = np.array([1 - scale[0] * q[2, 0], -scale[1] * q[1, 1], -scale[2] * q[0, 2]])
            for noise, name, bound in (0.5 / 255, "with noise", 1e-3), (0, "without noise", 2e-3):
                target = st.digits(x * scale + shift + rng.uniform(-noise, noise, x.shape), 255)
                inside = (target > 0) & (target < 255)
                self.report.above("fit", "share of samples that are cut off", 1 - inside.mean((0, 1)).max(), 0.045)
                got = self.fit("rgb", i, target, inside)
                self.report.within(f"fit, rgb: scale and shift that are known, {name}", f"small{i}", got - (scale, shift),
                                   bound)

    def fits_in(self, space):
        """
        A known map in the space, of which 8 bits remain. With e = target - map(x) the slope is off by cov(x, e) / var(x),
        which is at most the rms of e over the deviation of x; the shift by no more than the rms and that times the mean.
        """
        s = SPACES[space]
        for i in range(0, len(self.small), 4):
            v = s.of(self.small[i])
            mean, std = st.moments(v)
            scale = np.array([0.8, 0.9, 1.1])
            shift = mean * (1 - scale) + std * (0.3, 0.1, -0.1)
            target = st.digits(s.back(v * scale + shift), 255)
            inside = (target > 0) & (target < 255)
            if space != "linear":
                inside = inside.all(2, keepdims=True).repeat(3, 2)
            got = self.fit(space, i, target, inside)
            for c in range(3):
                x = v[..., c][inside[..., c]]
                e = s.of(target)[..., c][inside[..., c]] - (x * scale[c] + shift[c])
                rms = np.sqrt((e**2).mean())
                self.report.within("fit, other spaces: scale that is known", f"{space}, small{i}", got[0, c] - scale[c],
                                   rms / x.std())
                self.report.within("fit, other spaces: shift that is known, of the range", f"{space}, small{i}",
                                   (got[1, c] - shift[c]) / s.extent[c],
                                   rms * (1 + np.abs(x.mean()) / x.std()) / s.extent[c])

    def fit(self, space, i, target, counts):
        """Scale and shift that the tool finds: those of NumPy's least squares. What is saved of them makes the same map."""
        picture, fitted, run = self.small_pictures[i], self.path("fit.json"), ("-S", space)
        told, = self.told(*run, "--fit", self.save("target.png", target), "--save-stats", fitted, picture,
                          self.path("fit.png"))
        got = np.array([channel(told, "scale"), channel(told, "shift")])
        x, y = SPACES[space].of(self.small[i]), SPACES[space].of(target)
        want = np.transpose([np.polyfit(x[..., c][counts[..., c]], y[..., c][counts[..., c]], 1) for c in range(3)])
        self.report.within("fit: least squares by NumPy, relative", f"{space}, small{i}",
                           (got - want) / np.abs(want).max(0), 1e-6)
        self.report.result(f"fit, {space}: saved, it is the same style", np.array_equal(
            self.out(*run, "--style", fitted, picture), st.readers.read_png(self.path("fit.png"))), "it is another")
        own = self.saved("own.json", "--stats", *run, picture)
        other, = self.told(*run, "--use-stats", own, "--style", fitted, self.small_pictures[i - 1], self.path("out.png"))
        self.report.within("fit: the map that another picture gets of it, relative", space,
                           (np.array([channel(other, "scale"), channel(other, "shift")]) - got) / np.abs(got).max(), 1e-12)
        return got


def run(tool, corpus, folder):
    """All checks."""
    oracle = Styles("style", tool, corpus, folder)
    oracle.can_say_no()
    for space in SPACES:
        oracle.styled(space, *oracle.measured(space))
        oracle.blends(space)
    oracle.names("rgb")
    oracle.names("lab")
    oracle.skimage()
    oracle.histomicstk()
    oracle.bytes_styled()
    oracle.presets()
    oracle.itself()
    oracle.options()
    oracle.given()
    oracle.undo()
    oracle.undo_rounded()
    oracle.fits()
    for space in list(SPACES)[1:]:
        oracle.fits_in(space)
    return oracle.report.table()


if __name__ == "__main__":
    sys.exit(report.main("style.py", run))
