"""The archives of broken_archives.py."""
import random
from dataclasses import dataclass

import archives as ar
from archives import Member, record

PICTURES = [b"P5 3 2 255\n\x00\x10\x80\x90\xc0\xff", b"P5 1 3 255\n\x01\x02\x09"]
GIB = 1 << 30


@dataclass
class Case:
    """An archive. `refused` None: either will do, as long as it is right; `says` is in the message of a refusal."""
    name: str
    data: bytes
    refused: bool = None
    says: str = ""
    alone: bool = False  # too large for tarfile to look into


def base(name=b"a.pgm"):
    """Members of each kind, pictures among them."""
    return [Member(name, PICTURES[0]), Member(b"a.json", b'{"a": 1}'),
            Member(b"n" * 120 + b".pgm", PICTURES[1], mtime="1700000000.25"),
            Member(b"link.pgm", kind=ar.LINK, link=b"a.pgm"), Member(b"hard.pgm", kind=ar.HARD_LINK, link=b"a.pgm"),
            Member(b"text.txt", b"some text " * 60)]


def good():
    """They are taken."""
    for dialect in "pax", "gnu":
        yield Case(f"good, {dialect}", ar.archive(base(), dialect), False)
    yield Case("concatenated", ar.archive(base()) + ar.archive(base(), "gnu"), False)
    names = [b"../../x", b"../../../../../../../../tmp/x.pgm", b"/x.pgm", b"/dev/stdout", b"./.", b"..",
             b"a/../../../x.pgm", b"con\x01trol\x1b[2J\r.pgm",
             b"\x9b31m.pgm", b"out.tar", b"in.tar", b"l" * 10000 + b".pgm", b"d/" * 5000 + b"x.pgm", b"\xff" * 10000]
    for name in names:
        for data in (PICTURES[0], b"no picture") if not name.endswith(b".pgm") else (PICTURES[0],):
            for dialect in "pax", "gnu":
                yield Case(f"named {name[:30]}, {dialect}", ar.archive([Member(name, data)] + base(), dialect), False)
    yield Case("links out", ar.archive([Member(b"x", kind=ar.LINK, link=b"/etc"), Member(b"x/passwd", b"no"),
                                        Member(b"x", kind=ar.HARD_LINK, link=b"/etc/passwd"),
                                        Member(b"out.tar", kind=ar.LINK, link=b"../../../z"),
                                        Member(b"out.tar", b"through a link")] + base()), False)
    yield Case("devices", ar.archive([Member(b"m", kind=ar.CHARACTER, device=(1, 1)),
                                      Member(b"s", kind=ar.DEVICE, device=(8, 0)),
                                      Member(b"p.pgm", kind=ar.FIFO), Member(b"in.tar", kind=ar.FIFO)] + base()), False)
    yield Case("a folder that is a picture by name", ar.archive([Member(b"a.pgm", kind=ar.FOLDER)] + base()), False)
    yield Case("one member many times", ar.archive(base() * 50), False)


# ---- headers by hand ------------------------------------------------------------------------------------------------


def field(header, at, text):
    """A header with another field, and the checksum that belongs to it."""
    return ar.sealed(header[:at] + text + header[at + len(text):])


def with_field(at, text, data=b"x" * 700, kind=ar.FILE, name=b"odd.txt"):
    """An archive whose second member has an odd header."""
    odd = field(ar.header_of(Member(name, kind=kind), b"ustar\x0000", len(data), ar.octal), at, text)
    return ar.as_ustar(Member(b"a.pgm", PICTURES[0])) + odd + ar.padded(data) + ar.archive(base())


SIZES = (b"77777777777\0", b"00000100000\0", b"00000040000\0", b"\x80" + b"\xff" * 11, b"\xff" * 12,
         b"\x80\0\0\0\x7f" + b"\xff" * 7, b"\xff" * 4 + bytes(8), b"\x80\0\0\0\x80" + bytes(7), b"-0000000001\0",
         b"0000000001g\0", b"zzzzzzzzzzzz", b" " * 12, bytes(12), b"00000000001\0", b"0x000000200\0")


def sizes():
    """Sizes that are not those of the contents. Contents of letters are no headers."""
    for text in SIZES:
        yield Case(f"size {text}", with_field(124, text), None)
    for text in b"77777777777\0", b"\x80\0\0\0\x7f" + b"\xff" * 7, b"\x80" + bytes(5) + b"\xff" * 6:
        for name in b"odd.pgm", b"odd.npy", b"odd":
            yield Case(f"{name} claims {text}", with_field(124, text, PICTURES[0], name=name), True, "'in.tar")


