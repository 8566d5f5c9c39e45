"""Round trips of samples: formats, depths, noise, alpha. Pictures are made here, so that every sample is known."""
import os
import subprocess

import numpy as np

from readers import read, samples, tiff_tags
from trips import NOTHING, Trips, digits, moments, normalized, straight
from writers import UNIT, by_pillow, npy, pfm, picture, plain_pnm, png, pnm, tiff, write


class Samples(Trips):
    """The checks."""

    def inputs(self):
        """(name, extension, bytes, what they mean); None where a lossy decoder says."""
        for channels in 1, 2, 3, 4:
            for dtype in "u1", "u2":
                pixels = picture(dtype, channels)
                yield f"png {dtype} {channels}", "png", png(pixels), pixels
                yield f"pnm {dtype} {channels}", "pnm", pnm(pixels), pixels
                if channels % 2:
                    yield f"plain pnm {dtype} {channels}", "pnm", plain_pnm(pixels), pixels
            small = picture("u1", channels) // 17
            yield f"pnm maxval 15 {channels}", "pnm", pnm(small, 15), small * 17
        for channels in 1, 3:
            floats, pixels = picture("f4", channels), picture("u1", channels)
            for order in "<>":
                yield f"pfm {order} {channels}", "pfm", pfm(floats, order), floats
            yield f"npy {channels}", "npy", npy(floats), floats
            yield f"bmp {channels}", "bmp", by_pillow(pixels, "BMP"), np.broadcast_to(pixels, pixels.shape[:2] + (3,))
            for name, options in (("4:4:4", {"subsampling": 0}), ("4:2:0", {"subsampling": 2}), ("progressive",
                                                                                              {"progressive": True})):
                yield f"jpeg {name} {channels}", "jpeg", by_pillow(pixels, "JPEG", quality=92, **options), None
        for channels in 3, 4:
            pixels = picture("u1", channels)
            yield f"webp lossless {channels}", "webp", by_pillow(pixels, "WEBP", lossless=True, exact=True), pixels
            yield f"webp lossy {channels}", "webp", by_pillow(pixels, "WEBP", quality=80), None
        if "tiff" in self.formats:
            yield from self.tiffs()

    def tiffs(self):
        """Every type and channel count as one strip, and in planes; strips, tiles and compressions by tiffcp."""
        layouts = [[], ["-r", "5"], ["-t", "-w", "16", "-l", "32"], ["-c", "zip"], ["-c", "lzw"], ["-c", "lzw:2"],
                   ["-c", "zip", "-t", "-w", "64", "-l", "16"], ["-c", "zip:3"], ["-B"]]
        for dtype in "u1", "u2", "f4":
            for channels in 1, 2, 3, 4:
                pixels = picture(dtype, channels)
                yield f"tiff {dtype} {channels} planar", "tiff", tiff(pixels, planar=True), pixels
                for layout in layouts if channels == 3 else layouts[:1]:
                    if layout[-1:] == (["lzw:2"] if dtype == "f4" else ["zip:3"]):
                        continue
                    write(self.path("made.tiff"), tiff(pixels))
                    if layout:
                        subprocess.run(["tiffcp", *layout, self.path("made.tiff"), self.path("cp.tiff")], check=True)
                        os.replace(self.path("cp.tiff"), self.path("made.tiff"))
                    yield f"tiff {dtype} {channels} {' '.join(layout)}", "tiff", read(self.path("made.tiff")), pixels

    def unchanged(self):
        """Nothing is to be done: every sample is kept. By the default map, each is as NumPy has it."""
        for name, extension, data, pixels in self.inputs():
            if extension not in self.formats:
                continue
            source = write(self.path("in." + extension), data)
            lossless = pixels is not None
            if not lossless:
                pixels = samples(source)
            for options in NOTHING:
                target = self.path(f"out.{extension if lossless else 'png'}")
                got = self.out(*options, source, target)
                same = got.dtype == pixels.dtype and np.array_equal(got, pixels)
                self.report.result(f"{name} {' '.join(options)}", same, f"{got.dtype} {got.shape}")
            if not lossless:
                got = self.out("--strength", "0", source, self.path("out." + extension))
                error = np.abs(got.astype(int) - pixels).mean() if got.shape == pixels.shape else np.inf
                self.report.result(f"{name} again lossy", error < 3, f"{got.shape}, mean error {error:.3g}")
            if extension != "npy":
                self.mapped(name, source, pixels, target)

    def mapped(self, name, source, pixels, target, **how):
        """The default map; alpha is not touched."""
        unit = UNIT[pixels.dtype.str[1:]]
        colours, alpha = straight(pixels, unit, **how)
        want = normalized(colours, alpha)
        got = self.out("-Q", source, target)
        if got.dtype != pixels.dtype or got.shape != pixels.shape:
            self.report.result(name + " mapped", False, f"{got.dtype} {got.shape}")
        elif unit == 1:
            self.report.near(name + " mapped", got[:, :, :want.shape[2]], want, 2e-7 * np.abs(want) + 1e-7)
        else:
            want = np.clip(want * unit, 0, unit)
            self.report.near(name + " mapped", got[:, :, :want.shape[2]], want, 0.5 + 1e-6)
            if alpha is not None:
                self.report.result(name + " alpha", np.array_equal(got[:, :, -1], pixels[:, :, -1]), "was touched")

    def depths(self):
        """16 to 8 bits rounds half to even, 8 to 16 is times 257, floats are v / 255."""
        every = np.arange(65536).astype("u2").reshape(256, 256, 1)
        source, target = write(self.path("every.png"), png(every)), self.path("out.png")
        got = self.out("--strength", "0", "--depth", "8", source, target)
        self.report.near("16 to 8", got, np.rint(every / 257), 0)
        self.report.result("16 to 8 type", got.dtype == np.uint8)
        for channels in 1, 2, 3, 4:
            pixels = picture("u1", channels)
            write(self.path("in.png"), png(pixels))
            got = self.out("--strength", "0", "--depth", "16", self.path("in.png"), target)
            self.report.near(f"8 to 16, {channels}", got, pixels * 257.0, 0)
            if channels % 2:
                got = self.out("--strength", "0", "--depth", "float", self.path("in.png"), self.path("out.pfm"))
                self.report.near(f"8 to float, {channels}", got, pixels / 255.0, 2.0**-24)
                back = self.out("--strength", "0", "--depth", "8", self.path("out.pfm"), target)
                self.report.near(f"float to 8, {channels}", back, pixels, 0)
        half = np.arange(-4, 600, dtype="f4").reshape(4, 151) / 2
        np.save(self.path("half.npy"), half)
        got = self.out("--mean", "0", "--std", "1", "--depth", "8", self.path("half.npy"), self.path("out.npy"))
        self.report.near("half to even", got[:, :, 0], np.clip(np.rint(half), 0, 255), 0)

    def dither(self):
        """A shallow ramp: the mean stays, no sample moves by more than a step, the bands are broken up."""
        ramp = np.rint(20000 + 12 * np.arange(512.0) + 3 * np.arange(256.0)[:, None]).astype("u2")
        source = write(self.path("ramp.png"), png(np.stack([ramp, ramp[::-1], ramp[:, ::-1]], -1)))
        how = "--mean", "0", "--std", "1", "-g", "1", "-b", "1e-6", "--depth", "8"  # a channel that does not change gets none
        plain = self.out(*how, source, self.path("plain.png")).astype(int)
        noisy = self.out(*how, "--dither", source, self.path("noisy.png")).astype(int)
        self.out(*how, "--dither", "--memory", "64K", source, self.path("again.png"))
        self.report.result("--dither twice", read(self.path("noisy.png")) == read(self.path("again.png")), "differs")
        exact = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], -1) / 257.0
        means = np.abs((noisy - exact).mean((0, 1)))
        self.report.result("--dither keeps the mean", (means < 0.1).all(), str(means))
        # what 8 x 8 pixels tell together
        local = [np.abs((x - exact).reshape(32, 8, 64, 8, 3).mean((1, 3))).max() for x in (plain, noisy)]
        self.report.result("--dither is of use", local[1] < 0.1 < 0.2 < local[0], f"{local[0]:.3g} and {local[1]:.3g}")
        self.report.near("--dither moves by a step", noisy, plain, 1)
        self.report.near("--dither moves by less than one", noisy, exact, 1)
        lengths = [np.diff(np.flatnonzero(np.diff(x[:, :, 0].ravel()))) for x in (plain, noisy)]
        self.report.result("--dither breaks bands up", np.median(lengths[1]) * 5 < np.median(lengths[0]),
                           f"{np.median(lengths[0])} and {np.median(lengths[1])} pixels")
        self.report.result("--dither of many lengths", len(set(lengths[1])) > 5, str(len(set(lengths[1]))))
        self.report.result("--dither is not the same in all channels", not np.array_equal(noisy[:, :, 0], noisy[::-1, :, 1]))
        pixels = picture("u1", 4)
        write(self.path("in.png"), png(pixels))
        got = self.out("--dither", self.path("in.png"), self.path("out.png"))
        colours, alpha = straight(pixels, 255.0)
        self.report.near("--dither of RGBA", got[:, :, :3], np.clip(normalized(colours, alpha) * 255, 0, 255), 1 + 1e-3)
        self.report.near("--dither leaves alpha", got[:, :, 3], pixels[:, :, 3], 0)
        got = self.out("--dither", *NOTHING[0], "--depth", "16", self.path("in.png"), self.path("out.png"))
        self.report.near("--dither of whole numbers", got, pixels * 257.0, 0)
        np.save(self.path("in.npy"), np.full((64, 64), 65534, "f4"))
        got = self.out("--dither", "--mean", "1", "--std", "1", "--depth", "16", self.path("in.npy"), self.path("out.npy"))
        self.report.near("--dither of 65533", got, np.full((64, 64, 1), 65533.0), 0)

    def weights(self):
        """What --stats says with alpha as the weight, and without."""
        for dtype in "u1", "u2":
            for channels in 2, 4:
                pixels = picture(dtype, channels)
                source = write(self.path("in.png"), png(pixels))
                colours, alpha = straight(pixels, UNIT[dtype])
                found = []
                for options, weight in ((), alpha), (("--mask", "all"), None):
                    lines = self.run("--stats", *options, source).stdout.splitlines()[2:]
                    found.append(np.array([line.split()[1:3] for line in lines], float))
                    mean, variance = moments(colours, weight)
                    want = np.stack([mean, np.sqrt(variance)], -1)
                    self.report.near(f"--stats {' '.join(options)} {dtype} {channels}", found[-1], want, 1e-6)
                self.report.result(f"--mask {dtype} {channels}", np.abs(found[0] - found[1]).max() > 1e-4, "changes nothing")
                got = self.out("--mask", "all", source, self.path("out.png"))[:, :, :-1]
                want = digits(normalized(colours), UNIT[dtype])
                self.report.near(f"--mask all {dtype} {channels}", got, want, 1)

    def premultiplied(self):
        """TIFF has it: kept there, taken back elsewhere; measured and mapped as straight."""
        if "tiff" not in self.formats:
            return
        for dtype in "u1", "u2", "f4":
            for channels in 2, 4:
                unit, name = UNIT[dtype], f"premultiplied {dtype} {channels}"
                pixels = picture(dtype, channels)
                alpha = pixels[:, :, -1:] / unit
                pixels[:, :, :-1] = pixels[:, :, :-1] * alpha if dtype == "f4" else np.rint(pixels[:, :, :-1] * alpha)
                source = write(self.path("in.tiff"), tiff(pixels, extra=1))
                for options in NOTHING:
                    got = self.out(*options, source, self.path("out.tiff"))
                    self.report.near(f"{name} {' '.join(options)}", got, pixels, 0)
                    kind = tiff_tags(read(self.path("out.tiff")))[1].get(338)
                    self.report.result(f"{name}: ExtraSamples", kind == (1,), str(kind))
                colours, opacity = straight(pixels, unit, premultiplied=True)
                most = 1 if unit > 1 else np.inf
                want = np.clip(normalized(colours, opacity), 1 - most, most) * opacity
                got = self.out(source, self.path("out.tiff"))[:, :, :-1]
                self.report.near(name + " mapped", got, want * unit, 0.51 if unit > 1 else 1e-5)
                if dtype != "f4":
                    for options, straightened in ((), normalized(colours, opacity)), (NOTHING[0], colours), (NOTHING[1], colours):
                        got = self.out(*options, source, self.path("out.png"))[:, :, :-1]
                        seen = opacity[:, :, 0] > 0
                        self.report.near(f"{name} to PNG {' '.join(options)}", got[seen],
                                         np.clip(straightened[seen], 0, 1) * unit, 0.51)
