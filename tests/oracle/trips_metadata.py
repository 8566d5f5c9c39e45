"""Round trips of metadata: blocks that are carried from format to format, or named where they are lost."""
import os
import re
import zlib

from readers import block, exiftool, read, without_encoding
from trips import Trips
from writers import XMP, by_pillow, chunk, exif_block, jpeg_with, picture, png, profile, write


class Metadata(Trips):
    """The checks."""

    def blocks(self, names, icc, exif, xmp, title, exact_exif=True):
        """The blocks in each file are these."""
        for name, found in zip(names, exiftool(names, "-ICC_Profile", "-Exif", "-XMP", "-IFD0:Orientation#")):
            short = f"{title}: {os.path.basename(name)}"
            self.report.result(short + " profile", block(found.get("ICC_Profile")) == icc, "differs")
            if exact_exif:
                self.report.result(short + " EXIF", block(found.get("EXIF")) == exif, "differs")
            self.report.result(short + " Orientation", found.get("Orientation") == (6 if exif else None),
                               str(found.get("Orientation")))
            self.report.result(short + " XMP", block(found.get("XMP")) == xmp, "differs")

    def chain(self):
        """From format to format, byte for byte; a long profile takes several segments of JPEG."""
        icc, exif = profile(b"RGB ", 200001), exif_block(6)
        data = jpeg_with(by_pillow(picture("u1", 3), "JPEG"), icc, [exif], XMP)
        names = [write(self.path("0.jpeg"), data)]
        for step in "png", "webp", "png", "jpeg", "webp", "jpeg", "tiff", "jpeg", "tiff", "png", "tiff", "webp":
            if step not in self.formats:
                continue
            if step == "tiff" or names[-1].endswith("tiff"):
                break
            names.append(self.path(f"{len(names)}.{step}"))
            self.run(names[-2], names[-1])
        self.blocks(names, icc, exif, XMP, "chain")
        if "tiff" in self.formats:
            tiffs = [self.path("a.tiff"), self.path("b.jpeg"), self.path("c.tiff"), self.path("d.png"), self.path("e.tiff")]
            for source, target in zip(names[:1] + tiffs, tiffs):
                self.run(source, target)
            self.blocks(tiffs, icc, exif, XMP, "chain", exact_exif=False)
        stripped = []
        for extension in sorted({"png", "webp", "jpeg", "tiff"} & self.formats):
            stripped.append(self.path("stripped." + extension))
            self.run("--strip", names[0], stripped[-1])
            self.run("--strip", stripped[-1], self.path("twice." + extension))
        self.blocks(stripped, None, None, None, "--strip")
        for found in exiftool(stripped, "-a", "-G1:4"):
            left = {key for key in without_encoding(found) if not re.match(r"JFIF|IFD0:.*Resolution", key)}
            self.report.result("--strip leaves nothing", not left, str(left))

    def dropped(self):
        """-v names what the output cannot hold."""
        data = jpeg_with(by_pillow(picture("u1", 3), "JPEG", dpi=(300, 300)), profile(b"RGB ", 3000), [exif_block(6)], XMP)
        source = write(self.path("all.jpeg"), data)
        words = "the ICC profile", "the EXIF data", "the XMP packet", "the resolution"
        for extension, options in ("pnm", ()), ("pfm", ("--depth", "float")), ("bmp", ()), ("npy", ()):
            said = self.run("-v", *options, source, self.path("out." + extension)).stderr
            for word in words:
                self.report.result(f"{extension} names {word}", f"{extension} cannot hold {word}" in said, said)
            said = self.run("-v", "--strip", *options, source, self.path("out." + extension)).stderr
            self.report.result(f"{extension} --strip names nothing", "cannot hold" not in said, said)
        for extension in "png", "jpeg":
            said = self.run("-v", source, self.path("out." + extension)).stderr
            self.report.result(f"{extension} holds all", "cannot hold" not in said, said)
        said = self.run("-v", source, self.path("out.webp")).stderr
        self.report.result("webp cannot hold the density alone", said.count("cannot hold") == 1 and "the resolution" in said, said)

    def grey_profile(self):
        """It is for one channel: --rgb, and WebP, make three."""
        icc = profile(b"GRAY", 2000)
        grey = picture("u1", 1)
        sources = [write(self.path("grey.png"), png(grey, chunk(b"iCCP", b"g\0\0" + zlib.compress(icc)))),
                   write(self.path("grey.jpeg"), jpeg_with(by_pillow(grey, "JPEG"), icc))]
        kept, lost = [], []
        for source in sources:
            for extension in sorted({"png", "jpeg", "webp", "tiff"} & self.formats):
                for options in ((), ("--rgb",)):
                    target = source.replace(".", "-") + "".join(options) + "." + extension
                    said = self.run("-v", *options, source, target).stderr
                    gone = bool(options) or extension == "webp"
                    (lost if gone else kept).append(target)
                    self.report.result(f"grey profile in {os.path.basename(target)} named",
                                       ("the ICC profile" in said) == gone, said)
        for names, want in (kept, icc), (lost, None):
            for name, found in zip(names, exiftool(names, "-ICC_Profile")):
                self.report.result(f"grey profile in {os.path.basename(name)}", block(found.get("ICC_Profile")) == want)

    def late(self):
        """Chunks behind the picture, and with given statistics, when the output's header is out: there, or named."""
        after = chunk(b"eXIf", exif_block(6)) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        source = write(self.path("late.png"), png(picture("u1", 3), after=after))
        for options in ((), ("--mean", "0.5", "--std", "0.25", "-g", "0.25")):
            for extension in sorted({"png", "jpeg", "webp", "tiff"} & self.formats):
                target = self.path("late-out." + extension)
                said = self.run("-v", *options, source, target).stderr
                found = exiftool([target], "-XMP", "-Exif", "-IFD0:Orientation#")[0]
                name = f"late metadata in {extension} {' '.join(options)}"
                self.report.result(name + " XMP", block(found.get("XMP")) == XMP or "the XMP" in said, "lost in silence")
                self.report.result(name + " EXIF", found.get("Orientation") == 6 or "the EXIF" in said, "lost in silence")

    def twice(self):
        """PNG may have one eXIf, WebP one EXIF: the first is taken."""
        source = write(self.path("two.jpeg"), jpeg_with(by_pillow(picture("u1", 3), "JPEG"), b"", [exif_block(6), exif_block(3)]))
        for extension, tag in ("png", b"eXIf"), ("webp", b"EXIF"):
            target = self.path("two-out." + extension)
            self.run(source, target)
            self.report.result(f"one EXIF block in {extension}", read(target).count(tag) == 1, str(read(target).count(tag)))
            self.report.result(f"the first one in {extension}", exif_block(6) in read(target))
