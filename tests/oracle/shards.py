#!/usr/bin/python3
"""Archives as inputs and outputs against Python's tarfile and GNU tar: shards.py TOOL CORPUS

tarfile extracts what is in an archive. Each picture must become what the tool makes of the extracted file; all else must
stay. Statistics, stacks and texts are those of the extracted files by the same names. What differs is printed, then the
totals. Needs python3-numpy, python3-pil, tar.
"""
import glob
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
from PIL import Image

import archives as ar
import report
import shard_members as made

# Options under which each picture stands for itself; {style} and others are files. All pictures are of one size.
ALONE = [(), ("-g", "0.2", "-b", "0.4,0.5,0.6"), ("-S", "lab"), ("-N", "layer"), ("-s", "{style}"), ("-s", "{saved}"),
         ("--fit", "{style}"), ("--mask", "{mask}"), ("--apply-mask", "{mask}", "--mask", "above:0.3"),
         ("-q", "60", "--strip"),
         ("--dither", "--depth", "8"), ("--auto-orient",), ("--use-stats", "{saved}"),
         ("--mean", "0.5", "--std", "0.2", "-g", "0.25", "-b", "0.45"),
         ("--measure", "median"), ("--strength", "0.5"), ("-c", "G")]
# Under which they depend on each other.
TOGETHER = [("-N", "batch"), ("--deflicker", "3")]
# Names of members that look like the beginning of a picture or of a statistics file.
BEGINNINGS = b"BM.png", b"P5 2 2 255.png", b"RIFF.png", b"II*.png", b"PF.png", b'{"instnorm":1}.json', b"<svg>.png"
# How GNU tar writes holes.
SPARSE = (("--format=gnu",), ("--format=pax", "--sparse-version=0.0"), ("--format=pax", "--sparse-version=0.1"),
          ("--format=pax", "--sparse-version=1.0"))


def digest(data):
    """To compare much at once."""
    return hashlib.sha256(data).hexdigest()[:16]


