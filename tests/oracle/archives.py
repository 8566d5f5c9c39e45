"""Archives of tar: written by hand in each dialect, and read by Python's tarfile."""
import io
import re
import tarfile
from dataclasses import dataclass, field
from fractions import Fraction

BLOCK = 512
END = bytes(2 * BLOCK)
FILE, HARD_LINK, LINK, CHARACTER, DEVICE, FOLDER, FIFO = b"0", b"1", b"2", b"3", b"4", b"5", b"6"


@dataclass
class Member:
    """One member as it is written: texts are bytes, times are decimal."""
    name: bytes
    data: bytes = b""
    kind: bytes = FILE
    link: bytes = b""
    mode: int = 0o644
    mtime: str = "1700000000"
    owner: tuple = (1000, 1001)
    names: tuple = (b"ann", b"lab")
    device: tuple = (0, 0)
    records: dict = field(default_factory=dict)  # of pax, beside those that are needed


# ---- writing --------------------------------------------------------------------------------------------------------


def octal(number, width):
    """A number with its zero byte; None: it has too many digits."""
    digits = b"%0*o" % (width - 1, number) if number >= 0 else b""
    return digits + b"\0" if 0 < len(digits) < width else None


def binary(number, width):
    """GNU's base 256: the first bit is set, below 0 all of the first byte."""
    data = bytearray(number.to_bytes(width, "big", signed=True))
    data[0] |= 0x80
    return bytes(data)


def padded(data):
    """Whole blocks."""
    return data + bytes(-len(data) % BLOCK)


