#!/usr/bin/python3
"""Pooled statistics, batches, time lapses and LUTs against NumPy and ffmpeg: series.py TOOL CORPUS

What differs is printed, then a table of the worst figures and the totals. SANITIZED=1 takes fewer pictures. Needs
python3-numpy, python3-pil, python3-torch, ffmpeg.
"""
import os
import subprocess
import sys

import numpy as np
import torch
from PIL import Image

import report
import support as st
from support import SPACES, channel

FRAMES, DRIFT, FLICKER = 400, 0.5, 0.03
KEYS = "weight", "mean", "variance", "min", "max"


def moving_average(x, n):
    """The plain one: of x [frames, ...] the n around each, fewer at the ends; of an even n the outermost two count half."""
    weight = np.ones(n) if n % 2 else np.r_[0.5, np.ones(n - 1), 0.5]
    reach = n // 2
    out = np.empty_like(x)
    for i in range(len(x)):
        near = [(x[k], weight[k - i + reach]) for k in range(i - reach, i + reach + 1) if 0 <= k < len(x)]
        out[i] = sum(v * w for v, w in near) / sum(w for _, w in near)
    return out


class Series(st.Oracle):
    """The checks."""

    # ---- pooling ----------------------------------------------------------------------------------------------------

    def tiles(self, i):
        """A picture cut unevenly, with tiles that are a pixel wide, high, or both."""
        pixels, paths = self.pixels[i], []
        height, width = pixels.shape[:2]
        edges = [0, 1, 98, 300, height - 1, height], [0, 1, 2, 130, 131, 400, width]
        for top, bottom in zip(edges[0], edges[0][1:]):
            for left, right in zip(edges[1], edges[1][1:]):
                paths.append(self.save(f"tile{top}-{left}.png", pixels[top:bottom, left:right]))
        return paths

    def same_statistics(self, line, name, path, want, expected_pictures):
        """A statistics file has the numbers of another, relative to themselves."""
        got = st.read_json(path)
        self.report.result(f"{line}: pictures of {name}", got["pictures"] == expected_pictures, got["pictures"])
        for key in KEYS:
            a, b = channel(got, key), channel(want, key)
            self.report.within(line, f"{key}, {name}", (a - b) / np.where(b == 0, 1, b), 1e-12)

    def pooling(self):
        """Tiles make the whole, in any order and by way of any files."""
        rng = np.random.default_rng(5)
        for i in range(0, len(self.pictures), 5):
            tiles = self.tiles(i)
            for space in SPACES:
                name, stats = f"{self.pictures[i][-6:]}, {space}", ("--stats", "-S", space)
                whole = st.read_json(self.saved("whole.json", *stats, self.pictures[i]))
                self.same_statistics("tiles pooled: the whole picture, relative", name,
                                     self.saved("all.json", *stats, *tiles), whole, len(tiles))
                order = rng.permutation(len(tiles))
                parts = [self.saved(f"part{k}.json", *stats, *(tiles[j] for j in part))
                         for k, part in enumerate(np.array_split(order[3:], 4))]
                parts += [tiles[j] for j in order[:3]]
                parts = [parts[j] for j in rng.permutation(len(parts))]
                self.same_statistics("statistics files and tiles, in another order: the whole picture, relative", name,
                                     self.saved("all.json", *stats, *parts), whole, len(tiles))

    def corpus(self):
        """All pictures pooled, against all their samples."""
        every = [np.concatenate([pixels[..., c].ravel() for pixels in self.pixels]) / 255 for c in range(3)]
        want = {"channels": [dict(zip(KEYS, (x.size, x.mean(), x.var(), x.min(), x.max()))) for x in every]}
        self.same_statistics("all pictures pooled: their samples, relative", "rgb",
                             self.saved("all.json", "--stats", *self.pictures), want, len(self.pictures))

    def same_total(self, line, name, total, saved):
        """A total has the numbers of a statistics file, bit for bit."""
        self.report.result(f"{line}: kind, {name}", total["kind"] == "total", total["kind"])
        self.report.result(f"{line}: pictures, {name}", total["pictures"] == saved["pictures"], total["pictures"])
        for key in KEYS:
            a, b = channel(total, key), channel(saved, key)
            self.report.result(f"{line}: {key}, {name}", a.tobytes() == b.tobytes(), f"{a - b}")

    def totals(self):
        """The total of all pictures, by way of statistics files too; one for each number of channels."""
        for space in SPACES:
            stats = "--stats", "-S", space
            half = self.saved("half.json", *stats, *self.pictures[::2])
            for name, inputs in ("pictures", self.pictures), ("a file and pictures", [half, *self.pictures[1::2]]):
                saved = st.read_json(self.saved("all.json", *stats, *inputs))
                *each, total = self.told(*stats, *inputs)
                self.report.result(f"total: a line for each input, {name}", len(each) == len(inputs), len(each))
                self.same_total("total: a statistics file", f"{name}, {space}", total, saved)
                total, = self.told("--total", "-S", space, *inputs)
                self.same_total("total alone: a statistics file", f"{name}, {space}", total, saved)
        rng = np.random.default_rng(6)
        tensors = [rng.normal(100 * n, n, (n, 5 + i, 7)).astype("f4") for i, n in enumerate((5, 1, 5, 3, 1, 4, 5))]
        paths = [self.path(f"tensor{i}.npy") for i in range(len(tensors))]
        for path, tensor in zip(paths, tensors):
            np.save(path, tensor)
        got = self.told("--total", *paths)
        self.report.result("totals: of 5, 1, 3 and 4 channels", [len(t["channels"]) for t in got] == [5, 1, 3, 4])
        for total in got:
            n = len(total["channels"])
            x = np.concatenate([t.reshape(n, -1) for t in tensors if len(t) == n], 1).astype(np.float64)
            for key, want in zip(KEYS, (np.full(n, x.shape[1]), x.mean(1), x.var(1), x.min(1), x.max(1))):
                self.report.within("totals of tensors: NumPy, relative", f"{n} channels, {key}",
                                   channel(total, key) / want - 1, 1e-12)

    # ---- batch ------------------------------------------------------------------------------------------------------

    def batch(self):
        """Pictures of several sizes: BatchNorm of all their samples, and a style in lab."""
        crops = [self.pixels[i][:97 + 40 * i, 3 * i:203 + 20 * i] for i in range(min(6, len(self.pixels)))]
        paths = [self.save(f"crop{i}.png", crop) for i, crop in enumerate(crops)]
        outputs = [self.path(f"batch/crop{i}.pfm") for i in range(len(crops))]
        self.run("-N", "batch", "-g", "1", "-b", "0", "--depth", "float", "-f", "pfm", "-o", self.path("batch/"), *paths)
        every = np.concatenate([st.units(crop).reshape(-1, 3) for crop in crops])
        got = np.concatenate([st.readers.read_pfm(path).reshape(-1, 3) for path in outputs])
        want = (every - every.mean(0)) / np.sqrt(every.var(0) + 1e-5)
        self.report.within("batch of several sizes: BatchNorm in NumPy, each sample", "rgb", got - want, 1e-6)
        layer = torch.nn.BatchNorm2d(3, eps=1e-5).double().train()
        want = layer(torch.from_numpy(every.T.reshape(1, 3, 1, -1).copy())).detach().numpy().reshape(3, -1).T
        self.report.within("batch of several sizes: BatchNorm2d of PyTorch, each sample", "rgb", got - want, 1e-6)
        self.run("-S", "lab", "-N", "batch", "-s", self.pictures[-1], "--depth", "float", "-f", "pfm", "-o",
                 self.path("batch/"), *paths)
        got = np.concatenate([st.readers.read_pfm(path).reshape(-1, 3) for path in outputs])
        lab = SPACES["lab"]
        v, style = lab.there(every), st.moments(lab.of(self.pixels[-1]))
        want = lab.back(st.mapped(v, st.moments(v), style))
        self.report.within("batch of several sizes: a style in lab, each sample", "lab", got - want, 1e-5)

    # ---- deflicker --------------------------------------------------------------------------------------------------

    def frames(self):
        """A time lapse of 400: it slowly becomes lighter by half the range, and each exposure is a little off."""
        rng = np.random.RandomState(9)  # the same numbers in every version of NumPy
        texture = rng.normal(0, 0.05, (48, 64, 3)) * (1, 0.8, 0.6)
        texture -= texture.mean((0, 1))
        level = 0.25 + DRIFT * np.arange(FRAMES)[:, None] / (FRAMES - 1) + np.array([0.02, 0, -0.02])
        gain, offset = rng.normal(1, FLICKER, FRAMES), rng.normal(0, FLICKER, FRAMES)
        x = gain[:, None, None, None] * (level[:, None, None] + texture) + offset[:, None, None, None]
        return level, np.stack([st.digits(frame, 255) for frame in x])

    def deflicker(self):
        """61 frames averaged; what is left of the flicker and of the drift; other numbers and spaces by a plain loop."""
        level, frames = self.frames()
        paths = [self.save(f"frame{i:03}.png", frame) for i, frame in enumerate(frames)]
        for space, n in ("rgb", 61), ("rgb", 60), ("lab", 2), ("ruderman", 1000):
            self.run("-S", space, "--deflicker", n, "-o", self.path("calm/"), *paths)
            got = np.stack([np.asarray(Image.open(self.path(f"calm/frame{i:03}.png"))) for i in range(FRAMES)])
            self.plain(f"{space}, {n}", space, n, frames, got)
            if (space, n) == ("rgb", 61):
                self.calm(level, frames, got)
            if space != "rgb" or n % 2:
                self.stream(space, n, frames, got)

    def plain(self, name, space, n, frames, got):
        """Moments frame by frame, averaged, and the map: all in double."""
        v = SPACES[space].of(frames)
        mean, variance = v.mean((1, 2)), v.var((1, 2))
        target = moving_average(mean, n), np.sqrt(moving_average(variance, n))
        want = np.stack([SPACES[space].back(st.mapped(v[i], (mean[i], np.sqrt(variance[i])), (target[0][i], target[1][i])))
                         for i in range(FRAMES)])
        self.report.within("deflicker: each sample of 8 bits, a plain loop, in steps", name,
                           got - np.clip(255 * want, 0, 255), 0.5 + 1e-3)

    def calm(self, level, frames, got):
        """
        Flicker is what the mean of a frame is off by: from the true level in the input, from the moving average of the
        true level in the output. Of random flicker of 0.034 an average of 61 leaves 0.0044, as a slow wander.
        """
        before, after = frames.mean((1, 2)) / 255, got.mean((1, 2)) / 255
        wander = after - moving_average(level, 61)
        self.report.above("deflicker, input", "std of the flicker", (before - level).std(0).min(), FLICKER)
        self.report.within("deflicker 61: std of the flicker that is left", "all frames", wander.std(0), 0.005)
        self.report.within("deflicker 61: the same from frame to frame", "all frames",
                           np.diff(wander, axis=0).std(0) / 2**0.5, 0.002)
        slope = np.polyfit(np.arange(FRAMES), after, 1)[0] * (FRAMES - 1)
        self.report.within("deflicker 61: the drift, of 1", "line of least squares", slope / DRIFT - 1, 0.1)
        self.report.within("deflicker 61: the drift, of 1", "from end to end", (after[-1] - after[0]) / DRIFT - 1, 0.1)

    def stream(self, space, n, frames, got):
        """The frames as one stream of PPM."""
        whole = self.run("-S", space, "--deflicker", n, "-f", "ppm", "-", "-",
                         stdin=b"".join(map(st.writers.pnm, frames)))
        want = b"".join(map(st.writers.pnm, got))
        self.report.result(f"deflicker: one stream of PPM, {space}", whole == want, "is another than the files")

    # ---- LUT --------------------------------------------------------------------------------------------------------

    def ffmpeg(self, picture, cube):
        """The picture by way of the table: 8 bits in and out, no YUV between. ffmpeg does not round but cuts off."""
        with open(cube, "rb") as f:
            table = "lut1d=file={}" if b"LUT_1D_SIZE" in f.read(200) else "lut3d=file={}:interp=tetrahedral"
        done = subprocess.run(["ffmpeg", "-v", "error", "-i", picture, "-vf", "format=rgb24," + table.format(cube),
                               "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], check=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE)
        return np.frombuffer(done.stdout, "u1")

    def lut(self):
        """
        A table of one dimension has a point for each value. One of three has 65 along each edge, and between its points it
        is straight where the map is bent: near black, where a channel is cut off, and the more the steeper the map is.
        So a style of more than twice the contrast is no case here, and dark colours have a line of their own.
        """
        found = dict.fromkeys(SPACES, 0)
        for i in (0, 1, 2) if self.sanitized else (4, 14, 20):
            for space in SPACES:
                picture, style, cube = self.pictures[i], self.pictures[i - 1], self.path("map.cube")
                result, = self.told("-S", space, "-s", style, "--lut", cube, picture, self.path("out.png"))
                steep = (channel(result, "scale") > 2).any()
                if space in ("lab", "oklab", "ruderman") and steep:
                    continue
                found[space] += 1
                self.points(space, picture[-6:], result, cube)
                want = np.asarray(Image.open(self.path("out.png"))).astype(int)
                error = np.abs(self.ffmpeg(picture, cube).reshape(want.shape) - want)
                self.judge(space, picture[-6:], error, self.pixels[i].min(2) < 8)
        for space, n in found.items():
            self.report.above("LUT", f"pairs in {space}", n, 2)

    def points(self, space, name, result, cube):
        """The points of a lattice, red the fastest, against the map in double."""
        with open(cube, "rb") as f:
            if b"LUT_1D_SIZE" in f.read(200):
                return
        table = np.loadtxt(cube, skiprows=2)
        x = np.stack(np.meshgrid(*3 * [np.arange(65) / 64], indexing="ij")[::-1], -1).reshape(-1, 3)
        s = SPACES[space]
        exact = s.back(s.there(x) * channel(result, "scale") + channel(result, "shift"))
        held = (exact >= 0) & (exact <= 1)
        name = f"{space}, {name}"
        self.report.within("LUT: points that a picture can hold, in steps of 8 bits off the map", name,
                           255 * (table - exact)[held], 2.001)
        self.report.within("LUT: points that a picture cannot hold, once they are cut off", name,
                           (np.clip(table, 0, 1) - np.clip(exact, 0, 1))[~held], 1e-6)
        self.report.above("LUT: points that a picture cannot hold", name, (~held).sum(), 1)

    def judge(self, space, name, error, dark):
        """Steps of 8 bits between ffmpeg and the output."""
        name = f"{space}, {name}"
        if space in ("rgb", "linear"):
            self.report.within("LUT by ffmpeg, rgb and linear: steps of 8 bits", name, error, 1)
            return
        self.report.within("LUT by ffmpeg, other spaces: share of samples more than 2 steps off", name,
                           (error > 2).mean(), 0.001)
        self.report.within("LUT by ffmpeg, other spaces: share more than 6 off where a channel is below 8", name,
                           (error[dark] > 6).mean() if dark.any() else 0, 0.005)
        self.report.within("LUT by ffmpeg, other spaces: steps of 8 bits elsewhere", name, error[~dark], 4)


def run(tool, corpus, folder):
    """All checks."""
    os.mkdir(os.path.join(folder, "batch"))
    oracle = Series("series", tool, corpus, folder)
    oracle.can_say_no()
    oracle.pooling()
    oracle.corpus()
    oracle.totals()
    oracle.batch()
    oracle.deflicker()
    oracle.lut()
    return oracle.report.table()


if __name__ == "__main__":
    sys.exit(report.main("series.py", run))
