"""What the oracle of archives puts into them."""
import bz2
import glob
import gzip
import io
import lzma
import os
import subprocess

import numpy as np
from PIL import Image

import archives as ar
import writers
from archives import Member

PICTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pictures")
SIZE = 97, 65
BESIDE = "json", "cls", "txt"
# How files of each format begin that are no text
MAGIC = b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"II*\0", b"MM\0*", b"\x93NUMPY"
# Text or not, by their names
AS_TEXT = ".pgm", ".ppm", ".pnm", ".pam", ".pfm", ".bmp"
GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def is_picture(member):
    """As these members are made."""
    name = os.path.splitext(member.name)[1].decode("ascii", "replace").lower()
    return member.kind == ar.FILE and (member.data.startswith(MAGIC) or (name in AS_TEXT and member.data[:1] in b"PB"))


def pictures_of(members):
    """Their places."""
    return [i for i, member in enumerate(members) if is_picture(member)]


# ---- pictures -------------------------------------------------------------------------------------------------------


def load(name):
    """A picture of tests/pictures."""
    with open(os.path.join(PICTURES, name), "rb") as f:
        return f.read()


def encoded(picture, kind, **options):
    """By Pillow."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def tensor(array):
    """A file of NumPy."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def pages():
    """A TIFF of three pages of different sizes."""
    pictures = [Image.open(os.path.join(PICTURES, name)).convert("RGB")
                for name in ("rgb8.png", "row.png", "interlaced.png")]
    return encoded(pictures[0], "TIFF", save_all=True, append_images=pictures[1:])


def samples(photos):
    """Small pictures of every format, of odd sizes and types: (extension, bytes)."""
    photo = Image.open(photos[2]).convert("RGB").resize((51, 77))
    rng = np.random.default_rng(3)
    return [("png", load("rgb8.png")), ("jpg", encoded(photo, "JPEG", quality=85)), ("png", load("grey16.png")),
            ("webp", encoded(photo, "WEBP", lossless=True)), ("tif", pages()), ("PNG", load("greya8.png")),
            ("npy", tensor(rng.normal(3, 2, (4, 3, 5, 7)).astype("f4"))),
            ("pgm", writers.pnm(writers.picture("u2", 1))),
            ("pam", writers.pnm(writers.picture("u1", 4))), ("pfm", writers.pfm(writers.picture("f4", 3, 9, 11), "<")),
            ("jpeg", encoded(photo.convert("L"), "JPEG", progressive=True)), ("bmp", encoded(photo, "BMP")),
            ("palette.png", load("palette.png")), ("png", load("transparent.png")), ("png", load("one.png")),
            ("npy", tensor(rng.integers(0, 255, (2, 3, 4, 4), "u1")))]


def pixels_of(photos, size=SIZE):
    """Pictures of one size, 8-bit RGB: (extension, bytes)."""
    kinds = [("png", "PNG", {}), ("jpg", "JPEG", {"quality": 90}), ("webp", "WEBP", {"quality": 80}),
             ("tiff", "TIFF", {}), ("ppm", "PPM", {}),
             ("bmp", "BMP", {}), ("jpeg", "JPEG", {"quality": 75, "subsampling": 0}),
             ("png", "PNG", {"compress_level": 1})]
    return [(extension, encoded(Image.open(path).convert("RGB").resize(size), kind, **options))
            for path, (extension, kind, options) in zip(photos, kinds)]


def mask(path, data):
    """A grey picture of the size of another."""
    width, height = Image.open(io.BytesIO(data)).size
    slope = np.linspace(0, 255, width)[None] * np.linspace(0.2, 1, height)[:, None]
    Image.fromarray(slope.astype("u1")).save(path)


