#!/usr/bin/python3
"""A tar shard through stdin to stdout, beside Python: shards.py TOOL CORPUS

A shard of MEMBERS (10,000) members goes through the tool and through Pillow, NumPy and tarfile, by turns, ROUNDS (3)
times: files a second, on one processor and on all. To each picture belong its JSON, its label and its caption; pictures
are JPEG of 256 x 256, cut out of the photos of CORPUS. Both decode, normalize each channel to the same mean and
deviation, and encode with the same quality. All other members must come out byte for byte, and pictures must differ by
little. Then shards of 1,000, 10,000 and 50,000 members: the most that the parent and its workers hold.

Everything is in memory (BENCH_DIR, /dev/shm), and is removed. Exit status 1 if an output is wrong, 2 if memory grows.
Needs python3-numpy, python3-pil.
"""
import concurrent.futures
import glob
import io
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

import numpy as np
from PIL import Image

MEMBERS = int(os.environ.get("MEMBERS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SIZES = [int(n) for n in os.environ.get("SIZES", "1000 10000 50000").split()]
SIDE, QUALITY, GAMMA, BETA, EPS = 256, 90, 0.25, 0.5, 1e-5


def fail(text):
    """Ends the run."""
    sys.exit(f"shards: {text}")


# ---- shards ---------------------------------------------------------------------------------------------------------


def cuttings(corpus):
    """Pieces of all photos as JPEG."""
    found = []
    for path in sorted(glob.glob(os.path.join(corpus, "kodak", "*", "*.png"))):
        photo = Image.open(path).convert("RGB")
        for left in range(0, photo.width - SIDE + 1, SIDE):
            for top in range(0, photo.height - SIDE + 1, SIDE):
                out = io.BytesIO()
                photo.crop((left, top, left + SIDE, top + SIDE)).save(out, "JPEG", quality=QUALITY)
                found.append(out.getvalue())
    return found or fail(f"no photos in {corpus}")


def write_shard(path, members, pictures):
    """Four members for each key. How many pictures it has."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for i in range(members):
            key, kind = divmod(i, 4)
            extension, data = (("jpg", pictures[key % len(pictures)]),
                               ("json", b'{"id": %d, "caption": "number %d"}' % (key, key)),
                               ("cls", b"%d" % (key % 1000)),
                               ("txt", b"A picture of something, number %d.\n" % key))[kind]
            info = tarfile.TarInfo(f"{key:09}.{extension}")
            info.size, info.mtime = len(data), 1700000000
            tar.addfile(info, io.BytesIO(data))
    return (members + 3) // 4


# ---- beside it ------------------------------------------------------------------------------------------------------


def normalize(data):
    """A JPEG to a JPEG, as one would write it."""
    x = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32) / 255
    mean, variance = x.mean((0, 1)), x.var((0, 1))
    y = (x - mean) / np.sqrt(variance + EPS) * GAMMA + BETA
    out = io.BytesIO()
    Image.fromarray(np.rint(np.clip(y, 0, 1) * 255).astype(np.uint8)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def peer(workers):
    """A shard from stdin to stdout."""
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as before, tarfile.open(fileobj=sys.stdout.buffer,
                                                                                   mode="w|") as after, \
            concurrent.futures.ProcessPoolExecutor(workers) as pool:
        waiting = []

        def put(info, data):
            data = data.result() if hasattr(data, "result") else data
            info.size = len(data)
            after.addfile(info, io.BytesIO(data))

        for info in before:
            data = before.extractfile(info).read()
            if info.name.endswith(".jpg"):
                data = pool.submit(normalize, data) if workers > 1 else normalize(data)
            waiting.append((info, data))
            before.members = []
            if len(waiting) > 64:
                put(*waiting.pop(0))
        for one in waiting:
            put(*one)


# ---- runs -----------------------------------------------------------------------------------------------------------


def children(pid):
    """The processes that it has started."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return file.read().split()
    except OSError:
        return []


def peak_kib(pid):
    """The most that a process has held, since it became another program."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return max((int(line.split()[1]) for line in file if line.startswith("VmHWM:")), default=0)
    except (OSError, ProcessLookupError):
        return 0


def run(command, shard, output):
    """Seconds, and the most that the parent held and that any of its children did, in MiB."""
    most = {"parent": 0, "child": 0}
    with open(shard, "rb") as given, open(output, "wb") as taken:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=taken)
        done = threading.Event()

        def watch():
            while not done.wait(0.02):
                most["parent"] = max(most["parent"], peak_kib(process.pid))
                most["child"] = max([most["child"]] + [peak_kib(pid) for pid in children(process.pid)])

        watcher = threading.Thread(target=watch)
        watcher.start()
        status = process.wait()
        seconds = time.perf_counter() - begun
        done.set()
        watcher.join()
    if status != 0:
        fail(f"{' '.join(command)}: exit status {status}")
    return seconds, most["parent"] / 1024, most["child"] / 1024


def check(shard, output):
    """All but pictures must be the same. Returns the largest mean difference of a picture from Python's, in levels."""
    with tarfile.open(shard) as before, tarfile.open(output) as after:
        worst = 0
        for n, (one, other) in enumerate(zip(before, after)):
            a, b = before.extractfile(one).read(), after.extractfile(other).read()
            if one.name != other.name or one.mtime != other.mtime or (not one.name.endswith(".jpg") and a != b):
                fail(f"{one.name} is not what it was")
            if one.name.endswith(".jpg") and n % 40 == 0:
                x, y = (np.asarray(Image.open(io.BytesIO(data)), np.float64) for data in (normalize(a), b))
                worst = max(worst, np.abs(x - y).mean())
        if len(before.getmembers()) != len(after.getmembers()):
            fail("members are missing")
    return worst


def beside(tool, work, pictures):
    """Files a second, by turns."""
    shard, cpus = f"{work}/shard.tar", os.cpu_count()
    count = write_shard(shard, MEMBERS, pictures)
    size = os.path.getsize(shard) >> 20
    print(f"{MEMBERS} members, {count} of them JPEG of {SIDE} x {SIDE}, {size} MiB; median of {ROUNDS} rounds",
          flush=True)
    options = ["-Q", "-q", str(QUALITY), "-g", str(GAMMA), "-b", str(BETA)]
    commands = {"tool": [tool, *options, "-", "-o", "-"], "Python, 1 process": [sys.executable, __file__, "--peer",
                                                                                "1"],
                f"Python, {cpus} processes": [sys.executable, __file__, "--peer", str(cpus)]}
    seconds = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            seconds[name].append(run(command, shard, f"{work}/{name[:6]}.tar")[0])
    two = [f"{work}/a.tar", f"{work}/b.tar"]
    for path in two:
        os.link(shard, path)
    many = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        if subprocess.run([tool, *options, "--force", "-j", str(cpus), "-o", f"{work}/out/", *two],
                          check=False).returncode != 0:
            fail("two shards at once")
        many.append((time.perf_counter() - begun) / 2)
    seconds[f"tool, two shards with -j {cpus}"] = many
    base = statistics.median(seconds["tool"])
    for name, all_of in seconds.items():
        median = statistics.median(all_of)
        print(f"  {name:28} {median:6.2f} s a shard, {MEMBERS / median:7.0f} files a second, {count / median:6.0f} "
              f"pictures a second, {median / base:5.2f} x the tool ({min(all_of):.2f} to {max(all_of):.2f} s)",
              flush=True)
    worst = check(shard, f"{work}/tool.tar")
    print(f"  all other members are the same; a picture is {worst:.2f} levels of 255 from Python's in the mean at most")
    if worst > 1:
        fail("pictures differ from Python's")


def memory(tool, work, pictures):
    """The most that is held, by the length of the shard."""
    held = []
    for members in SIZES:
        write_shard(f"{work}/long.tar", members, pictures)
        seconds, parent, child = run([tool, "-Q", "-q", str(QUALITY), "-", "-o", "-"], f"{work}/long.tar",
                                     f"{work}/long-out.tar")
        held.append(max(parent, child))
        size = os.path.getsize(f"{work}/long.tar") >> 20
        print(f"  {members:6} members, {size:4} MiB: parent {parent:.1f} MiB, worker {child:.1f} MiB, {seconds:.1f} s",
              flush=True)
    return max(held) <= 1.1 * held[0] + 1


def main():
    """Runs everything."""
    if len(sys.argv) != 3:
        fail("usage: shards.py TOOL CORPUS")
    if sys.argv[1] == "--peer":
        peer(int(sys.argv[2]))
        return 0
    tool, pictures = os.path.abspath(sys.argv[1]), cuttings(sys.argv[2])
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/dev/shm"), prefix="shards.") as work:
        beside(tool, work, pictures)
        flat = memory(tool, work, pictures)
    print(f"  memory is {'flat' if flat else 'NOT flat'}")
    return 0 if flat else 2


if __name__ == "__main__":
    sys.exit(main())
