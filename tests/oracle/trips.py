"""What the round trips share: the tool, and what NumPy and Little CMS expect of it."""
import io
import os
import re
import subprocess

import numpy as np
from PIL import ImageCms

from readers import samples

EPS, GAMMA, BETA = 1e-5, 0.25, 0.5
NOTHING = ["--strength", "0"], ["-c", "none"]


def through(image, icc):
    """Samples in sRGB of a CMYK image: relative colorimetric, black to black, without Little CMS's approximate tables."""
    if not icc:
        return np.asarray(image.convert("RGB"))
    from_inks = ImageCms.buildTransform(ImageCms.getOpenProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"), "CMYK", "RGB",
                                        ImageCms.Intent.RELATIVE_COLORIMETRIC, flags=0x2100)
    return np.asarray(ImageCms.applyTransform(image, from_inks))


def straight(pixels, unit, premultiplied=False):
    """Colours and alpha of [H,W,C] in double, 0..1; alpha is None if there is none."""
    x = pixels.astype(np.float64) / unit
    if pixels.shape[2] % 2:
        return x, None
    colours, alpha = x[:, :, :-1], x[:, :, -1:]
    if premultiplied:
        colours = np.divide(colours, alpha, out=np.zeros_like(colours), where=alpha > 0)
    return colours, alpha


def moments(colours, alpha=None):
    """Mean and variance of each channel, weighted by alpha."""
    weight = np.ones(colours.shape[:2] + (1,)) if alpha is None else alpha
    mean = (weight * colours).sum((0, 1)) / weight.sum()
    return mean, (weight * (colours - mean) ** 2).sum((0, 1)) / weight.sum()


def normalized(colours, alpha=None):
    """The default map."""
    mean, variance = moments(colours, alpha)
    return (colours - mean) / np.sqrt(variance + EPS) * GAMMA + BETA


def digits(values, unit):
    """Rounded half to even and clipped."""
    return np.rint(np.clip(values * unit, 0, unit))


class Trips:
    """The tool, the corpus, a folder, the formats that are in, and what is counted."""

    def __init__(self, tool, corpus, folder, report):
        self.tool, self.corpus, self.folder, self.report = tool, corpus, folder, report
        self.formats = set(re.findall(r"^  (\w+)", self.run("--version").stdout, re.MULTILINE))

    def path(self, name):
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def run(self, *arguments, status=0):
        """Runs the tool; its exit status must be this."""
        done = subprocess.run([self.tool, *map(str, arguments)], check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode != status:
            self.report.result(" ".join(map(str, arguments)), False, f"exit status {done.returncode}: {done.stderr}")
        return done

    def out(self, *arguments):
        """The samples that the tool writes to the last argument."""
        if os.path.exists(arguments[-1]):
            os.remove(arguments[-1])
        self.run(*arguments)
        return samples(arguments[-1])
