#!/usr/bin/python3
"""Batches: the tool on one worker and on two, beside the codec floor and beside other programs on two cores.

    batch.py TOOL FLOOR CORPUS

The sets are 104 JPEG (the 13 photographs of Debian's mate-backgrounds up to 5 megapixels, eight times) and 144 PNG (the 24
pictures of Kodak, six times). All commands of a set take turns, RUNS (5) rounds after one round that is not counted; other
programs leave after three. Each command is given an empty folder. The tool is timed as a whole process. The floor, OpenCV and
sharp tell their own time, without that of starting; ImageMagick and vips are processes for each picture, as in a shell.

Outputs go to memory (MEMORY_DIR, /dev/shm), and those of the tool and of the floor once more to a disk (BENCH_DIR, the folder of
the tool). The tool waits until its outputs are on the disk, the floor does not.

What others do is in peer_*: each channel to mean 0.5 and deviation 0.25 by its own statistics, each picture on one core, PNG
with level 1 and JPEG with quality 90. Their first outputs are held against the tool's. Programs that are missing are named. sharp
is looked for where "npm install sharp" ran: SHARP_DIR.
"""
import filecmp
import glob
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOS = "/usr/share/backgrounds/mate"
PYTHON = "/usr/bin/python3"
PEER_ROUNDS = 3
ONE, TWO, FLOOR, TWO_FLOORS = "instnorm-cli -j 1", "instnorm-cli -j 2", "floor, one process", "floor, two processes"


class Command:
    """A program over all pictures of a set: arguments, or a line of them for each picture by xargs -P2."""

    def __init__(self, name, arguments, lines=None, environment=None, is_peer=False):
        self.name, self.arguments, self.is_peer = name, arguments, is_peer
        self.stdin = "\0".join(word for line in lines for word in line) if lines else ""
        self.environment = {**os.environ, **(environment or {})}
        self.seconds = []

    def run(self):
        """Its seconds: those that it prints, or those of the process."""
        start = time.perf_counter()
        done = subprocess.run(self.arguments, input=self.stdin, env=self.environment, stdout=subprocess.PIPE, text=True)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            sys.exit(f"batch: {self.name} failed")
        return float(done.stdout or seconds)


def make_set(folder, pictures, count):
    """Links to the pictures, one after another until there are as many as wanted."""
    os.makedirs(folder)
    names = []
    for i in range(count):
        picture = pictures[i % len(pictures)]
        names.append(os.path.join(folder, f"{i:03d}-{os.path.basename(picture)}"))
        os.symlink(os.path.abspath(picture), names[-1])
    return names


def make_pixels(tool, names, pixels, options):
    """What the tool writes for the pictures."""
    subprocess.run([tool, "-Q", *options, "-o", pixels + "/", *names], check=True)


def own_commands(tool, floor, names, out, pixels, options):
    """The tool and the floor."""
    make_pixels(tool, names, pixels, options)
    pairs = [word for name in names for word in (name, os.path.join(pixels, os.path.basename(name)))]
    return [
        Command(ONE, [tool, "-Q", "-j", "1", *options, "-o", out + "/", *names]),
        Command(TWO, [tool, "-Q", "-j", "2", *options, "-o", out + "/", *names]),
        Command(FLOOR, [floor, out, *pairs]),
        Command(TWO_FLOORS, [floor, "--processes", "2", out, *pairs]),
    ]


def succeeds(*arguments, environment=None):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run(arguments, env=environment, **quiet).returncode == 0
    except OSError:
        return False


def find_peers():
    """Which programs are there; those that are not are named."""
    sharp = {**os.environ, "SHARP_DIR": os.environ.get("SHARP_DIR", ".")}
    resolve = "require(require.resolve('sharp', {paths: [process.env.SHARP_DIR]}))"
    there = {
        "OpenCV": (succeeds(PYTHON, "-c", "import cv2"), "no python3-opencv"),
        "sharp": (succeeds("node", "-e", resolve, environment=sharp), 'no "npm install sharp" in SHARP_DIR'),
        "ImageMagick": (succeeds("convert", "-version"), "no imagemagick"),
        "vips": (succeeds("vips", "--version"), "no libvips-tools"),
    }
    for name, (is_there, why) in there.items():
        if not is_there:
            print(f"{name} is left out: {why}")
    return [name for name, (is_there, _) in there.items() if is_there]


def targets_of(names, out):
    return [(name, os.path.join(out, os.path.basename(name))) for name in names]


def vips_targets(targets):
    """The same with the settings of vips, which stand behind the name of an output."""
    return [(name, to + ("[compression=1]" if to.endswith(".png") else "[Q=90]")) for name, to in targets]


def peer_commands(peers, names, out):
    targets = targets_of(names, out)
    by_xargs = ["xargs", "-0", "-P", "2", "-n", "2"]
    one_thread = {"VIPS_CONCURRENCY": "1", "MAGICK_THREAD_LIMIT": "1", "UV_THREADPOOL_SIZE": "2"}
    of = {
        "OpenCV": ("OpenCV, pool of 2", [PYTHON, HERE + "/peer_opencv.py", "--pool", "2", out, *names], None),
        "sharp": ("sharp, two at a time", ["node", HERE + "/peer_sharp.js", "2", out, *names], None),
        "ImageMagick": ("ImageMagick, xargs -P2", [*by_xargs, HERE + "/peer_magick.sh"], targets),
        "vips": ("vips, xargs -P2", [*by_xargs, HERE + "/peer_vips.sh"], vips_targets(targets)),
    }
    return [Command(*of[peer], environment=one_thread, is_peer=True) for peer in peers]


