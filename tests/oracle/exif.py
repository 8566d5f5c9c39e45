#!/usr/bin/python3
"""What an output keeps of a JPEG's coding, and EXIF: exif.py TOOL CORPUS

Tables and sampling are read from the bytes of the files, thumbnails and tags by ExifTool, and pictures are turned by Pillow.
What differs is printed, then the totals. Needs python3-numpy, python3-pil, exiftool, tiffset and tiffcp.
"""
import glob
import os
import struct
import subprocess
import sys

import numpy as np
from PIL import Image, ImageOps

from readers import exiftool
from report import Report, main

SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
QUALITIES = 1, 10, 50, 75, 90, 98, 100


# ---- JPEG: what the header says (ITU-T T.81, B.2) -------------------------------------------------------------------------


def segments(data):
    """Marker and content, up to the first scan."""
    at = 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2:at + 4])[0]
        yield data[at + 1], data[at + 4:at + 2 + length]
        at += 2 + length


def coding(path):
    """The tables by their numbers, and the sampling and the table of each component."""
    tables, components = {}, None
    with open(path, "rb") as file:
        data = file.read()
    for marker, content in segments(data):
        while marker == 0xDB and content:
            size = 128 if content[0] >> 4 else 64
            tables[content[0] & 15] = np.frombuffer(content[1:1 + size], ">u2" if size == 128 else "u1").tolist()
            content = content[1 + size:]
        if marker in (0xC0, 0xC1, 0xC2, 0xC9, 0xCA):
            components = [tuple(content[7 + 3 * i:9 + 3 * i]) for i in range(content[5])]
    return {n: tables[n] for n in {table for _, table in components}}, components


def zigzag():
    """The place of each entry of a table in its 8 x 8 square."""
    order = sorted(((y, x) for y in range(8) for x in range(8)), key=lambda p: (sum(p), p[0] if sum(p) % 2 else p[1]))
    return [8 * y + x for y, x in order]