FIELDS = {"name": (0, 100), "mode": (100, 8), "uid": (108, 8), "gid": (116, 8), "mtime": (136, 12), "link": (157, 100),
          "magic": (257, 8), "uname": (265, 32), "gname": (297, 32), "major": (329, 8), "minor": (337, 8),
          "prefix": (345, 155)}


def fields():
    """Other fields gone wrong."""
    for kind in range(256):
        yield Case(f"type {bytes([kind])}", with_field(156, bytes([kind])), None, alone=True)
    for name, (at, width) in FIELDS.items():
        for text in (b"\xff" * width, b"7" * width, b"\x80" + b"\xff" * (width - 1), bytes(width), b" " * width,
                     b"%n" * (width // 2), b"-" * width):
            yield Case(f"{name} {text[:12]}", with_field(at, text), None, alone=True)
            yield Case(f"{name} {text[:12]} of a device", with_field(at, text, b"", ar.CHARACTER), None, alone=True)


def extended(records, member=None):
    """An archive with a pax header of these very bytes."""
    header = ar.header_of(Member(b"PaxHeaders/x", kind=b"x"), b"ustar\x0000", len(records),
                          ar.octal) + ar.padded(records)
    return header + (ar.as_ustar(Member(b"a.pgm", PICTURES[0])) if member is None else member) + ar.archive(base())


# What a header of pax may have in it
RECORDS = {"length 0": b"0 path=x\n", "length too large": b"99 path=x\n", "length too small": b"5 path=x\n",
           "length negative": b"-9 path=x\n", "length enormous": b"99999999999999999999 path=x\n",
           "no length": b"path=x\n", "no equals sign": b"9 pathx.\n", "no newline": b"9 path=x ",
           "no key": record("", b"x"), "empty path": record("path", b""),
           "path with a zero": record("path", b"a\0b.pgm"), "only blanks": b" " * 600, "zeros": bytes(600),
           "only newlines": b"\n" * 600, "size negative": record("size", b"-1"),
           "size enormous": record("size", b"9" * 30), "size too large": record("size", b"100000"),
           "size 2^63-1": record("size", b"9223372036854775807"), "size of text": record("size", b"ten"),
           "size empty": record("size", b""), "size 0": record("size", b"0"), "size too small": record("size", b"2"),
           "mtime of text": record("mtime", b"now"), "mtime enormous": record("mtime", b"9" * 40),
           "mtime of many digits": record("mtime", b"1." + b"9" * 4000), "mtime nan": record("mtime", b"nan"),
           "uid negative": record("uid", b"-5"), "uid enormous": record("uid", b"9" * 25),
           "character set unknown": record("hdrcharset", b"ISO-8859-1 x") + record("path", b"\xe9.pgm"),
           "path not UTF-8": record("path", b"\xff\xfe.pgm"),
           "path overlong": record("path", b"\xc0\xaf\xe0\x80\xaf.pgm"),
           "path of surrogates": record("path", b"\xed\xa0\x80.pgm"), "path of 300 KB": record("path", b"p" * 300000),
           "comment of 3 MB": record("comment", b"c" * 3000000), "key of 100 KB": record("k" * 100000, b"v"),
           "10,000 keys": b"".join(record(f"k{i}", b"v") for i in range(10000)),
           "xattrs": b"".join(record(f"SCHILY.xattr.user.a{i}", b"\0" * 99) for i in range(500)),
           "LIBARCHIVE xattr not base64": record("LIBARCHIVE.xattr.user.a", b"\xff%zz!"),
           "ACL": record("SCHILY.acl.access", b"user::rwx,:::,x:" * 50),
           "device of text": record("SCHILY.devmajor", b"x") + record("SCHILY.devminor", b"-9"),
           "creation time": record("LIBARCHIVE.creationtime", b"1e99"),
           "symlink type": record("LIBARCHIVE.symlinktype", b"no"),
           "file flags": record("SCHILY.fflags", b"%n,,,nodump"),
           "linkpath of a file": record("linkpath", b"/etc/passwd")}


def pax():
    """Records gone wrong."""
    for name, records in RECORDS.items():
        # tarfile has an empty path where POSIX has the header's, keeps what follows a zero, and links that are none
        apart = name in ("empty path", "path with a zero", "linkpath of a file")
        yield Case(f"pax, {name}", extended(records), None, alone=apart)
    claims = ar.header_of(Member(b"PaxHeaders/x", kind=b"x"), b"ustar\x0000", 0o77777777777, ar.octal)
    yield Case("pax, a header of 8 GiB", claims + ar.archive(base()), True, "'in.tar")
    yield Case("pax, headers alone", ar.pax_header({"path": b"x"}) * 3000 + ar.END, None, alone=True)
    yield Case("pax, 3000 headers of one member", ar.pax_header({"comment": b"x"}) * 3000 + ar.archive(base()), None,
               alone=True)
    yield Case("pax, global headers", ar.pax_header({"comment": b"4b825dc642cb6eb9a060e54bf8d69288fbee4904"}, b"g") +
               ar.archive(base()), False)
    for kind in b"L", b"K":
        long = ar.header_of(Member(b"././@LongLink", kind=kind), b"ustar  \0", 0o77777777777, ar.octal)
        yield Case(f"GNU, {kind} of 8 GiB", long + ar.archive(base(), "gnu"), True, "'in.tar")
        long = ar.header_of(Member(b"././@LongLink", kind=kind), b"ustar  \0", 600, ar.octal) + b"q" * 1024
        yield Case(f"GNU, {kind} without a zero", long + ar.archive(base(), "gnu"), None, alone=True)
        yield Case(f"GNU, {kind} 2000 times", (long * 2000) + ar.archive(base(), "gnu"), None, alone=True)
        yield Case(f"GNU, {kind} alone", long + ar.END, None, alone=True)


# ---- holes ----------------------------------------------------------------------------------------------------------


def sparse_old(pairs, size, data=b"x" * 512, extended_by=b"\0", after=b""):
    """GNU's old way: four pieces in the header."""
    header = ar.header_of(Member(b"s.bin", kind=b"S"), b"ustar  \0", len(data), ar.octal)
    pieces = b"".join(b"%011o\0%011o\0" % pair for pair in pairs[:4]).ljust(96, b"\0")
    number = ar.octal(size, 12) or ar.binary(size, 12)
    return field(header, 386, pieces + extended_by + number) + after + ar.padded(data)


def sparse_1(text, size, data=b"x" * 512):
    """Version 1.0: the map is before the data."""
    body = ar.padded(text) + data
    records = {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0", "GNU.sparse.name": b"s.bin",
               "GNU.sparse.realsize": b"%d" % size}
    return ar.pax_header(records) + ar.as_ustar(Member(b"GNUSparseFile.1/s.bin", body))


def sparse_0(text, size, pieces=b"1"):
    """Version 0.1: the map is a record."""
    records = {"GNU.sparse.size": b"%d" % size, "GNU.sparse.numblocks": pieces, "GNU.sparse.map": text,
               "GNU.sparse.name": b"s.bin"}
    return ar.pax_header(records) + ar.as_ustar(Member(b"s.bin", b"x" * 512))


# How many pieces, then where each is and how long, for a size of 4096
MAPS = {"overlapping": b"2\n0\n400\n100\n112\n", "backwards": b"2\n2048\n256\n0\n256\n",
        "beyond the size": b"1\n8000\n512\n",
        "negative": b"1\n-5\n512\n", "more than there is": b"1\n0\n99999\n", "no numbers": b"one\ntwo\n",
        "too many": b"1000000000\n0\n512\n", "fewer than told": b"9\n0\n512\n", "no end": b"1" * 5000, "empty": b"",
        "enormous": b"1\n9223372036854775807\n9223372036854775807\n", "less than there is": b"1\n0\n5\n",
        "none": b"0\n"}


def sparse():
    """Maps that are right, wrong, and enormous."""
    rest = ar.archive(base())
    yield Case("sparse, right, old", sparse_old([(1024, 512)], 4096) + rest, False)
    yield Case("sparse, right, 1.0", sparse_1(b"1\n1024\n512\n", 4096) + rest, False)
    yield Case("sparse, right, 0.1", sparse_0(b"1024,512", 4096) + rest, False)
    for size in 65 * GIB, 1 << 50, (1 << 63) - 1:
        for kind, data in (("old", sparse_old([(0, 512)], size)), ("1.0", sparse_1(b"1\n0\n512\n", size)),
                           ("0.1", sparse_0(b"0,512", size))):
            yield Case(f"sparse, {size >> 30} GiB, {kind}", data + rest, True, "'in.tar", True)
    for name, text in MAPS.items():
        yield Case(f"sparse 1.0, {name}", sparse_1(text, 4096) + rest, None, alone=True)
        yield Case(f"sparse 0.1, {name}", sparse_0(text[:-1].replace(b"\n", b",").partition(b",")[2] or text, 4096,
                                                   text.partition(b"\n")[0]) + rest, None, alone=True)
    large = field(ar.header_of(Member(b"s.bin"), b"ustar  \0", 512, ar.octal), 483, ar.binary(1 << 60, 12)) + b"x" * 512
    yield Case("no sparse type, but a size of GNU's sparse files", large + rest, True, "'in.tar", True)
    yield Case("sparse, size 0", sparse_1(b"1\n0\n512\n", 0) + rest, None, alone=True)
    yield Case("sparse, old, goes on without end", sparse_old([(0, 512)], 4096, extended_by=b"\1",
                                                              after=(b"1" * 504 + b"\1" + bytes(7)) * 300) + rest, None,
               alone=True)
    yield Case("sparse, old, goes on and is cut", sparse_old([(0, 512)], 4096, b"", extended_by=b"\1"), True, "'in.tar",
               True)
    yield Case("sparse, old, overlapping", sparse_old([(0, 512), (100, 512)], 4096, b"x" * 1024) + rest, None,
               alone=True)


def ends():
    """How an archive ends."""
    content = b"".join(map(ar.as_pax, base()))
    yield Case("no end", content, True, "'in.tar")
    yield Case("half an end", content + bytes(511), True, "'in.tar")
    yield Case("one block of zeros", content + bytes(512), False)
    yield Case("text behind the end", content + ar.END + b"and what is this?", None, alone=True)
    yield Case("noise behind the end", content + ar.END + bytes(range(1, 256)) * 20, None, alone=True)
    yield Case("a cut archive behind the end", content + ar.END + content[:700], True, "'in.tar")
    yield Case("an archive without end behind the end", content + ar.END + content, True, "'in.tar")
    yield Case("a checksum that is wrong in the middle", content + b"\1" * 512 + ar.END, True, "'in.tar")
    yield Case("a header alone", content[:512], True, "'in.tar")


def made():
    """What somebody made on purpose."""
    for some in sizes(), fields(), pax(), sparse(), ends():
        yield from some


# ---- damage ---------------------------------------------------------------------------------------------------------


def cut():
    """At every block, around it, and in between. One whole block of zeros behind the last member is enough."""
    for dialect in "pax", "gnu":
        data = ar.archive(base(), dialect)
        whole = len(data) - 512
        places = {n for at in range(0, len(data) + 1, 512) for n in (at - 1, at, at + 1)} | set(range(0, len(data), 37))
        for n in sorted(n for n in places if 0 <= n <= len(data)):
            yield Case(f"{dialect}, {n} of {len(data)} bytes", data[:n], n < whole if n <= whole or
                       n == len(data) else None, ".tar")


def damaged(step):
    """One byte of a header is another: its checksum tells."""
    data = ar.archive(base(), "gnu")
    headers = [at for at in range(0, len(data) - 1024, 512) if data[at + 257:at + 262] == b"ustar"]
    for at in headers[:2] + headers[-1:]:
        for i in range(0, 512, step):
            for other in data[at + i] ^ 0x40, data[at + i] ^ 0xff:
                checksum = 148 <= i < 156
                yield Case(f"header at {at}, byte {i} is {other}", data[:at + i] + bytes([other]) + data[at + i + 1:],
                           None if checksum else True)


def mutated(many):
    """Random damage, of bytes, blocks and lengths, with checksums that are right again or not."""
    rng = random.Random(15)
    for i in range(many):
        data = bytearray(ar.archive(base(), rng.choice(("pax", "gnu"))))
        for _ in range(rng.choice((1, 1, 2, 5))):
            at, block = rng.randrange(len(data)), rng.randrange(len(data) // 512) * 512
            what = rng.randrange(4)
            if what == 0:
                data[at] = rng.randrange(256)
            elif what == 1:
                data[at:at + rng.randrange(20)] = rng.randbytes(rng.randrange(20))
            elif what == 2:
                del data[block:block + 512 * rng.randrange(1, 3)]
            else:
                data[block:block] = data[at // 512 * 512:at // 512 * 512 + 512]
        for at in range(0, len(data) - 511, 512):
            if bytes(data[at + 257:at + 262]) == b"ustar" and rng.random() < 0.8:
                data[at:at + 512] = ar.sealed(bytes(data[at:at + 512]))
        yield Case(f"mutation {i}", bytes(data), None, alone=True)
