#!/usr/bin/python3
"""Many pictures and many names.

    scale.py TOOL

A tree of COUNT (100,000) small PNG and PPM in FOLDERS (1,000) folders goes through -r -j 2 once: pictures a second, and the memory
of the parent and of the workers, looked at five times a second. Then the same run is killed (SIGKILL, the whole process group) when
half of the outputs are there, and goes on with -n: its tree must be that of the first run, byte for byte, without a temporary
file. Then a list of NAMES (1,000,000) pictures, links to one, is read by --files-from with --dry-run.

Everything is in SCALE_DIR (/dev/shm), which needs 3 GB, and is removed. Exit status 1 if a tree differs or a run fails; 2 if
memory or time is over what is wanted.
"""
import multiprocessing
import os
import random
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib

COUNT = int(os.environ.get("COUNT", "100000"))
FOLDERS = int(os.environ.get("FOLDERS", "1000"))
NAMES = int(os.environ.get("NAMES", "1000000"))
GIB_NEEDED = 3
# Noise of 32 levels upon each of these greys.
NOISE = [bytes(base + byte // 8 for byte in range(256)) for base in range(224)]

missed = []  # what is not as wanted


def wanted(text, holds):
    print(f"    {text}: {'holds' if holds else 'MISSED'}", flush=True)
    if not holds:
        missed.append(text)


def fail(text):
    sys.exit(f"scale: {text}")


# ---- pictures -------------------------------------------------------------------------------------------------------


def make_rows(rng, width, height, channels):
    """A slope from one grey to another under noise, so that mean and deviation differ from picture to picture."""
    top, bottom = rng.randrange(224), rng.randrange(224)
    return [rng.randbytes(width * channels).translate(NOISE[top + (bottom - top) * y // height]) for y in range(height)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def make_png(width, height, channels, rows):
    head = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def make_pnm(width, height, channels, rows):
    return b"P%d %d %d 255\n" % (6 if channels == 3 else 5, width, height) + b"".join(rows)


def make_folder(path, first, count):
    os.makedirs(path)
    for i in range(first, first + count):
        rng = random.Random(i)
        width, height, channels = rng.randint(32, 64), rng.randint(32, 64), rng.choice((1, 3))
        make, extension = ((make_png, "png"), (make_pnm, "pgm" if channels == 1 else "ppm"))[i % 2]
        with open(f"{path}/{i:06d}.{extension}", "wb") as file:
            file.write(make(width, height, channels, make_rows(rng, width, height, channels)))


def make_tree(root):
    """Folders in folders of thirty."""
    each = COUNT // FOLDERS
    work = [(f"{root}/{k // 30:02d}/{k:04d}", k * each, each) for k in range(FOLDERS)]
    with multiprocessing.Pool() as pool:
        pool.starmap(make_folder, work)
    return each * FOLDERS


def count_files(root):
    return sum(len(files) for _, _, files in os.walk(root))


# ---- memory ---------------------------------------------------------------------------------------------------------


def resident_kib(pid):
    """Memory of a process with what it shares, exactly: statm is behind by some pages. 0 if the process has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Rss:"))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return file.read().split()
    except FileNotFoundError:
        return []


class Memory:
    """Samples of the parent, and of its workers together, in MiB."""

    def __init__(self):
        self.of = {"parent": [], "workers": []}
        self.workers = 0

    def sample(self, pid):
        parent, workers = resident_kib(pid), [kib for kib in map(resident_kib, children(pid)) if kib > 0]
        if parent == 0 or len(workers) < self.workers or not workers:
            return  # before the first, or after the last
        self.workers = len(workers)
        self.of["parent"].append(parent / 1024)
        self.of["workers"].append(sum(workers) / 1024)

    def tell(self):
        if self.workers == 0:
            fail("no worker was seen")
        for name, samples in self.of.items():
            label = name if name == "parent" else f"{self.workers} workers"
            print(f"    {label:10} first {samples[0]:.1f}, median {statistics.median(samples):.1f}, last {samples[-1]:.1f}, "
                  f"most {max(samples):.1f} MiB ({len(samples)} samples)")
        for name, samples in self.of.items():
            settled = samples[len(samples) // 10]
            wanted(f"memory of the {name} is flat: at most 1.1 x that after a tenth of the run",
                   max(samples[len(samples) // 10:]) <= 1.1 * settled)


# ---- runs -----------------------------------------------------------------------------------------------------------


class Run:
    """A run over the tree in a process group of its own, what it says in a file."""

    def __init__(self, tool, tree, out, *options):
        self.said = out + ".said"
        self.start = time.perf_counter()
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen([tool, "-r", "-j", "2", *options, "-o", out + "/", tree], stderr=said,
                                            start_new_session=True)

    def wait(self, memory=None):
        """Until it ends. Its seconds, and its last line."""
        try:
            while self.process.poll() is None:
                if memory:
                    memory.sample(self.process.pid)
                try:
                    self.process.wait(0.2)
                except subprocess.TimeoutExpired:
                    pass
        finally:
            self.kill()
        seconds = time.perf_counter() - self.start
        with open(self.said, encoding="utf-8") as file:
            lines = file.read().splitlines()
        last = lines[-1] if lines else ""
        if self.process.returncode != 0:
            fail(f"exit status {self.process.returncode}: {last}")
        return seconds, last

    def kill(self):
        """The whole process group, if it is still there."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def undisturbed(tool, tree, out, count):
    memory = Memory()
    seconds, last = Run(tool, tree, out).wait(memory)
    print(f"-r -j 2: {seconds:.1f} s, {count / seconds:.0f} pictures a second; {last}")
    memory.tell()
    if count_files(out) != count:
        fail(f"{count_files(out)} outputs, expected {count}")


def killed_and_resumed(tool, tree, out, expected, count):
    run = Run(tool, tree, out)
    try:
        while run.process.poll() is None and count_files(out) < count // 2:
            time.sleep(0.1)
        if run.process.poll() is not None:
            fail("the run ended before it could be killed")
    finally:
        run.kill()
    left = [name for _, _, files in os.walk(out) for name in files if name.startswith(".")]
    print(f"killed: {count_files(out) - len(left)} outputs and {len(left)} temporary files are there")
    seconds, last = Run(tool, tree, out, "-n").wait()
    print(f"-n afterwards: {seconds:.1f} s; {last}")
    if subprocess.run(["diff", "-rq", expected, out], check=False).returncode != 0:
        fail("the tree is not that of the undisturbed run")
    print(f"    the tree is that of the undisturbed run: {count_files(out)} files, byte for byte", flush=True)


# ---- names ----------------------------------------------------------------------------------------------------------


def make_names(root, count):
    """Links to one picture, and their list."""
    os.makedirs(root)
    with open(f"{root}/one.ppm", "wb") as file:
        file.write(make_pnm(2, 2, 3, [b"\0\1\2\3\4\5", b"\6\7\10\11\12\13"]))
    with open(f"{root}/list", "w", encoding="ascii") as names:
        for i in range(count):
            folder = f"{root}/{i // 1000:04d}"
            if i % 1000 == 0:
                os.mkdir(folder)
            os.link(f"{root}/one.ppm", f"{folder}/{i:07d}.ppm")
            names.write(f"{folder}/{i:07d}.ppm\n")
    return f"{root}/list"


def dry_run(tool, names, root):
    """Seconds, peak memory in bytes, and how many lines were printed."""
    with open(f"{root}/printed", "wb") as printed:
        start = time.perf_counter()
        process = subprocess.Popen([tool, "--files-from", names, "--dry-run", "-o", root + "/out/"], stdout=printed)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    if status != 0:
        fail(f"--dry-run ended with {os.waitstatus_to_exitcode(status)}")
    with open(f"{root}/printed", "rb") as printed:
        return seconds, usage.ru_maxrss * 1024, sum(1 for _ in printed)


def list_of_names(tool, root):
    names = make_names(root, NAMES)
    one = f"{root}/list-of-one"
    with open(names, encoding="ascii") as every, open(one, "w", encoding="ascii") as first:
        first.write(every.readline())
    _, base, _ = dry_run(tool, one, root)
    seconds, peak, lines = dry_run(tool, names, root)
    if lines != NAMES:
        fail(f"--dry-run printed {lines} lines, expected {NAMES}")
    length = len(f"{root}/0000/0000000.ppm") + len(f"{root}/out/0000000.ppm")
    each = (peak - base) / NAMES
    print(f"--files-from, {NAMES} names, --dry-run: {seconds:.1f} s, {each:.0f} bytes a name; input and output have {length}")
    wanted("at most 10 s", seconds <= 10)
    wanted("at most 256 bytes and the names", each <= 256 + length)


def main():
    if len(sys.argv) != 2:
        fail("usage: scale.py TOOL")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # so that what was made is removed
    tool, folder = os.path.abspath(sys.argv[1]), os.environ.get("SCALE_DIR", "/dev/shm")
    if shutil.disk_usage(folder).free < GIB_NEEDED << 30:
        fail(f"less than {GIB_NEEDED} GB in {folder}: see SCALE_DIR")
    with tempfile.TemporaryDirectory(dir=folder, prefix="scale.") as work:
        count = make_tree(work + "/in")
        print(f"{count} pictures in {FOLDERS} folders", flush=True)
        undisturbed(tool, work + "/in", work + "/whole", count)
        killed_and_resumed(tool, work + "/in", work + "/killed", work + "/whole", count)
        for done in ("in", "whole", "killed"):
            shutil.rmtree(f"{work}/{done}")
        list_of_names(tool, work + "/names")
    sys.exit(2 if missed else 0)


if __name__ == "__main__":
    main()