def shard(pictures, first=0, folders=False):
    """As data sets are stored: for each key a picture, its label, its caption."""
    members = []
    for i, (extension, data) in enumerate(pictures, first):
        key = (b"train/%02d/%06d" % (i // 3, i)) if folders else b"%06d" % i
        time = f"16{i:08}"
        members += [Member(key + b"." + extension.encode(), data, mtime=time, mode=0o640),
                    Member(key + b".json", b'{"id": %d, "caption": "P5 of %d"}' % (i, i), mtime=time),
                    Member(key + b".cls", b"%d" % (i % 10), mtime=time),
                    Member(key + b".txt", b"P6 %d 12 255 and more text\n" % i, mtime=time)]
    return members


# ---- members of all kinds -------------------------------------------------------------------------------------------


def odd_names():
    """Bytes that are names of members."""
    return [b"caf\xc3\xa9.png", b"cafe\xcc\x81.png", b"\xff\xfe\x80.png", b"\xe5\x9b\xbe/\xf0\x9f\x8e\xa8.png",
            b"two words.png", b"line\nbreak.png",
            b"tab\tand\x1b[31m.png", b"../../above.png", b"/absolute/path.png", b"./here.png", b".hidden.png",
            b"-o.png", b"a//b/../c.png",
            b"'quoted\".png", b"back\\slash.png", b"d" * 95 + b".png", b"e" * 96 + b".png", b"f" * 97 + b".png",
            b"g" * 300 + b".png",
            b"folder/" * 14 + b"x.png", b"folder/" * 20 + b"x.png", b"folder/" * 60 + b"x.png", b"h" * 130 + b"/" +
            b"i" * 90 + b".png",
            b"\xc3\xa9" * 120 + b".png", b"same.png", b"same.png", b"w*ld?[x].png", b"%s%n.png", b"many.dots.in.png"]


def pictures_of_everything():
    """With what may be odd about a picture's member."""
    one, png = load("one.png"), load("rgb8.png")
    return [Member(b"plain.png", png), Member(b"time.png", png, mtime="1700000000.123456789"),
            Member(b"nought.png", png, mtime="0"),
            Member(b"before.png", png, mtime="-86400"), Member(b"before2.png", png, mtime="-1.5"),
            Member(b"late.png", png, mtime="16725225600"),
            Member(b"after2038.png", png, mtime="2147483648.5"),
            Member(b"small.png", png, mtime="1700000000.000000001"),
            Member(b"owner.png", png, owner=(3000000, 4000000000)),
            Member(b"root.png", png, owner=(0, 0), names=(b"", b"")),
            Member(b"named.png", png, names=("zoë".encode(), "größe".encode())),
            Member(b"names.png", png, names=(b"u" * 40, b"g" * 31)),
            Member(b"bits.png", png, mode=0o4755), Member(b"no.png", png, mode=0), Member(b"all.png", png, mode=0o7777),
            Member(b"no extension", png),
            Member(b"other.bin", png), Member(b"WITH.PNG", png),
            Member(b"xattr.png", png, records={"SCHILY.xattr.user.note": b"kept or not"}),
            Member(b"text.pgm", b"P2 4 3 1000\n0 1000 17 230\n5 99 700 1\n12 13 14 15\n"),
            Member(b"raw.ppm", writers.pnm(writers.picture("u1", 3)))] + \
        [Member(name, one if i % 2 else png) for i, name in enumerate(odd_names())]


def others():
    """What is no picture."""
    inner = ar.archive([Member(b"inside.png", load("rgb8.png"))])
    return [Member(b"folder/", kind=ar.FOLDER, mode=0o755), Member(b"sticky/", kind=ar.FOLDER, mode=0o1777),
            Member(b"folder.png/", kind=ar.FOLDER, mode=0o700),
            Member(b"link.png", kind=ar.LINK, link=b"plain.png", mode=0o777),
            Member(b"far", kind=ar.LINK, link=b"../" * 50 + b"etc/passwd", mode=0o777),
            Member(b"link2.png", kind=ar.LINK, link=b"\xff\xc3\xa9", mode=0o777),
            Member(b"dangling", kind=ar.LINK, link=b"/nowhere", mode=0o777),
            Member(b"hard.png", kind=ar.HARD_LINK, link=b"plain.png"),
            Member(b"hard2", kind=ar.HARD_LINK, link=b"g" * 300 + b".png"),
            Member(b"null", kind=ar.CHARACTER, device=(1, 3)), Member(b"disk.png", kind=ar.DEVICE, device=(8, 17)),
            Member(b"pipe.png", kind=ar.FIFO),
            Member(b"empty.txt"), Member(b"empty"), Member(b"a.json", b'{"a": [1, 2, 3]}'),
            Member(b"b.json", b"{}" * 5000), Member(b"caption.txt", b"P5 is a format"),
            Member(b"caption2.txt", b"P6 12 12 255\n and what follows"), Member(b"BM.md", b"BM is a beginning, too"),
            Member(b"a.gif", GIF), Member(b"b.cls", b"7"),
            Member(b"inner.tar", inner), Member(b"noise.bin", bytes(range(256)) * 3), Member(b"block", b"x" * 512),
            Member(b"block2", b"y" * 1024),
            Member(b"more", b"z" * 513), Member(b"zeros.dat", bytes(3000)),
            Member(b"large.dat", bytes(range(251)) * 20000),
            Member(b"time.txt", b"t", mtime="1700000000.987654321"), Member(b"caf\xc3\xa9.txt", b"1"),
            Member(b"\xff\xfe.json", b"[]")]


def everything():
    """Pictures and others by turns."""
    pictures, rest = pictures_of_everything(), others()
    mixed = [one for pair in zip(pictures, rest) for one in pair]
    return mixed + pictures[len(rest):] + rest[len(pictures):]


# ---- what fails -----------------------------------------------------------------------------------------------------


def broken():
    """Names and contents of members that fail."""
    png, jpeg = load("rgb8.png"), encoded(Image.open(os.path.join(PICTURES, "interlaced.png")).convert("RGB"), "JPEG")
    yield b"cut.png", png[:-30]
    yield b"cut.jpg", jpeg[:len(jpeg) // 2]
    yield b"text.jpg", b"this is no picture, but <html>404 Not Found</html>"
    yield b"empty.png", b""
    yield b"head.webp", b"RIFF\x10\0\0\0WEBPVP8 "
    yield b"a/b.npy", b"\x93NUMPY\1\0\xff\xff{"
    yield b"short.pgm", b"P5 100 100 255\n" + bytes(200)
    yield b"noise.png", bytes(range(255, 0, -1))


def compressed(data):
    """The archive as others pack it: name, bytes."""
    yield "a.tar.gz", gzip.compress(data)
    yield "a.tar.xz", lzma.compress(data)
    yield "a.tar.bz2", bz2.compress(data)
    for tool in glob.glob("/usr/bin/zstd"):
        yield "a.tar.zst", subprocess.run([tool, "-c"], input=data, check=True, capture_output=True).stdout
