"""What the oracles of styles and of series share: colour spaces in double precision, the tool, and what is counted."""
import glob
import json
import os
import subprocess
import sys
import time

import numpy as np
from PIL import Image

import readers
import report
import writers

# ---- colour spaces, from their definitions ------------------------------------------------------------------------------


def decode(x):
    """IEC 61966-2-1, odd about 0."""
    a = np.abs(x)
    return np.copysign(np.where(a <= 0.04045, a / 12.92, ((a + 0.055) / 1.055) ** 2.4), x)


def encode(x):
    """Back."""
    a = np.abs(x)
    return np.copysign(np.where(a <= 0.0031308, a * 12.92, 1.055 * a ** (1 / 2.4) - 0.055), x)


# ITU-R BT.709 with white D65, as printed in many places; white is what the rows add up to
XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
WHITE = XYZ.sum(1)


def lab(linear):
    """CIE 15:2004."""
    xyz = linear @ (XYZ.T / WHITE)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * (841 / 108) + 4 / 29)
    return f @ np.array([[0, 500, 0], [116, -500, 200], [0, 0, -200]]) - (16, 0, 0)


def lab_back(v):
    """To linear RGB."""
    y = (v[..., 0] + 16) / 116
    f = np.stack([y + v[..., 1] / 500, y, y - v[..., 2] / 200], -1)
    return np.where(f > 6 / 29, f**3, (f - 4 / 29) * (108 / 841)) * WHITE @ np.linalg.inv(XYZ).T


# B. Ottosson, A perceptual color space for image processing, 2020: all four matrices as they are printed there
OK_LMS = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                   [0.0883024619, 0.2817188376, 0.6299787005]])
OK_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                   [0.0259040371, 0.7827717662, -0.8086757660]])
OK_LAB_BACK = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728],
                        [1, -0.0894841775, -1.2914855480]])
OK_LMS_BACK = np.array([[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965],
                        [-0.0041960863, -0.7034186147, 1.7076147010]])


def oklab(linear):
    """Of linear RGB."""
    return np.cbrt(linear @ OK_LMS.T) @ OK_LAB.T


def oklab_back(v):
    """To linear RGB."""
    return (v @ OK_LAB_BACK.T) ** 3 @ OK_LMS_BACK.T


# Ruderman, Cronin, Chiao 1998, Reinhard et al. 2001; natural logarithm of 0..255 as HistomicsTK
LMS = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
OPPONENT = np.diag([3**-0.5, 6**-0.5, 2**-0.5]) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])
TOE = 1 / 16


def histomicstk(x):
    """Its rgb_to_lab: of black the logarithm of the step from 1 to the next double."""
    lms = 255 * x @ LMS.T
    return np.log(np.where(lms == 0, np.spacing(1), lms)) @ OPPONENT.T


def histomicstk_back(v):
    """Its lab_to_rgb."""
    return np.exp(v @ np.linalg.inv(OPPONENT).T) @ np.linalg.inv(LMS).T / 255


def ruderman(x):
    """The same, but below the toe the logarithm goes on as its tangent."""
    lms = 255 * x @ LMS.T
    return np.where(lms < TOE, np.log(TOE) + lms / TOE - 1, np.log(np.maximum(lms, TOE))) @ OPPONENT.T


def ruderman_back(v):
    """To RGB."""
    y = v @ np.linalg.inv(OPPONENT).T
    low = np.log(TOE)
    return np.where(y < low, TOE * (y - low + 1), np.exp(np.maximum(y, low))) @ np.linalg.inv(LMS).T / 255


def units(pixels):
    """Samples as 0..1 in double."""
    return pixels / writers.UNIT[pixels.dtype.str[1:]]


class Space:
    """There and back, from linear RGB or from RGB as it is stored, and the range of each channel."""

    def __init__(self, linear, there, back, extent):
        self.linear, self.there_from_hub, self.back_to_hub, self.extent = linear, there, back, np.array(extent)

    def there(self, x):
        """Of RGB 0..1."""
        return self.there_from_hub(decode(x) if self.linear else x)

    def back(self, v):
        """To RGB 0..1."""
        x = self.back_to_hub(v)
        return encode(x) if self.linear else x

    def of(self, pixels):
        """Of samples; 8 bits have 256 values."""
        if pixels.dtype == np.uint8 and self.linear:
            return self.there_from_hub(decode(np.arange(256) / 255)[pixels])
        return self.there(units(pixels))


SPACES = {"rgb": Space(False, lambda x: x, lambda v: v, (1, 1, 1)),
          "linear": Space(True, lambda x: x, lambda v: v, (1, 1, 1)),
          "lab": Space(True, lab, lab_back, (100, 256, 256)),
          "oklab": Space(True, oklab, oklab_back, (1, 1, 1)),
          "ruderman": Space(False, ruderman, ruderman_back, (9.6, 9.6, 9.6))}


def moments(v, weights=None):
    """Mean and standard deviation of each channel of [...,C]."""
    x = v.reshape(-1, v.shape[-1])
    w = np.full(len(x), 1 / len(x)) if weights is None else weights.ravel() / weights.sum()
    mean = w @ x
    return mean, np.sqrt(w @ (x - mean) ** 2)


def mapped(v, measured, target):
    """AdaIN, or Reinhard's transfer: v with the mean and deviation of the target. What is constant gets the mean."""
    scale = np.divide(target[1], measured[1], out=np.zeros_like(measured[1]), where=measured[1] > 0)
    return (v - measured[0]) * scale + target[0]


def digits(x, unit):
    """As integer samples, rounded and cut off."""
    return np.rint(np.clip(x * unit, 0, unit)).astype("u1" if unit == 255 else "u2")


# ---- counting -----------------------------------------------------------------------------------------------------------