def sealed(header):
    """The header with its checksum."""
    header = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def header_of(member, magic, size, numbers):
    """One block. `numbers` writes a number in so many bytes."""
    name, prefix = member.name, b""
    if len(name) > 100 and magic == b"ustar\x0000":
        cut = max((i for i in range(len(name)) if name[i:i + 1] == b"/" and i <= 155 and len(name) - i - 1 <= 100),
                  default=0)
        prefix, name = name[:cut], name[cut + 1 if cut else 0:]
    fields = [(name, 100), (numbers(member.mode, 8), 8), (numbers(member.owner[0], 8), 8),
              (numbers(member.owner[1], 8), 8),
              (numbers(size, 12), 12), (numbers(int(Fraction(member.mtime) // 1), 12), 12), (b" " * 8, 8),
              (member.kind, 1),
              (member.link, 100)]
    if magic:
        devices = [numbers(n, 8) for n in member.device]
        fields += [(magic, 8), (member.names[0], 32), (member.names[1], 32), (devices[0], 8), (devices[1], 8),
                   (prefix, 155)]
    return sealed(b"".join(text[:width].ljust(width, b"\0") for text, width in fields).ljust(BLOCK, b"\0"))


def record(key, value):
    """A record of pax, which begins with its own length."""
    body = b" %s=%s\n" % (key.encode(), value)
    length = len(body) + 1
    while length != len(body) + len(str(length)):
        length = len(body) + len(str(length))
    return str(length).encode() + body


def is_utf8(text):
    """Whether pax can have it without a word about character sets."""
    try:
        text.decode()
        return True
    except UnicodeDecodeError:
        return False


def pax_records(member, size):
    """What a header of ustar has no room for."""
    records = dict(member.records)
    texts = {"path": (member.name, 100), "linkpath": (member.link, 100), "uname": (member.names[0], 32),
             "gname": (member.names[1], 32)}
    texts = {key: text for key, (text, room) in texts.items() if len(text) > room or not text.isascii()}
    if not all(map(is_utf8, texts.values())):
        records["hdrcharset"] = b"BINARY"
    records.update(texts)
    numbers = {"uid": member.owner[0], "gid": member.owner[1], "size": size}
    records.update({key: b"%d" % n for key, n in numbers.items() if octal(n, 12 if key == "size" else 8) is None})
    if "." in member.mtime or octal(int(member.mtime), 12) is None:
        records["mtime"] = member.mtime.encode()
    return records


def numbers_of_pax(number, width):
    """0 where a record has it."""
    return octal(number, width) or octal(0, width)


def pax_header(records, kind=b"x"):
    """The member that carries records."""
    data = b"".join(record(key, value) for key, value in records.items())
    return header_of(Member(b"PaxHeaders/x", kind=kind), b"ustar\x0000", len(data), numbers_of_pax) + padded(data)


def as_pax(member):
    """POSIX.1-2001."""
    size = len(member.data)
    records = pax_records(member, size)
    return (pax_header(records) if records else b"") + header_of(member, b"ustar\x0000", size,
                                                                 numbers_of_pax) + padded(member.data)


def as_gnu(member):
    """GNU tar: long names before, large numbers in base 256."""
    out = b""
    for kind, text in (b"K", member.link), (b"L", member.name):
        if len(text) > 100:
            out += header_of(Member(b"././@LongLink", kind=kind), b"ustar  \0", len(text) + 1, octal) + padded(text +
                                                                                                               b"\0")
    numbers = lambda number, width: octal(number, width) or binary(number, width)
    return out + header_of(member, b"ustar  \0", len(member.data), numbers) + padded(member.data)


def as_ustar(member):
    """POSIX.1-1988; what has no room there is not to be asked for."""
    return header_of(member, b"ustar\x0000", len(member.data), octal) + padded(member.data)


def as_v7(member):
    """Without magic and names of owners."""
    return header_of(member, b"", len(member.data), octal) + padded(member.data)


WRITERS = {"pax": as_pax, "gnu": as_gnu, "ustar": as_ustar, "v7": as_v7}


def can_hold(dialect, member):
    """Whether a dialect has room for all of a member."""
    if dialect == "pax":
        return True
    if "." in member.mtime or member.records:
        return False
    if dialect == "gnu":
        return all(len(name) < 32 for name in member.names)
    numbers = *member.owner, *member.device
    if any(len(name) > 32 for name in member.names):
        return False
    small = all(octal(n, 8) for n in numbers) and octal(int(member.mtime), 12) and len(member.link) <= 100
    if dialect == "v7":
        return bool(small) and len(member.name) <= 100 and member.kind in (FILE, HARD_LINK, LINK)
    folder, _, base = member.name.rpartition(b"/")
    return bool(small) and (len(member.name) <= 100 or 0 < len(folder) <= 155 and len(base) <= 100)


def archive(members, dialect="pax", end=END):
    """The bytes of an archive."""
    return b"".join(map(WRITERS[dialect], members)) + end


# ---- reading --------------------------------------------------------------------------------------------------------


def bytes_of(text):
    """What tarfile made of bytes, back."""
    return text.encode("utf-8", "surrogateescape")


def read(data):
    """The members of archives, one after another, as tarfile understands them. Sparse and old files are FILE."""
    members = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", encoding="utf-8", errors="surrogateescape",
                      ignore_zeros=True) as tar:
        for info in tar:
            content = tar.extractfile(info).read() if info.isreg() else b""
            kind = FILE if info.isreg() else info.type
            device = (info.devmajor, info.devminor) if kind in (CHARACTER, DEVICE) else (0, 0)
            mtime = info.pax_headers.get("mtime", str(info.mtime))
            name = bytes_of(info.name) + b"/" * info.isdir()  # which tarfile takes off
            members.append(Member(name, content, kind, bytes_of(info.linkname), info.mode & 0o7777, mtime,
                                  (info.uid, info.gid), (bytes_of(info.uname), bytes_of(info.gname)), device))
    return members


def attributes(member):
    """All but the content, so that it can be compared."""
    return (member.name, member.kind, member.link, member.mode, Fraction(member.mtime), member.owner, member.names,
            member.device)


def number_in(text):
    """A number of a header."""
    if text[0] & 0x80:
        return int.from_bytes(bytes([text[0] & 0x7f]) + text[1:], "big")
    return int(text.strip(b" \0") or b"0", 8)


def walk(data):
    """By headers alone: how many there are, whether a block of zeros ends them, and how many bytes are missing."""
    at = headers = 0
    while at + BLOCK <= len(data):
        header = data[at:at + BLOCK]
        if not any(header):
            return headers, True, 0
        size = number_in(header[124:136]) if header[156:157] not in (HARD_LINK, LINK, CHARACTER, DEVICE, FOLDER,
                                                                     FIFO) else 0
        headers, at = headers + 1, at + BLOCK + size + -size % BLOCK
    return headers, False, at - len(data)


# ---- as data sets are read ------------------------------------------------------------------------------------------


def samples(data):
    """
    What webdataset makes of a shard: files one after another belong together as long as what is before the first dot of
    their base names is the same. A list of {"__key__": key, extension: bytes}.
    """
    found = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as tar:
        for info in tar:
            match = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", info.name)
            if not info.isreg() or not match:
                continue
            key, extension = match[1], match[2].lower()
            if not found or found[-1]["__key__"] != key:
                found.append({"__key__": key})
            if extension in found[-1]:
                raise ValueError(f"{info.name}: doubled in its sample")
            found[-1][extension] = tar.extractfile(info).read()
    return found