def transposed(code):
    """The coding of a picture on its side."""
    place = zigzag()
    at = {p: i for i, p in enumerate(place)}
    tables, components = code
    turned = {n: [table[at[p % 8 * 8 + p // 8]] for p in place] for n, table in tables.items()}
    return turned, [(sampling >> 4 | (sampling & 15) << 4, table) for sampling, table in components]


class Checks:
    """Runs the tool."""

    def __init__(self, tool, corpus, folder):
        self.tool, self.corpus, self.folder, self.report = tool, corpus, folder, Report()
        self.turned = {}  # pictures that are upright: what they are called

    def path(self, name):
        """In the work folder."""
        return os.path.join(self.folder, name)

    def run(self, *arguments):
        """What it says."""
        return subprocess.run([self.tool, *arguments], check=True, stderr=subprocess.PIPE, text=True).stderr

    # ---- the coding of a JPEG -------------------------------------------------------------------------------------------

    def made(self):
        """JPEG files of every quality and sampling."""
        pixels = np.random.default_rng(1).integers(0, 256, (61, 83, 3), np.uint8)
        smooth = Image.fromarray(pixels).resize((211, 150), Image.BICUBIC)
        for quality in QUALITIES:
            for name, subsampling in SUBSAMPLING.items():
                path = self.path(f"{quality}-{name}.jpg")
                smooth.save(path, quality=quality, subsampling=subsampling, progressive=quality == 75)
                yield path
            smooth.convert("L").save(self.path(f"{quality}-grey.jpg"), quality=quality)
            yield self.path(f"{quality}-grey.jpg")
        for factors in "4x1", "1x2", "2x4":
            path = self.path(f"{factors}.jpg")
            smooth.save(self.path("smooth.png"))
            subprocess.run(["convert", self.path("smooth.png"), "-sampling-factor", factors, "-quality", "77", path], check=True)
            yield path

    def kept_coding(self):
        """The same tables and sampling, unless a number was asked for."""
        found = glob.glob(os.path.join(self.corpus, "libjpeg-turbo-testimages", "**", "*.jpg"), recursive=True)
        names = list(self.made()) + sorted(found) + sorted(glob.glob(os.path.join(self.corpus, "exif-orientation", "*.jpg")))
        read = kept = 0
        for name in names:
            short, out = os.path.basename(name), self.path("out.jpg")
            if subprocess.run([self.tool, "-Q", name, out], check=False, stderr=subprocess.DEVNULL).returncode:
                continue
            read += 1
            before = coding(name)
            if len(before[1]) not in (1, 3):
                continue
            kept += 1
            self.report.result(f"coding of {short}", coding(out) == before, f"{coding(out)[1]}, not {before[1]}")
            self.run("-Q", "-q", "60", name, out)
            self.report.result(f"{short} at 60 is of another quality", coding(out)[0] != before[0])
        self.report.result("JPEG files that are kept", kept >= 50, f"{kept} of {read} read")

    # ---- the thumbnail --------------------------------------------------------------------------------------------------

    def thumbnail(self):
        """It is there where the picture is the same, and nowhere else; all other tags stay."""
        source, small = self.path("thumb.jpg"), self.path("small.jpg")
        photo = Image.open(os.path.join(self.corpus, "exif-orientation", "Portrait_6.jpg"))
        photo.reduce(20).convert("RGB").save(small)
        photo.save(source, exif=photo.getexif(), quality=95)
        subprocess.run(["exiftool", "-q", "-overwrite_original", f"-ThumbnailImage<={small}", "-Artist=A B", "-GPSLatitude=12",
                        "-GPSLatitudeRef=N", "-ExposureTime=1/60", source], check=True)
        tags = "-ThumbnailImage", "-Artist", "-GPSLatitude", "-ExposureTime", "-Orientation#"
        before = exiftool([source], *tags)[0]
        self.report.result("the input has a thumbnail", "ThumbnailImage" in before and len(before) == 6, str(sorted(before)))
        for extension in "jpg", "png", "webp", "tif":
            for changed in False, True:
                out = self.path(f"{changed}.{extension}")
                self.run(*([] if changed else ["-c", "none"]), source, out)
                after = exiftool([out], *tags)[0]
                there = not changed and extension != "tif"
                self.report.result(f"thumbnail of {extension}, changed: {changed}", ("ThumbnailImage" in after) == there)
                self.report.result(f"other tags of {extension}, changed: {changed}",
                                   all(after.get(tag) == before[tag] for tag in before if tag not in ("ThumbnailImage", "SourceFile")),
                                   str(after))
                if extension in ("jpg", "png", "webp"):
                    again = self.path(f"again.{extension}")
                    self.run(out, again)
                    self.report.result(f"thumbnail of {extension} again", "ThumbnailImage" not in exiftool([again], *tags)[0])

    # ---- turned upright -------------------------------------------------------------------------------------------------

    def upright(self, name, short, mode):
        """By the tool and by Pillow, through each format."""
        with Image.open(name) as picture:
            if picture.format == "TIFF":
                picture.load()  # Pillow knows the tag only then
            want = np.asarray(ImageOps.exif_transpose(picture).convert(mode))
        for extension in "ppm" if mode == "RGB" else "pgm", "png", "tif", "webp", "jpg":
            out = self.path(f"upright-{short}.{extension}")
            if extension == "tif" and short.endswith("_0.jpg"):
                continue  # a tag of 0 is carried, of which libtiff complains
            self.run("--auto-orient", "-c", "none", name, out)
            with Image.open(out) as turned:
                got = np.asarray(turned.convert(mode))
            if extension in ("jpg", "webp"):
                self.report.result(f"{short} as {extension}: size", got.shape == want.shape)
                error = np.abs(got.astype(int) - want).mean() if got.shape == want.shape else np.inf
                self.report.result(f"{short} as {extension}: mean error", error < 4, str(error))
            else:
                self.report.near(f"{short} as {extension}", got, want, 0)
            if extension not in ("ppm", "pgm"):
                self.turned[out] = f"{short} as {extension}"

    def orientations(self):
        """Photographs of all eight, and of none."""
        names = sorted(glob.glob(os.path.join(self.corpus, "exif-orientation", "*.jpg")))
        self.report.result("18 photographs", len(names) == 18, str(len(names)))
        for name in names:
            self.upright(name, os.path.basename(name), "RGB")
            turned = coding(self.path(f"upright-{os.path.basename(name)}.jpg"))
            with Image.open(name) as picture:
                across = picture.getexif().get(0x112, 1) > 4
            want = transposed(coding(name)) if across else coding(name)
            self.report.result(f"{os.path.basename(name)}: coding", turned == want, f"{turned[1]}, not {want[1]}")

    def tiffs(self):
        """Of strips, tiles and planes, 8 and 16 bits: libtiff's tools set the tag and the layout."""
        rng = np.random.default_rng(2)
        for mode, pixels in (("RGB", rng.integers(0, 256, (23, 31, 3), np.uint8)), ("L", rng.integers(0, 256, (40, 17), np.uint8))):
            plain = self.path("plain.tif")
            Image.fromarray(pixels).save(plain)
            for options in ("-s", "-r", "5"), ("-t", "-w", "16", "-l", "16"), ("-p", "separate", "-s"):
                for orientation in range(1, 9):
                    name = self.path("turned.tif")
                    subprocess.run(["tiffcp", *options, plain, name], check=True)
                    subprocess.run(["tiffset", "-s", "274", str(orientation), name], check=True)
                    self.turned_by_hand(name, pixels, orientation, f"{mode} {' '.join(options)} {orientation}")

    def tiff_of_jpeg(self):
        """Chroma that is halved across would be halved down alone in a picture on its side, which TIFF does not have."""
        name, out = self.path("y.tif"), self.path("y-out.tif")
        Image.new("YCbCr", (48, 32), (100, 90, 150)).save(name, compression="jpeg", tiffinfo={530: (2, 1)})
        subprocess.run(["tiffset", "-s", "274", "6", name], check=True)
        self.run("--auto-orient", "-c", "none", name, out)
        for path, want in (name, "2 1"), (out, "1 1"):
            found = str(exiftool([path], "-YCbCrSubSampling#")[0].get("YCbCrSubSampling"))
            self.report.result(f"subsampling in {os.path.basename(path)}", found == want, found)

    def cmyk(self):
        """Inks have tables of their own, which mean nothing for the colours that they become."""
        name, out = self.path("cmyk.jpg"), self.path("cmyk-out.jpg")
        Image.new("CMYK", (48, 32), (10, 200, 100, 0)).save(name, quality=98)
        said = self.run("-q", "keep", name, out)
        Image.new("RGB", (48, 32)).save(self.path("90.jpg"), quality=90)
        self.report.result("CMYK", "jpeg of quality 90" in said and coding(out)[0] == coding(self.path("90.jpg"))[0], said)

    def turned_by_hand(self, name, pixels, orientation, short):
        """NumPy's turns of the samples themselves."""
        turns = {1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1),
                 6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1), 8: np.rot90}
        want = turns[orientation](pixels)
        for depth in "8", "16", "float":
            npy, out = self.path("upright.npy"), self.path(f"upright {short} {depth}.tif")
            self.run("--auto-orient", "-c", "none", "--depth", depth, name, out)
            self.turned[out] = f"{short} in {depth}"
            self.run("-c", "none", out, npy)
            got = np.load(npy) * 255
            want_planes = np.moveaxis(want, -1, 0) if want.ndim == 3 else want
            self.report.near(f"{short} in {depth}", got.reshape(want_planes.shape), want_planes, 1e-4)

    def reset_tags(self):
        """Of all that were turned so far."""
        for found in exiftool(list(self.turned), "-IFD0:Orientation#"):
            tag = found.get("Orientation", 1)
            self.report.result(f"{self.turned[found['SourceFile']]}: its tag", tag in (0, 1), str(tag))

    def axes(self):
        """Resolutions and sizes change places with the axes."""
        name, tags = self.path("axes.jpg"), ("-a", "-XResolution", "-YResolution", "-ExifImageWidth", "-ExifImageHeight",
                            "-XMP-tiff:Orientation#", "-G1")
        Image.new("RGB", (40, 30), (200, 100, 50)).save(name, dpi=(100, 200))
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", "-Orientation=6", "-IFD0:XResolution=100",
                        "-IFD0:YResolution=200", "-ExifImageWidth=40", "-ExifImageHeight=30",
                        "-XMP-tiff:Orientation=6", name], check=True)
        for extension in "jpg", "png", "webp", "tif":
            out = self.path(f"axes.{extension}" if extension != "jpg" else "axes-turned.jpg")
            self.run("--auto-orient", "-c", "none", name, out)
            found = exiftool([out], *tags)[0]
            size = found.get("ExifIFD:ExifImageWidth"), found.get("ExifIFD:ExifImageHeight")
            self.report.result(f"EXIF size in {extension}", size == (30, 40), str(size))
            got = found.get("XMP-tiff:Orientation")
            self.report.result(f"orientation in the XMP of {extension}", got == 1, str(got))
            for group in "IFD0", "JFIF":
                got = found.get(f"{group}:XResolution"), found.get(f"{group}:YResolution")
                wanted = group == "IFD0" or extension == "jpg"
                self.report.result(f"{group} resolution in {extension}", got == ((200, 100) if wanted else (None, None)), str(got))
        out = self.path("axes-again.png")
        self.run("-c", "none", "--auto-orient", self.path("axes.png"), out)
        pixels = exiftool([out], "-PNG-pHYs:all")[0]
        self.run("-Q", "-c", "none", name, self.path("axes-stored.png"))
        self.run("-c", "none", "--auto-orient", self.path("axes-stored.png"), out)
        got = exiftool([out], "-XMP-tiff:Orientation#")[0].get("Orientation")
        self.report.result("orientation in the XMP of a PNG of a PNG", got == 1, str(got))
        self.report.result("pHYs", pixels.get("PixelsPerUnitX", 0) > pixels.get("PixelsPerUnitY", 0), str(pixels))

    def late(self):
        """A PNG with its EXIF behind the picture: it is not turned, which is said, and its tag stays."""
        name, out = self.path("late.png"), self.path("late-out.png")
        subprocess.run([self.tool, "-Q", "-c", "none", os.path.join(self.corpus, "exif-orientation", "Landscape_6.jpg"), name], check=True)
        with open(name, "rb") as file:
            data = file.read()
        at = data.index(b"eXIf") - 4
        end = at + 12 + struct.unpack(">I", data[at:at + 4])[0]
        with open(name, "wb") as file:
            file.write(data[:at] + data[end:-12] + data[at:end] + data[-12:])
        said = self.run("-c", "none", "--auto-orient", name, out)
        self.report.result("late EXIF is told of", "after the picture" in said, said)
        self.report.result("late EXIF stays", exiftool([out], "-IFD0:Orientation#")[0].get("Orientation") == 6)
        said = self.run("-c", "none", name, self.path("late.ppm"))
        self.report.result("late EXIF is warned of", "cannot hold its EXIF orientation" in said, said)


def run(tool, corpus, folder):
    """All checks."""
    checks = Checks(tool, corpus, folder)
    for check in (checks.kept_coding, checks.thumbnail, checks.orientations, checks.tiffs, checks.reset_tags,
                  checks.tiff_of_jpeg, checks.cmyk, checks.axes, checks.late):
        check()
    return checks.report.total("EXIF and coding")


if __name__ == "__main__":
    sys.exit(main("exif.py", run))
