#!/usr/bin/python3
"""Small files that claim or unpack to gigabytes: bombs.py BUILD

Each ends within 100 ms, takes less than 64 MB more than a picture of one pixel, and is either refused, by a message that names
the limit, or a picture that is whole. Among good pictures in a batch they are refused and the others are done.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SECONDS, BYTES, TRIES = 0.1, 64 << 20, 5
MB = 1 << 20


def chunk(kind, data):
    """A chunk of PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(size):
    """A zlib stream of so many zeros."""
    deflate = zlib.compressobj(9)
    return b"".join([deflate.compress(bytes(MB)) for _ in range(size // MB)] + [deflate.flush()])


def png(width, height, depth, colour, data, interlaced=0, before=b""):
    """A PNG of these parts."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff(width, height, compression, data):
    """A TIFF of one strip of 8-bit grey."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, compression), (262, 3, 1), (273, 4, 122), (277, 3, 1),
               (278, 4, height), (279, 4, len(data))]
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + \
        b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + bytes(4) + data


def jpeg(width, height):
    """The head of a baseline JPEG, and nothing."""
    return b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", height, width) + \
        b"\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0"


def npy(kind, shape):
    """The head of a tensor, and nothing."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head


def webp(width, height):
    """The head of a lossless WebP, and little else."""
    data = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(16)
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bombs():
    """name, bytes, what the message of a refusal says; None: it may also be taken."""
    pixel, text = zlib.compress(b"\0\0"), zeros(100 * MB)
    profile = chunk(b"iCCP", b"icc\0\0" + text)
    return [
        ("bits.png", png(20000, 20000, 1, 0, zeros(20000 * 2501)), "--max-pixels"),
        ("interlaced.png", png(16000, 16000, 16, 6, zeros(20 * MB), 1), "--memory"),
        ("largest.png", png(0x7fffffff, 0x7fffffff, 16, 6, pixel), "--max-pixels"),
        ("one-pixel.png", png(1, 1, 8, 0, zeros(128 * MB)), None),
        ("text.png", png(1, 1, 8, 0, pixel, 0, chunk(b"zTXt", b"Comment\0\0" + text)), None),
        ("profile.png", png(1, 1, 8, 0, pixel, 0, profile), None),
        ("many-texts.png", png(1, 1, 8, 0, pixel, 0, 50 * chunk(b"zTXt", b"Comment\0\0" + zeros(10 * MB))), None),
        ("claims.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) +
         struct.pack(">I", 0x7fffffff) + b"tEXt", ""),
        ("largest.jpg", jpeg(65500, 65500), "--max-pixels"),
        ("empty.jpg", jpeg(16000, 16000), ""),
        ("stored.tif", tiff(16000, 16000, 1, bytes(100)), ""),
        ("deflated.tif", tiff(60000, 60000, 8, zeros(10 * MB)), "--max-pixels"),
        ("packbits.tif", tiff(16000, 16000, 32773, bytes(100)), ""),
        ("huge.tif", tiff(0xffffffff, 0xffffffff, 8, bytes(100)), ""),
        ("largest.webp", webp(16384, 16384), ""),
        ("stored.bmp", b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 0x7fffffff, 0x7fffffff, 1, 24, 0, 0, 0, 0, 0, 0), ""),
        ("stored.pgm", b"P5 1000000 1000000 255\n" + bytes(100), ""),
        ("plain.ppm", b"P3 100000 100000 255\n1 2 3\n", ""),
        ("stored.pfm", b"PF\n100000 100000\n-1\n" + bytes(100), ""),
        ("tensor.npy", npy("<f4", (1000000, 3, 1000, 1000)), ""),
        ("overflow.npy", npy("<f8", (1 << 62, 1 << 62)), ""),
        ("claims.tga", b"\0\0\2\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\x20\0", ""),
        ("screen.gif", b"GIF89a\xff\xff\xff\xff", ""),
    ]


def run(tool, *arguments):
    """Exit status, what it said, seconds, and the most bytes that it or a worker of it held."""
    begun = time.monotonic()
    with subprocess.Popen([tool, *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        said = process.stderr.read().decode(errors="replace")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, time.monotonic() - begun, used.ru_maxrss << 10


def main():
    """Runs everything."""
    tool = os.path.abspath(os.path.join(sys.argv[1], "instnorm-cli"))
    failed = slowest = largest = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        formats = re.findall(r"^  (\w+)", subprocess.run([tool, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode(),
                             re.MULTILINE)
        with open("good.pgm", "wb") as file:
            file.write(b"P5 1 1 255\n7")
        base = min(run(tool, "good.pgm", "good.pnm")[3] for _ in range(TRIES))
        refused = []
        for name, data, names in bombs():
            with open(name, "wb") as file:
                file.write(data)
            tries = [run(tool, name, "out.pnm") for _ in range(TRIES)]
            code, said, seconds, held = tries[0][0], tries[0][1], min(t[2] for t in tries), min(t[3] for t in tries) - base
            slowest, largest = max(slowest, seconds), max(largest, held)
            known = name.rsplit(".", 1)[1].replace("jpg", "jpeg").replace("tif", "tiff") in formats
            wrong = [text for text, is_wrong in (
                (f"exit status {code}", code not in (0, 1) or (code == 0 and names is not None)),
                ("an output", code == 1 and os.path.exists("out.pnm")),
                ("no message that names it", code == 1 and not said.startswith(f"instnorm-cli: '{name}': ")),
                (f"{names} is not named", code == 1 and names and known and names not in said),
                ("another end the second time", any(t[:2] != tries[0][:2] for t in tries)),
                (f"{seconds:.3f} s", seconds > SECONDS),
                (f"{held >> 20} MB", held > BYTES)) if is_wrong]
            if code == 0:
                os.remove("out.pnm")
            else:
                refused.append(name)
            failed += bool(wrong)
            if wrong:
                print(f"FAILED {name} of {len(data)} bytes: {', '.join(wrong)}: {said.strip()}")
        names = [str(i) + os.path.splitext(name)[1] for i, name in enumerate(sorted(refused))]
        for name, link in zip(sorted(refused), names):
            os.symlink(name, link)
        code, said, seconds, held = run(tool, "-j", "2", "-f", "pnm", "-o", "out/", *names, "good.pgm")
        if code != 1 or os.listdir("out") != ["good.pnm"] or f"1 done, 0 skipped, {len(refused)} failed" not in said or held - base > BYTES:
            failed += 1
            print(f"FAILED in a batch: exit status {code}, {seconds:.3f} s, {held - base >> 20} MB: {said}")
        print(f"bombs: {len(bombs())} files, {failed} failed; at most {slowest * 1e3:.0f} ms and {largest / MB:.1f} MB")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
