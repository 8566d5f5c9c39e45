#!/usr/bin/python3
"""Masks against NumPy in double: mask.py TOOL CORPUS

Where it is measured, where it is changed, where the style is taken from. What differs is printed, then a table of the
worst figures and the totals. Needs python3-numpy, python3-pil.
"""
import itertools
import os
import sys

import numpy as np

import report
import support as st
from support import SPACES, channel

HEIGHT, WIDTH, PATCH = 150, 200, 77
STEP = {".png": 255, ".pnm": 65535, ".pfm": 1}
# Not to be touched by arithmetic: quiet NaNs with something in them, zeros of both signs, denormals, infinities
SPECIAL = np.array([0x7fc12345, 0xffc00001, 0x80000000, 0x00000000, 0x00000001, 0x807fffff, 0x7f800000, 0xff800000],
                   np.uint32).view(np.float32)


def blobs(seed, size=24):
    """Smooth noise, from -1 to 1: half of it below 0."""
    coarse = np.random.RandomState(seed).uniform(-1, 1, (HEIGHT // size + 2, WIDTH // size + 2))
    y, x = np.arange(HEIGHT) / size, np.arange(WIDTH) / size
    rows = np.stack([np.interp(x, np.arange(coarse.shape[1]), row) for row in coarse])
    return np.stack([np.interp(y, np.arange(coarse.shape[0]), column) for column in rows.T], 1)


def lightness(pixels):
    """CIELAB's, 0 to 1."""
    return SPACES["lab"].of(pixels)[..., 0] / 100


def threshold(light, near):
    """A value near one that no pixel is within 1e-5 of: rounding decides nothing."""
    levels = np.unique(light[light >= near])
    k = np.argmax(np.diff(levels) > 2e-5)
    if not levels[k + 1] - levels[k] > 2e-5:
        raise SystemExit("mask oracle: no gap between the lightnesses")
    return (levels[k] + levels[k + 1]) / 2


def grey(values, dtype="u1"):
    """A mask [H,W,1] of values 0..1, beyond them cut off."""
    return st.digits(values, 255 if dtype == "u1" else 65535)[..., None]


class Masks(st.Oracle):
    """The checks."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.crops = [pixels[100:100 + HEIGHT, 150:150 + WIDTH].copy() for pixels in self.pixels[:3]]
        for crop in self.crops:
            crop[60:90, 80:120] = PATCH
        self.paths = [self.save(f"crop{i}.png", crop) for i, crop in enumerate(self.crops)]
        self.soft, self.hard = grey(1.5 * blobs(1)), grey(np.sign(blobs(2)))
        self.soft_path, self.hard_path = self.save("soft.png", self.soft), self.save("hard.png", self.hard)

    # ---- where it is measured ---------------------------------------------------------------------------------------

    def selectors(self, crop):
        """(name, options, weights) of all kinds."""
        soft, hard, light = self.soft[..., 0] / 255, self.hard[..., 0] / 255, lightness(crop)
        deep, at = grey(1.5 * blobs(3), "u2"), threshold(light, 0.4)
        other = (crop != PATCH).any(2).astype(float)
        yield "hard", ["hard.png"], hard
        yield "soft", ["soft.png"], soft
        yield "16 bits", [self.save("deep.png", deep)], deep[..., 0] / 65535
        floats = (blobs(4)[..., None] * 3).astype("f4")
        floats[3, 5] = np.nan
        yield "floats", [self.save("floats.pfm", floats)], np.nan_to_num(np.clip(floats[..., 0], 0, 1))
        yield "three equal colours", [self.save("colours.png", self.soft.repeat(3, 2))], soft
        yield "grey with alpha", [self.save("alpha.png", np.dstack([self.hard, self.soft]))], hard * soft
        yield "below", [f"below:{at}"], (light < at).astype(float)
        yield "above", [f"above:{at}"], (light > at).astype(float)
        high = threshold(light, 0.6)
        yield "between", [f"above:{at}", f"below:{high}"], ((light > at) & (light < high)).astype(float)
        for value in PATCH, PATCH - 0.4, PATCH + 0.4:
            yield "not", [f"not:{value / 255}"], other
        yield "soft and hard", ["soft.png", "hard.png"], soft * hard
        yield "soft, below, hard", ["soft.png", f"below:{at}", "hard.png"], soft * hard * (light < at)
        yield "none", [], np.ones(light.shape)

    def options(self, option, selectors):
        """--mask A --mask B"""
        return [word for s in selectors for word in (option, s if ":" in s else self.path(os.path.basename(s)))]

    def same_moments(self, line, name, space, told, v, weights):
        """What is told is what NumPy has with weights."""
        mean, std = st.moments(v, weights)
        inside = v[weights > 0]
        self.report.within(f"{line}: sum of the weights, relative", name, channel(told, "weight") / weights.sum() - 1, 1e-6)
        for key, want in ("mean", mean), ("std", std), ("min", inside.min(0)), ("max", inside.max(0)):
            self.report.within(f"{line}: mean, std, min, max, of the range", f"{key}, {name}",
                               (channel(told, key) - want) / SPACES[space].extent, 1e-6)

    def measuring(self):
        """--mask, of pictures without and with alpha, which is a weight beside it."""
        alpha = grey(1.5 * blobs(7))
        for crop, space in itertools.product(self.crops[:1 if self.sanitized else 2], ("rgb", "lab")):
            v = SPACES[space].of(crop)
            plain, seen = self.save("plain.png", crop), self.save("seen.png", np.dstack([crop, alpha]))
            for name, selectors, weights in self.selectors(crop):
                options = self.options("--mask", selectors)
                told, = self.stats(space, *options, plain)
                self.same_moments("--mask", f"{name}, {space}", space, told, v, weights)
                told, = self.stats(space, *options, seen)
                self.same_moments("--mask beside alpha", f"{name}, {space}", space, told, v, weights * alpha[..., 0] / 255)
                told, = self.stats(space, *options, "--mask", "all", seen)
                self.same_moments("--mask all beside others", f"{name}, {space}", space, told, v, weights)

    def not_black(self):
        """not:0 and not:nan; a pixel is left out if all of its colours are so, and NaN never counts."""
        crop = self.crops[0] * (blobs(5) > 0)[..., None] * np.array([1, 1, 0], "u1")
        told, = self.stats("rgb", "--mask", "not:0", self.save("holes.png", crop))
        self.same_moments("--mask not:0, not:nan", "0", "rgb", told, crop / 255, crop.any(2).astype(float))
        floats = self.crops[0].astype("f4") / 255
        floats[blobs(5) > 0] = np.nan
        told, = self.stats("rgb", "--mask", "not:nan", self.save("holes.pfm", floats))
        self.same_moments("--mask not:0, not:nan", "nan", "rgb", told, np.nan_to_num(floats), (blobs(5) <= 0).astype(float))

    def folders(self):
        """A folder of masks: the one with the input's name, whatever kinds of pictures they are."""
        os.mkdir(self.path("masks"))
        names = [self.path(f"{i}.jpg") for i in range(2)]
        for path, crop, mask in zip(names, self.crops, (self.soft, self.hard)):
            self.save(os.path.basename(path), crop)
            self.save("masks/" + os.path.basename(path).replace("jpg", "png"), mask)
        for option in "--mask", "--apply-mask":
            folder = self.path("masks")
            self.run("--mask", folder, option, folder, "-f", "png", "-o", self.path("by-folder/"), *names)
            for i, mask in enumerate((self.soft_path, self.hard_path)):
                want = self.out("--mask", mask, option, mask, names[i])
                got = st.readers.read_png(self.path(f"by-folder/{i}.png"))
                self.report.result(f"a folder for {option}, picture {i}", np.array_equal(got, want), "is another")

    # ---- where the style is taken from ------------------------------------------------------------------------------

    def styles(self):
        """--style-mask, and with it the thresholds of --mask, which hold for the style too; its picture does not."""
        crop, style = self.crops[:2]
        dark, light = lightness(crop), lightness(style)
        low, high = (threshold(np.r_[dark.ravel(), light.ravel()], near) for near in (0.3, 0.6))
        more = itertools.cycle((([], (1, 1)), ([f"above:{low}"], (dark > low, light > low)),
                                ([f"below:{high}"], (dark < high, light < high)),
                                ([f"not:{PATCH}/255"], ((crop != PATCH).any(2), (style != PATCH).any(2)))))
        for space in "rgb", "lab":
            v, w = SPACES[space].of(crop), SPACES[space].of(style)
            for (name, selectors, weights), (thresholds, inside) in zip(self.selectors(style), more):
                told, = self.told("-S", space, "-s", self.paths[1], *self.options("--style-mask", selectors),
                                  *self.options("--mask", thresholds + ["soft.png"]), self.paths[0], self.path("out.png"))
                self.same_moments("--mask beside a style", name, space, told, v, self.soft[..., 0] / 255 * inside[0])
                for key, want in zip(("beta", "gamma"), st.moments(w, weights * inside[1])):
                    self.report.within("--style-mask, and thresholds of --mask: gamma and beta, of the range",
                                       f"{name}, {space}", (channel(told, key) - want) / SPACES[space].extent, 1e-6)

    def fits(self):
        """--fit of what --mask selects: NumPy's least squares with the weights. Elsewhere the target is another picture."""
        crop, weights = self.crops[0], self.soft / 255
        for space in "rgb", "lab":
            s = SPACES[space]
            target = st.digits(s.back(s.of(crop) * 0.8 + s.of(crop).mean((0, 1)) * 0.2), 255)
            target = np.where(weights > 0, target, self.crops[1])
            told, = self.told("-S", space, "--mask", self.soft_path, "--fit", self.save("target.png", target), self.paths[0],
                              self.path("out.png"))
            inside = (target > 0) & (target < 255)
            inside = inside if space == "rgb" else inside.all(2, keepdims=True).repeat(3, 2)
            for c in range(3):
                w = np.sqrt(weights[..., 0] * inside[..., c]).ravel()
                want = np.polyfit(s.of(crop)[..., c].ravel(), s.of(target)[..., c].ravel(), 1, w=w)
                got = channel(told, "scale")[c], channel(told, "shift")[c]
                self.report.within("--fit under --mask: scale and shift, relative", space,
                                   (got - want) / np.abs(want).max(), 1e-6)

    # ---- where it is changed ----------------------------------------------------------------------------------------

    def picture(self, extension):
        """A crop of 8 or 16 bits or of floats, these with what arithmetic would not keep where nothing is changed."""
        crop = self.crops[0]
        if extension == ".png":
            return crop
        rng = np.random.RandomState(6)
        if extension == ".pnm":
            return (crop * 256 + rng.randint(0, 256, crop.shape)).astype("u2")
        floats = (crop / 255 + rng.uniform(-0.3, 0.3, crop.shape)).astype("f4")
        still = np.argwhere(self.soft[..., 0] == 0)
        for k, (y, x) in enumerate(still[::7]):
            floats[y, x, k % 3] = SPECIAL[k % len(SPECIAL)]
        return floats

    def same_bits(self, line, name, got, want):
        """NaN and the sign of zero too."""
        self.report.result(f"{line}: {name}", got.dtype == want.dtype and got.tobytes() == want.tobytes(), "bits differ")

    def changing(self):
        """
        --apply-mask by a soft picture, which it is also measured by: outside not a bit is changed, inside it is what it is
        without the mask, and between as much of the one and of the other.
        """
        amount = self.soft[..., 0] / 255
        line = "--apply-mask"
        for extension, space in itertools.product(STEP, ("rgb", "lab", "linear", "oklab", "ruderman")):
            pixels, name = self.picture(extension), f"{extension}, {space}"
            out, run = "out" + extension, ("-S", space, "-s", self.paths[1], "--mask", self.soft_path)
            path = self.save("in" + extension, pixels)
            got = self.out(*run, "--apply-mask", "same", path, name=out)
            whole = self.out(*run, path, name=out)
            self.same_bits(line, f"outside, {name}", got[amount == 0], pixels[amount == 0])
            self.same_bits(line, f"inside, {name}", got[amount == 1], whole[amount == 1])
            named = self.out(*run, "--apply-mask", self.soft_path, path, name=out)
            self.same_bits(line, f"named or same, {name}", got, named)
            edge = (amount > 0) & (amount < 1)
            self.report.above(line, f"pixels of {name}", min((amount == 0).sum(), (amount == 1).sum(), edge.sum()), 500)
            x = np.where(amount[..., None] > 0, pixels, 0) / STEP[extension]
            v, style = SPACES[space].there(x), st.moments(SPACES[space].of(self.crops[1]))
            moved = SPACES[space].back(st.mapped(v, st.moments(v, amount), style))
            want = x + amount[..., None] * (moved - x)
            bound = 1e-5 if extension == ".pfm" else (0.5 + 1e-5 * STEP[extension]) / STEP[extension]
            want = want if extension == ".pfm" else np.clip(want, 0, 1)
            self.report.within(f"{line}: the soft edge in steps of 1/{STEP[extension]}", name,
                               STEP[extension] * (got / STEP[extension] - want)[edge], STEP[extension] * bound)

    def selecting(self):
        """--apply-mask by thresholds, values and products of them; with --dither and to another depth."""
        crop, path = self.crops[2], self.paths[2]
        depths = [["--depth", "16"]] if self.sanitized else [[], ["--dither"], ["--depth", "16"]]
        for space, more in itertools.product(("rgb", "lab"), depths):
            run = "-S", space, "-s", self.paths[1], *more, path
            whole = self.out(*run)
            plain = crop if whole.dtype == np.uint8 else crop * np.uint16(257)
            for name, selectors, weights in self.selectors(crop):
                got, what = self.out(*self.options("--apply-mask", selectors), *run), f"{name}, {space}, {' '.join(more)}"
                self.same_bits("--apply-mask of all kinds", f"outside, {what}", got[weights <= 0], plain[weights <= 0])
                self.same_bits("--apply-mask of all kinds", f"inside, {what}", got[weights >= 1], whole[weights >= 1])

    def holes(self):
        """--apply-mask not:nan: where all colours are NaN, they stay so to the bit, and the others are as without it."""
        holes, pixels = blobs(8) > 0.2, self.crops[0].astype("f4") / 255
        pixels[holes] = SPECIAL[0]
        path = self.save("holes.pfm", pixels)
        for space in SPACES:
            run = "-S", space, "-s", self.paths[1]
            got, whole = (self.out(*run, *o, path, name="out.pfm") for o in (["--apply-mask", "not:nan"], []))
            self.same_bits("--apply-mask not:nan", f"outside, {space}", got[holes], pixels[holes])
            self.same_bits("--apply-mask not:nan", f"inside, {space}", got[~holes], whole[~holes])

    def not_finite(self):
        """
        No mask: NaN in one channel counts for nothing. Where the channels go together it is all that is known of its
        pixel, which is passed on; elsewhere the other two are mapped.
        """
        holes, pixels = blobs(8) > 0.2, self.crops[0].astype("f4") / 255
        pixels[holes, 1] = SPECIAL[0]
        path = self.save("holes.pfm", pixels)
        for space, s in SPACES.items():
            got = self.out("-S", space, "-s", self.paths[1], path, name="out.pfm")
            style = st.moments(s.of(self.crops[1]))
            v = s.there(np.where(holes[..., None] & [False, True, False], 0, pixels).astype(np.float64))
            counts = [np.ones(holes.shape) if space in ("rgb", "linear") and c != 1 else ~holes for c in range(3)]
            measured = [st.moments(v[..., c:c + 1], counts[c]) for c in range(3)]
            want = s.back(st.mapped(v, np.concatenate(measured, 1), style))
            if space in ("rgb", "linear"):
                self.report.result(f"NaN in one channel: {space}", np.isnan(got[holes, 1]).all(), "is another")
                got[holes, 1] = want[holes, 1]
            else:
                self.same_bits("NaN in one channel", space, got[holes], pixels[holes])
                got[holes] = want[holes]
            self.report.within("NaN in one channel: each sample elsewhere", space, got - want, 1e-5)


def run(tool, corpus, folder):
    """All checks."""
    oracle = Masks("mask", tool, corpus, folder)
    oracle.can_say_no()
    oracle.measuring()
    oracle.not_black()
    oracle.folders()
    oracle.styles()
    oracle.fits()
    oracle.changing()
    oracle.selecting()
    oracle.holes()
    oracle.not_finite()
    return oracle.report.table()


if __name__ == "__main__":
    sys.exit(report.main("mask.py", run))