class Report(report.Report):
    """Counts, prints what failed, and keeps the worst figure of each line of a table."""

    def __init__(self, name):
        super().__init__()
        self.name, self.lines, self.begun = name, {}, time.monotonic()

    def within(self, line, name, error, bound):
        """All errors are at most the bound (above 0; one, or an array). A line of the table has the one nearest to it."""
        error, bound = np.broadcast_arrays(np.abs(np.asarray(error, np.float64)), np.asarray(bound, np.float64))
        inside = error <= bound  # NaN is not
        ratio = np.where(np.isnan(error), np.inf, error / bound)
        worst = np.unravel_index(ratio.argmax(), ratio.shape)
        if line not in self.lines or ratio[worst] > self.lines[line][0] / self.lines[line][1]:
            self.lines[line] = float(error[worst]), float(bound[worst]), name
        self.result(f"{line}: {name}", bool(inside.all()),
                    f"{(~inside).sum()} of {error.size}, {error[worst]:.3g} where {bound[worst]:.3g} was expected")

    def above(self, line, name, value, bound):
        """Something is at least so much, so that the checks around it have something to check."""
        self.result(f"{line}: {name}", bool(value >= bound), f"{value}, expected at least {bound}")

    def table(self):
        """The worst figures, and the totals."""
        for line, (error, bound, name) in self.lines.items():
            print(f"  {line:<76} {error:7.2g} of {bound:7.2g}  {name}")
        print(f"{self.name}: {self.passed} passed, {self.failed} failed ({time.monotonic() - self.begun:.0f} s)")
        return 0 if self.failed == 0 and self.passed > 0 else 1


# ---- the tool and its files ---------------------------------------------------------------------------------------------


class Oracle:
    """The tool, a folder, pictures, and what is counted."""

    def __init__(self, name, tool, corpus, folder):
        self.tool, self.folder = os.path.abspath(tool), folder
        self.report = Report(name)
        self.pictures = sorted(glob.glob(os.path.join(corpus, "kodak", "*", "*.png")))
        if len(self.pictures) != 24:
            raise SystemExit(f"{name}: {len(self.pictures)} Kodak pictures in {corpus}, expected 24")
        self.sanitized = bool(os.environ.get("SANITIZED"))
        if self.sanitized:
            self.pictures = self.pictures[3::7]
            print(f"{name}: sanitized, with {len(self.pictures)} of 24 pictures")
        self.pixels = [np.asarray(Image.open(path).convert("RGB")) for path in self.pictures]
        self.small = [pixels[::2, ::2] for pixels in self.pixels]
        self.small_pictures = [self.save(f"small{i}.png", pixels) for i, pixels in enumerate(self.small)]

    def can_say_no(self):
        """The checks themselves fail where they should."""
        doubt = Report("")
        with open(os.devnull, "w", encoding="ascii") as sys.stdout:
            for wrong in np.nan, 1.1, -1.1, np.inf, np.array([0, np.nan]), np.array([0.5, -2]):
                doubt.within("", "", wrong, 1)
            doubt.within("", "", np.array([0.5, 0.5]), np.array([1, 0.4]))
            doubt.above("", "", np.nan, 1)
            doubt.above("", "", 0.5, 1)
        sys.stdout = sys.__stdout__
        doubt.within("", "", np.array([1, -0.5]), 1)
        self.report.result("wrong results are noticed", doubt.failed == 9 and doubt.passed == 1, f"only {doubt.failed} of 9")

    def path(self, name):
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def run(self, *arguments, stdin=None):
        """What the tool prints; it must succeed. Files of runs before are replaced."""
        done = subprocess.run([self.tool, "-Q", "--force", *map(str, arguments)], check=False, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            words = " ".join(map(str, arguments))
            raise SystemExit(f"{self.report.name}: {words[:1000]}: exit status {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def told(self, *arguments):
        """What it tells as JSON, an object for each picture and for each total."""
        return [json.loads(line) for line in self.run("--json", *arguments).splitlines()]

    def stats(self, space, *arguments):
        """The statistics of each picture."""
        return [told for told in self.told("--stats", "-S", space, *arguments) if "input" in told]

    def saved(self, name, *arguments):
        """The statistics file that a run leaves behind: its path."""
        path = self.path(name)
        self.run("--save-stats", path, *arguments)
        return path

    def floats(self, *arguments):
        """The samples of a float output [H,W,C]."""
        self.run("--depth", "float", *arguments, self.path("out.pfm"))
        return readers.read_pfm(self.path("out.pfm"))

    def out(self, *arguments, name="out.png"):
        """The samples of an output."""
        self.run(*arguments, self.path(name))
        return readers.read_samples(self.path(name), os.path.splitext(name)[1])

    def save(self, name, pixels):
        """A picture [H,W,C] as a file: its path."""
        extension = os.path.splitext(name)[1]
        if extension == ".pfm":
            data = writers.pfm(pixels, "<")
        elif extension == ".pnm":
            data = writers.pnm(pixels)
        elif pixels.dtype == np.uint8 and pixels.shape[2] != 2:
            data = writers.by_pillow(pixels, extension[1:].upper().replace("JPG", "JPEG"), compress_level=1)
        else:
            data = writers.png(pixels)
        return writers.write(self.path(name), data)


def read_json(path):
    """A statistics file."""
    with open(path, "rb") as f:
        return json.load(f)


def channel(told, key):
    """A member of all channels of a report."""
    return np.array([c[key] for c in told["channels"]], np.float64)


def moments_of_file(path):
    """Mean and standard deviation in a statistics file."""
    told = read_json(path)
    return channel(told, "mean"), np.sqrt(channel(told, "variance"))


def comma(numbers):
    """A list for an option, with every bit."""
    return ",".join(map(repr, map(float, numbers)))