def first_moments(tool, folder):
    """Means and deviations of the first picture in a folder."""
    name = os.path.join(folder, min(os.listdir(folder)))
    line = subprocess.run([tool, "--stats", "--json", name], stdout=subprocess.PIPE, check=True).stdout
    return [value for c in json.loads(line)["channels"] for value in (c["mean"], c["std"])]


def check(tool, command, out, pixels):
    """The outputs of a command are there, and are what they should be."""
    count = len(os.listdir(pixels))
    if len(os.listdir(out)) != count:
        sys.exit(f"batch: {command.name}: {len(os.listdir(out))} outputs, expected {count}")
    if command.name in (ONE, TWO):
        _, different, missing = filecmp.cmpfiles(pixels, out, os.listdir(pixels), shallow=False)
        if different or missing:
            sys.exit(f"batch: {command.name}: other bytes: {(different + missing)[0]}")
    elif command.is_peer:
        expected, found = first_moments(tool, pixels), first_moments(tool, out)
        if len(expected) != len(found) or not all(abs(a - b) < 0.01 for a, b in zip(expected, found)):
            sys.exit(f"batch: {command.name} does something else: {found}, expected {expected}")


def take_turns(tool, commands, out, pixels, rounds):
    for i in range(rounds + 1):
        for command in [c for c in commands if i <= PEER_ROUNDS or not c.is_peer]:
            shutil.rmtree(out, ignore_errors=True)
            os.makedirs(out)
            os.sync()
            seconds = command.run()
            if i == 0:
                check(tool, command, out, pixels)
            else:
                command.seconds.append(seconds)
    shutil.rmtree(out)


def ratio(a, b):
    """The median of the ratios round by round."""
    return statistics.median(x / y for x, y in zip(a.seconds, b.seconds))


def tell(title, commands, count):
    print(f"\n{title}, median of {len(commands[0].seconds)}")
    print(f"{'':26} {'seconds':>8} {'(least to most)':>18} {'files/s':>9}")
    for c in commands:
        span = f"({min(c.seconds):.3f} to {max(c.seconds):.3f})"
        middle = statistics.median(c.seconds)
        print(f"{c.name:26} {middle:8.3f} {span:>18} {count / middle:9.1f}")
    by_name = {c.name: c for c in commands}
    of_one = ratio(by_name[TWO], by_name[ONE])
    of_floors = ratio(by_name[TWO], by_name[TWO_FLOORS])
    verdict = "holds" if of_one <= 0.55 or of_floors <= 1.05 else "MISSED"
    print(f"-j 2: {of_one:.3f} of -j 1 (at most 0.55), or {of_floors:.3f} of two floors (at most 1.05): {verdict}; ", end="")
    print(f"two floors: {ratio(by_name[TWO_FLOORS], by_name[FLOOR]):.3f} of one; ", end="")
    print(f"-j 1: {ratio(by_name[ONE], by_name[FLOOR]):.3f} of one floor", flush=True)


def measure(tool, floor, peers, title, pictures, count, options):
    rounds = int(os.environ.get("RUNS", "5"))
    memory = os.environ.get("MEMORY_DIR", "/dev/shm")
    disk = os.environ.get("BENCH_DIR", os.path.dirname(tool))
    with tempfile.TemporaryDirectory(dir=memory, prefix="batch.") as work, \
            tempfile.TemporaryDirectory(dir=disk, prefix="batch.") as on_disk:
        names = make_set(work + "/in", pictures, count)
        out, pixels = work + "/out", work + "/pixels"
        commands = own_commands(tool, floor, names, out, pixels, options) + peer_commands(peers, names, out)
        take_turns(tool, commands, out, pixels, rounds)
        tell(f"{title}, outputs in memory", commands, count)
        commands = own_commands(tool, floor, names, on_disk + "/out", pixels, options)
        take_turns(tool, commands, on_disk + "/out", pixels, rounds)
        tell(f"{title}, outputs on a disk", commands, count)


def find_pictures(corpus):
    """The photographs, which are JPEG, and those of Kodak, which are PNG."""
    photos = sorted(glob.glob(f"{PHOTOS}/nature/*.jpg")) + sorted(glob.glob(f"{PHOTOS}/desktop/*.jpg"))
    kodak = sorted(glob.glob(f"{corpus}/kodak/PhotoCD_PCD0992/*.png"))
    if len(photos) != 13 or len(kodak) != 24:
        sys.exit("mate-backgrounds (apt-get install mate-backgrounds) or kodak of the corpus is missing")
    return photos, kodak


def exit_on_sigterm():
    """So that what was made is removed."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: batch.py TOOL FLOOR CORPUS")
    exit_on_sigterm()
    tool, floor = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    photos, kodak = find_pictures(sys.argv[3])
    peers = find_peers()
    measure(tool, floor, peers, "104 JPEG (mate-backgrounds)", photos, 104, ["-q", "90"])
    measure(tool, floor, peers, "144 PNG (Kodak)", kodak, 144, [])


if __name__ == "__main__":
    main()