class Shards(report.Trial):
    """The checks."""

    def __init__(self, tool, corpus, folder):
        super().__init__(os.path.abspath(tool), folder)
        self.photos = sorted(glob.glob(os.path.join(os.path.abspath(corpus), "kodak", "*", "*.png")))
        self.samples = made.samples(self.photos)
        self.pixels = made.pixels_of(self.photos)
        self.environment = dict(os.environ)

    # ---- the tool ---------------------------------------------------------------------------------------------------

    def call(self, *arguments, stdin=None, cwd=None):
        """Exit status, what is printed, what is said."""
        done = subprocess.run([self.tool, "-Q", *arguments], input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              cwd=cwd or self.folder, check=False, env=self.environment)
        return done.returncode, done.stdout, done.stderr

    def good(self, name, *arguments, **more):
        """What is printed by a run that must succeed and say nothing."""
        status, printed, said = self.call(*arguments, **more)
        self.report.result(f"{name}: it succeeds", status == 0 and not said, f"exit status {status}: {said[:300]}")
        return printed

    def save(self, name, data):
        """A file: its name in the folder."""
        with open(self.path(name), "wb") as f:
            f.write(data)
        return name

    def load(self, name):
        """Its bytes; none if there is no such file."""
        path = self.path(name)
        if not os.path.exists(path):
            return b""
        with open(path, "rb") as f:
            return f.read()

    def extract(self, members, pictures, folder):
        """The pictures as files: names in their order, by the last part of the name behind a number."""
        shutil.rmtree(self.path(folder), ignore_errors=True)
        os.mkdir(self.path(folder))
        names = []
        for i in pictures:
            extension = os.path.splitext(members[i].name)[1].decode("ascii", "ignore")
            names.append(self.save(f"{folder}/{i:03}{extension}", members[i].data))
        return names

    def wanted(self, members, pictures, options=()):
        """The contents that the members should have: of each picture what the tool makes of its file, in place."""
        names = self.extract(members, pictures, "alone")
        self.good("extracted", "--in-place", *options, "--", *names)
        contents = [member.data for member in members]
        for i, name in zip(pictures, names):
            contents[i] = self.load(name)
        shutil.rmtree(self.path("alone"))
        return contents

    # ---- archives ---------------------------------------------------------------------------------------------------

    def same(self, name, got, members, contents):
        """An archive has these members, in this order, with these contents; it ends as it should."""
        try:
            found = ar.read(got)
        except (ar.tarfile.TarError, ValueError) as error:
            self.report.result(f"{name}: tarfile reads it", False, error)
            return
        self.report.result(f"{name}: ends with blocks of zeros", ar.walk(got)[1] and not any(got[-1024:]))
        self.report.result(f"{name}: number of members", len(found) == len(members), f"{len(found)} of {len(members)}")
        for one, other, content in zip(found, members, contents):
            a, b = ar.attributes(one), ar.attributes(other)
            self.report.result(f"{name}: {other.name[-40:]}: attributes", a == b, f"{a}, expected {b}")
            self.report.result(f"{name}: {other.name[-40:]}: content", one.data == content,
                               f"{len(one.data)} bytes {one.data[:24]}, expected {len(content)} {content[:24]}")

    def dialects(self):
        """All kinds of members in each dialect."""
        for dialect in ar.WRITERS:
            members = [one for one in made.everything() if ar.can_hold(dialect, one)]
            data = ar.archive(members, dialect)
            read = ar.read(data)
            if dialect != "v7":  # which has no names of owners
                self.report.result(f"{dialect}: tarfile reads what was written", list(map(ar.attributes, read)) ==
                                   list(map(ar.attributes, members)) and
                                   [m.data for m in read] == [m.data for m in members])
            pictures = [i for i, one in enumerate(members) if one.kind == ar.FILE and made.is_picture(one)]
            self.report.result(f"{dialect}: it has pictures and others", 2 < len(pictures) < len(members) - 2)
            contents = self.wanted(members, pictures)
            self.report.result(f"{dialect}: pictures change", all(contents[i] != members[i].data for i in pictures))
            self.save("in.tar", data)
            got = self.good(dialect, "in.tar", "-o", "-")
            self.same(dialect, got, read, contents)
            self.listed(dialect, data, got)
            for locale in "C", "C.UTF-8", "POSIX":
                self.environment["LC_ALL"] = locale
                self.report.result(f"{dialect}: the same bytes in {locale}",
                                   self.call("-", "-o", "-", stdin=data)[1] == got)
            del self.environment["LC_ALL"]

    def listed(self, name, data, got):
        """GNU tar lists the same but for sizes, and says nothing more."""
        tables = []
        for archive in data, got:
            done = subprocess.run(["tar", "--list", "-v", "--full-time", "--numeric-owner", "--quoting-style=escape",
                                   "-f", "-"],
                                  input=archive, capture_output=True, check=False)
            lines = [line.split(None, 5) for line in done.stdout.splitlines()]
            tables.append([[w for k, w in enumerate(words) if k != 2 or words[0][:1] != b"-"] for words in lines])
            self.report.result(f"{name}: GNU tar reads it", done.returncode == 0, done.stderr)
        differ = [pair for pair in zip(*tables) if pair[0] != pair[1]]
        self.report.result(f"{name}: GNU tar lists the same", not differ and len(tables[0]) == len(tables[1]),
                           differ[:2])

    def ways(self):
        """Each way in and out gives the same."""
        members = made.shard(self.samples)
        data, pictures = ar.archive(members), made.pictures_of(members)
        contents = self.wanted(members, pictures)
        self.save("a.tar", data)
        self.save("b.tar", ar.archive(members[:7], "gnu"))
        want = self.good("stdout", "a.tar", "-o", "-")
        self.same("stdout", want, ar.read(data), contents)
        second = self.good("another archive", "b.tar", "-o", "-")
        self.same("another archive", second, ar.read(self.load("b.tar")), contents[:7])
        self.save("named.png", data)
        self.save("here.tar", data)
        runs = [("two names", ("a.tar", "one.tar"), "one.tar"), ("-o", ("a.tar", "-o", "two.tar"), "two.tar"),
                ("named as a picture", ("named.png", "-o", "three.tar"), "three.tar"),
                ("a folder", ("-j", "2", "-o", "out/", "a.tar", "b.tar"), "out/a.tar"),
                ("a suffix", ("--suffix", "_n", "a.tar"), "a_n.tar"),
                ("in place", ("--in-place", "here.tar"), "here.tar"),
                ("a small budget", ("--memory", "4M", "a.tar", "four.tar"), "four.tar"),
                ("stdin", ("-", "five.tar"), "five.tar")]
        for name, arguments, output in runs:
            self.good(name, *arguments, stdin=data if name == "stdin" else None)
            self.report.result(f"{name}: the same bytes", self.load(output) == want, digest(self.load(output)))
        self.report.result("a folder: the other one", self.load("out/b.tar") == second)
        self.report.result("stdin to stdout", self.good("stdin to stdout", "-", "-o", "-", stdin=data) == want)
        self.report.result("inputs stay", self.load("a.tar") == data)
        self.report.result("nothing else is there", not [n for n in os.listdir(self.folder) if n.startswith(".") or
                                                         ".tmp" in n])
        self.save("six.tar", b"")
        status, _, _ = self.call("-n", "a.tar", "one.tar")
        self.report.result("-n leaves what is there", status == 0 and self.load("one.tar") == want)
        one = self.good("cat", "-", "-o", "-", stdin=data + self.load("b.tar"))
        self.same("archives one after another", one, ar.read(data) + ar.read(self.load("b.tar")), contents +
                  contents[:7])
        self.ends(members, data, contents)

    def ends(self, members, data, contents):
        """How an archive may end, and begin: with a name that looks like a picture's beginning."""
        for begin in BEGINNINGS:
            first = ar.Member(begin, b"{}") if begin.endswith(b"json") else ar.Member(begin, made.load("rgb8.png"))
            ones = [first] + members[:4]
            got = self.good(f"begins with {begin}", "-", "-o", "-", stdin=ar.archive(ones))
            self.same(f"begins with {begin}", got, ones, self.wanted(ones, made.pictures_of(ones)))
        for name, end in ("one block of zeros", bytes(512)), ("a record of 10 KiB", bytes(10240)), ("many zeros",
                                                                                                    bytes(1 << 20)):
            got = self.good(name, "-", "-o", "-", stdin=data[:-1024] + end)
            self.same(name, got, ar.read(data), contents)
        empty = self.save("none.tar", ar.END + bytes(9216))
        self.call(empty, "nothing.tar")
        if self.load("nothing.tar"):
            self.same("no members", self.load("nothing.tar"), [], [])
        only = [one for one in members if not made.is_picture(one)]
        self.same("no pictures", self.good("no pictures", "-", "-o", "-", stdin=ar.archive(only)), only,
                  [m.data for m in only])

    # ---- options ----------------------------------------------------------------------------------------------------

    def options(self):
        """With every option pictures are what they are as files."""
        members = made.shard(self.pixels)
        data, pictures = ar.archive(members), made.pictures_of(members)
        self.save("a.tar", data)
        self.good("a statistics file", "--stats", "--save-stats", "saved.json", self.photos[0])
        made.mask(self.path("mask.png"), members[pictures[0]].data)
        files = {"style": self.photos[5], "saved": "saved.json", "mask": "mask.png"}
        style = Image.open(self.photos[5]).convert("RGB").resize(made.SIZE)
        style.save(self.path("style.png"))
        files["style"] = "style.png"
        for words in ALONE + TOGETHER:
            options = [word.format(**files) for word in words]
            name = " ".join(words) or "no option"
            contents = self.wanted(members, pictures, options)
            got = self.good(name, *options, "a.tar", "-o", "-")
            self.same(name, got, members, contents)
            again = self.good(name, "-j", "2", "--memory", "8M", *options, "-o", "again/", "a.tar")
            self.report.result(f"{name}: the same bytes within 8 MiB", not again and self.load("again/a.tar") == got)
            shutil.rmtree(self.path("again"), ignore_errors=True)
        self.truly_normalized(members, pictures)

    def truly_normalized(self, members, pictures):
        """Lossless pictures against the definition in double precision."""
        found = ar.read(self.good("the definition", "-e", "0", "a.tar", "-o", "-"))
        checked = 0
        for i in pictures:
            if os.path.splitext(members[i].name)[1] in (b".png", b".tiff", b".ppm", b".bmp"):
                before, after = (np.asarray(Image.open(io.BytesIO(m[i].data)).convert("RGB")) for m in (members, found))
                x = before / 255
                y = (x - x.mean((0, 1))) / x.std((0, 1)) * 0.25 + 0.5
                self.report.near(f"the definition: {members[i].name}", after, np.clip(y * 255, 0, 255), 0.5 + 1e-6)
                checked += 1
        self.report.result("the definition: pictures were compared", checked >= 4, checked)

    # ---- statistics and stacks --------------------------------------------------------------------------------------

    def as_files(self, names, members):
        """A folder in another place, in which folders called as the archives have the members as files."""
        root = self.path("files")
        shutil.rmtree(root, ignore_errors=True)
        paths = []
        for name, ones in zip(names, members):
            for i in made.pictures_of(ones):
                path = f"{name}/{ones[i].name.decode()}"
                os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
                with open(f"{root}/{path}", "wb") as f:
                    f.write(ones[i].data)
                paths.append(path)
        return root, paths

    def statistics(self):
        """What is told of an archive is what is told of its members by the same names."""
        shards = made.shard(self.pixels), made.shard(made.pixels_of(self.photos[8:], (33, 41)), first=100)
        names = self.save("a.tar", ar.archive(shards[0])), self.save("b.tar", ar.archive(shards[1], "gnu"))
        root, paths = self.as_files(names, shards)
        for words in ("--stats",), ("--stats", "--total"), ("--stats", "-S", "lab"), ("--stats", "-j", "2"):
            name = " ".join(words)
            self.report.result(f"{name}: the text of the files",
                               self.good(name, *words, *names) == self.good(name, *words, *paths, cwd=root))
            got, want = ([json.loads(line) for line in self.good(name, "--json", *words, *what, cwd=cwd).splitlines()]
                         for what, cwd in ((names, None), (paths, root)))
            for told in want:
                if "input" in told:
                    told["input"], told["member"] = told["input"].split("/", 1)
            self.report.result(f"{name}: the JSON of the files", got == want,
                               [pair for pair in zip(got, want) if pair[0] != pair[1]][:1])
        for words in ("--stats",), ("--stats", "-S", "oklab"), ("--stats", "-j", "2"), ("--stats", "--mask",
                                                                                        "above:0.4"):
            self.good("saved", *words, "--save-stats", self.path("of-shards.json"), *names)
            self.good("saved", *words, "--save-stats", self.path("of-files.json"), *paths, cwd=root)
            self.report.result(f"--save-stats {' '.join(words)}: the file of the files",
                               self.load("of-shards.json") == self.load("of-files.json") != b"")
            for file in "of-shards.json", "of-files.json":
                os.remove(self.path(file))
        self.stacks(names, root, paths, shards)

    def stacks(self, names, root, paths, shards):
        """Members are stacked as files are."""
        ones = self.as_files(names[:1], shards[:1])[1]
        got = self.good("a stack", "a.tar", "-o", self.path("one.npy"))
        self.good("a stack", *ones, "-o", self.path("two.npy"), cwd=root)
        self.report.result("a stack of the members", not got and self.load("one.npy") == self.load("two.npy") != b"")
        shape = np.load(self.path("one.npy")).shape if self.load("one.npy") else ()
        self.report.result("a stack: its shape", shape == (len(ones), 3, made.SIZE[1], made.SIZE[0]), shape)
        self.save("c.tar", ar.archive(shards[0][::-1]))
        root, paths = self.as_files(("a.tar", "c.tar"), (shards[0], shards[0][::-1]))
        self.good("a stack of two", "-j", "2", "a.tar", "c.tar", "-o", self.path("three.npy"))
        self.good("a stack of two", *paths, "-o", self.path("four.npy"), cwd=root)
        self.report.result("a stack of the members of two", self.load("three.npy") == self.load("four.npy") != b"")

    # ---- failures ---------------------------------------------------------------------------------------------------

    def failures(self):
        """A member that fails."""
        good = made.shard(self.samples)
        for name, content in made.broken():
            at = len(good) // 2
            members = good[:at] + [ar.Member(name, content)] + good[at:]
            pictures = made.pictures_of(good)
            kept = self.wanted(good, pictures)
            data = ar.archive(members)
            self.save("bad.tar", data)
            label = name.decode()
            said = self.failing(f"{label} to a file", "bad.tar", "bad-out.tar")
            self.report.result(f"{label}: is named", said.startswith(b"instnorm-cli: 'bad.tar/" + name + b"': ") and
                               said.count(b"\n") == 1, said)
            self.report.result(f"{label}: no output", not os.path.exists(self.path("bad-out.tar")))
            self.failing(f"{label} in place", "--in-place", "bad.tar")
            self.report.result(f"{label}: in place it stays", self.load("bad.tar") == data)
            status, printed, said = self.call("bad.tar", "-o", "-")
            headers, ended, missing = ar.walk(printed)
            self.report.result(f"{label}: stdout stops without an end", status == 1 and not ended and missing == 0,
                               (status, ended, missing))
            self.same_start(f"{label}: stdout", printed, headers, members[:at], kept[:at])
            status, printed, said = self.call("--skip-failed", "bad.tar", "-o", "-")
            self.report.result(f"{label}: is left out and named", status == 1 and b"'bad.tar/" + name + b"': " in said,
                               (status, said))
            self.same(f"{label}: --skip-failed", printed, good, kept)
            self.good_beside_bad(label)

    def failing(self, name, *arguments):
        """What is said by a run that must fail."""
        status, _, said = self.call(*arguments)
        self.report.result(f"{name}: exit status 1", status == 1, f"{status}: {said}")
        self.report.result(f"{name}: nothing is left", not [n for n in os.listdir(self.folder) if n.startswith(".")])
        return said

    def same_start(self, name, printed, headers, members, contents):
        """What was written before the failure is right, as far as it goes; all members before it are there."""
        found = ar.read(printed) if headers else []
        self.report.result(f"{name}: members before it", [m.name for m in found] == [m.name
                                                                                     for m in members[:len(found)]],
                           len(found))
        self.report.result(f"{name}: their contents", [m.data for m in found] == contents[:len(found)])

    def good_beside_bad(self, label):
        """Other archives of the run are done."""
        shutil.rmtree(self.path("beside"), ignore_errors=True)
        self.save("good.tar", ar.archive(made.shard(self.samples)))
        self.failing(f"{label} beside a good one", "-o", "beside/", "bad.tar", "good.tar")
        self.report.result(f"{label}: the good one is done, and alone", os.listdir(self.path("beside")) == ["good.tar"])
        self.same(f"{label}: the good one", self.load("beside/good.tar"), ar.read(self.load("good.tar")),
                  self.wanted(made.shard(self.samples), made.pictures_of(made.shard(self.samples))))

    def refusals(self):
        """What cannot be, and is said."""
        data = ar.archive(made.shard(self.samples))
        self.save("a.tar", data)
        for name, packed in made.compressed(data):
            self.save(name, packed)
            for arguments in (name, "unpacked.tar"), (name, "-o", "-"), ("--stats", name):
                status, printed, said = self.call(*arguments)
                self.report.result(f"{name}: is refused", status in (1, 2) and not printed and name.encode() in said,
                                   (status, said))
                self.report.result(f"{name}: with a hint", b"unpack" in said or b"decompress" in said, said)
            self.report.result(f"{name}: no output", not os.path.exists(self.path("unpacked.tar")))
        os.mkdir(self.path("masks"))
        for option in "--mask", "--apply-mask":
            status, _, said = self.call(option, "masks", "a.tar", "masked.tar")
            self.report.result(f"{option} with a folder is refused", status in (1, 2) and said and
                               not os.path.exists(self.path("masked.tar")), said)
        status, _, said = self.call("a.tar", "a.tar")
        self.report.result("the same file as output is refused", status in (1, 2) and self.load("a.tar") == data, said)

    # ---- data sets --------------------------------------------------------------------------------------------------

    def sparse(self):
        """Members with holes, by GNU tar."""
        os.mkdir(self.path("holes"))
        pixels = np.zeros((700, 1000), np.uint8)
        pixels[300:304] = self.rng.integers(0, 255, (4, 1000))
        with open(self.path("holes/a.pgm"), "wb") as f:
            f.write(b"P5\n1000 700\n255\n" + pixels.tobytes())
        with open(self.path("holes/b.bin"), "wb") as f:
            for at in 0, 1 << 20, 5 << 20:
                f.seek(at)
                f.write(self.rng.bytes(5000))
            f.truncate(7 << 20)
        subprocess.run(["fallocate", "--dig-holes", self.path("holes/a.pgm")], check=True)
        with open(self.path("holes/c"), "wb") as f:
            f.truncate(300000)
        for kind in SPARSE:
            name = "sparse, " + " ".join(kind)
            data = subprocess.run(["tar", "-C", self.folder, "-cS", *kind, "holes/c", "holes/a.pgm", "holes/b.bin"], check=True,
                                  capture_output=True).stdout
            members = ar.read(data)
            self.report.result(f"{name}: has holes", len(data) < 2 << 20, len(data))
            got = self.good(name, "-", "-o", "-", stdin=data)
            self.same(name, got, members, self.wanted(members, [1]))

    def data_sets(self):
        """A shard is still one for those who train: its keys and extensions, its labels, and pictures that decode."""
        members = made.shard(self.pixels, folders=True)
        data = ar.archive(members, "ustar")
        before, after = ar.samples(data), ar.samples(self.good("webdataset", "-", "-o", "-", stdin=data))
        self.report.result("webdataset: keys and extensions", [list(s) for s in before] == [list(s) for s in after] and
                           len(before) > 3)
        for one, other in zip(before, after):
            beside = {k: v for k, v in one.items() if k in made.BESIDE}
            self.report.result(f"webdataset: {one['__key__']}", beside and
                               all(other[k] == v for k, v in beside.items()))
            for key in set(one) - set(beside) - {"__key__"}:
                self.report.result(f"webdataset: {one['__key__']}.{key} decodes", one[key] != other[key] and
                                   Image.open(io.BytesIO(other[key])).convert("RGB").size == made.SIZE)
        got = subprocess.run(["tar", "-C", self.folder, "-xf", "-", "--one-top-level=user", "--no-same-owner"],
                             check=False, capture_output=True,
                             input=self.call("-g", "0.2", "-", "-o", "-", stdin=data)[1])
        self.report.result("GNU tar extracts it", got.returncode == 0 and not got.stderr, got.stderr)
        self.report.result("GNU tar extracts all", sum(map(len,
                                                           (f for _, _,
                                                            f in os.walk(self.path("user"))))) == len(members))


def run(tool, corpus, folder):
    """Runs everything."""
    trial = Shards(tool, corpus, folder)
    for part in (trial.dialects, trial.ways, trial.options, trial.statistics, trial.failures, trial.refusals,
                 trial.sparse,
                 trial.data_sets):
        part()
    return trial.report.total("shards")


if __name__ == "__main__":
    sys.exit(report.main("shards.py", run))
