"""Round trips of the corpus: EXIF orientations, PngSuite, libjpeg-turbo's test images, CMYK, and what ExifTool finds."""
import glob
import io
import os
import re
import struct
import subprocess

import numpy as np
from PIL import Image

from readers import exiftool, read, samples, without_encoding
from trips import Trips, through
from writers import inks_tiff, picture, write


def hashable(tags):
    """Whether all values are plain."""
    return not any(isinstance(value, (list, dict)) for value in tags.values())


class Corpus(Trips):
    """The checks."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.kept = []  # (name, input, output) whose metadata must be the same

    def files(self, folder, pattern):
        """Those of the corpus, of which there must be some."""
        found = sorted(glob.glob(os.path.join(self.corpus, folder, pattern)))
        if not found:
            raise SystemExit(f"round trips: no {folder}/{pattern} in {self.corpus}")
        return found

    def copies(self, names, folder, *options, extension=None):
        """Runs all of them at once; the outputs."""
        self.run("-Q", "--strength", "0", *options, "-o", self.path(folder) + "/", *names)
        base = [os.path.splitext(os.path.basename(name)) for name in names]
        return [self.path(f"{folder}/{stem}{extension or end}") for stem, end in base]

    def orientation(self):
        """Neither is the picture turned, nor its tag."""
        names = self.files("exif-orientation", "*.jpg")
        self.report.result("18 orientations", len(names) == 18, str(len(names)))
        for name, target in zip(names, self.copies(names, "turned")):
            before, after = (np.asarray(Image.open(path).resize((60, 60), Image.BOX, reducing_gap=1)) for path in (name, target))
            error = np.abs(before.astype(int) - after).mean()
            same = Image.open(name).size == Image.open(target).size
            self.report.result(f"{os.path.basename(name)} is not turned", same and error < 2, f"mean error {error:.3g}")
            self.kept.append((os.path.basename(name), name, target))
        some = names[3], names[12]
        for name, target in zip(some, self.copies(some, "turned", "-f", "png", extension=".png")):
            self.report.near(f"{os.path.basename(name)} as PNG", samples(target), samples(name), 0)
            self.kept.append((os.path.basename(target), name, target))

    def pngsuite(self):
        """Every sample, as Pillow and ImageMagick have them; names with x are damaged."""
        names = self.files("pngsuite/png", "[!x]*.png")
        wide = []
        for name, target in zip(names, self.copies(names, "suite")):
            short = os.path.basename(name)
            self.kept.append((short, name, target))
            if read(name)[24] == 16:
                wide.append((name, target))
            elif b"tRNS" in read(name) and read(name)[24] < 8 and read(name)[25] == 0:
                continue  # of which Pillow takes the transparent grey for one of 8 bits
            else:
                before, after = (np.asarray(Image.open(path).convert("RGBA")) for path in (name, target))
                self.report.near(short, after, before, 0)
        raw = subprocess.run(["convert", *sum(map(list, wide), []), "-depth", "16", "-endian", "MSB", "rgba:-"], check=True,
                             stdout=subprocess.PIPE).stdout
        for name, target in wide:
            size = 8 * int(np.prod(struct.unpack(">II", read(name)[16:24])))
            self.report.result(os.path.basename(name), size > 0 and raw[:size] == raw[size:2 * size], "differs")
            raw = raw[2 * size:]
        self.report.result("pngsuite of 16 bits", len(wide) > 20 and raw == b"", f"{len(wide)} files, {len(raw)} bytes left")
        for name in self.files("pngsuite/png", "x*.png"):
            self.run(name, self.path("never.png"), status=1)
            self.report.result(f"{os.path.basename(name)} refused", not os.path.exists(self.path("never.png")))

    def testimages(self):
        """Those of libjpeg-turbo: a JPEG of 12 bits is refused."""
        for name in self.files("libjpeg-turbo-testimages/testimages", "*.[jpb][pnm][gpm]"):
            short = os.path.basename(name)
            if short == "monkey12.jpg":
                said = self.run(name, self.path("never.png"), status=1).stderr
                self.report.result(short + " refused", "12" in said and not os.path.exists(self.path("never.png")), said)
                continue
            target = self.copies([name], "images/" + short[-3:], "-f", "png", extension=".png")[0]
            if read(target)[24] == 16:
                raw = subprocess.run(["convert", name, target, "-depth", "16", "gray:-"], check=True, stdout=subprocess.PIPE)
                half = len(raw.stdout) // 2
                self.report.result(short, half > 0 and raw.stdout[:half] == raw.stdout[half:], "differs")
            else:
                before, after = (np.asarray(Image.open(path).convert("RGB")) for path in (name, target))
                self.report.near(short, after, before, 0)
            if not name.endswith(("bmp", "ppm", "pgm")):
                self.kept.append((short, name, target))

    def inks(self):
        """CMYK as Little CMS has it by Pillow, with the profile of libjpeg-turbo's test images, and without one."""
        icc = read(self.files("libjpeg-turbo-testimages/testimages", "test1.icc")[0])
        pixels = np.dstack([picture("u1", 3), picture("u1", 1) // 2])
        for extension, options in ("jpeg", {"quality": 90}), ("jpeg", {"progressive": True}), ("tiff", {}):
            for given in {"icc_profile": icc}, {}:
                name = f"inks in {extension} {' '.join((*options, *given))}"
                data = io.BytesIO()
                Image.fromarray(pixels, "CMYK").save(data, extension, **options, **given)
                source, target = write(self.path("inks." + extension), data.getvalue()), self.path("inks.png")
                said = self.run("-v", "-c", "none", source, target).stderr
                self.report.near(name, samples(target), through(Image.open(source), given.get("icc_profile")), 1)
                self.report.result(name + " told", ("by its ICC" in said) == bool(given) != ("warning" in said), said)
                self.run("-c", "none", source, self.path("inks-out." + extension))
                left = exiftool([target, self.path("inks-out." + extension)], "-ICC_Profile")
                self.report.result(name + " profile", not any("ICC_Profile" in found for found in left), str(left))
                said = self.run("--in-place", source, status=1).stderr
                self.report.result(name + " in place", "lose the inks" in said and read(source) == data.getvalue(), said)
        if "tiff" in self.formats:
            self.wide_inks(icc)

    def wide_inks(self, icc):
        """16 bits in strips and planes; where they are 257 times those of 8 bits the colours agree."""
        pixels = np.dstack([picture("u1", 3), picture("u1", 1) // 2])
        want = through(Image.fromarray(pixels, "CMYK"), icc)
        for planar in False, True:
            for profile_there in True, False:
                source = write(self.path("wide.tiff"), inks_tiff(pixels.astype("u2") * 257, planar, icc * profile_there))
                target = self.path("wide.npy")
                self.run("-c", "none", source, target)
                got = np.load(target).transpose(1, 2, 0)
                rest = 1 - pixels / 255
                name = f"inks of 16 bits, planar {planar}, profile {profile_there}"
                self.report.near(name, got, want / 255 if profile_there else rest[..., :3] * rest[..., 3:],
                                 0.6 / 255 if profile_there else 0.51 / 65535)

    def metadata(self):
        """All that ExifTool finds in the inputs, in the outputs."""
        names = [name for _, *pair in self.kept for name in pair]
        found = [without_encoding(tags) for tags in exiftool(names, "-a", "-G1:4")]
        some = 0
        for i, (name, _, target) in enumerate(self.kept):
            before, after = found[2 * i:2 * i + 2]
            if target.endswith("png") and read(names[2 * i])[:4] == b"\x89PNG":
                depth, colour = read(names[2 * i])[24:26]
                if depth < 8 or colour == 3:  # a colour of the stored type, which the output has not
                    before.pop("PNG:BackgroundColor", None)
            if not target.endswith(os.path.splitext(names[2 * i])[1]):  # resolution stands elsewhere there
                before, after = ({key: value for key, value in tags.items() if not re.match(r"JFIF|PNG", key)} for tags in
                                 (before, after))
            some += bool(before)
            self.report.result(name + " metadata", before == after, str(sorted(before.items() ^ after.items(), key=str)
                                                                    if all(map(hashable, (before, after))) else "differs"))
        self.report.result("metadata was there", some > 60, str(some))
