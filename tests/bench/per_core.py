#!/usr/bin/python3
"""The tool on one core beside OpenCV, sharp, ImageMagick and vips on the same core.

    per_core.py TOOL CORPUS

First whole sets, the 13 photographs of Debian's mate-backgrounds up to 5 megapixels, twice, and the 24 pictures of Kodak,
twice: each program in one run, but for ImageMagick and vips, which a shell starts for each picture. OpenCV and sharp tell
their own time there, without that of starting; the tool and the others are whole processes. Then a process for each
picture, start and end included, as in a script that calls the program once per picture: Kodak and the photographs.

All commands take turns on one core (taskset), ROUNDS (3) rounds after one that is not counted, with the same settings as in
batch.py: each channel to mean 0.5 and deviation 0.25, PNG with level 1 and JPEG with quality 90. Their outputs are held against
the tool's. Wanted of the best of the others, as the median of the ratios of the rounds: at least 1.6 times the tool's time on
JPEG, 3.5 times on PNG, and 8 times with a process for each picture.
"""
import glob
import os
import statistics
import sys
import tempfile

import batch

TOOL, TABLE = "instnorm-cli -j 1", "OpenCV, by a table"


def in_turn(core, arguments, lines=None, peer=True, name=""):
    """A command on one core; with lines, a process for each line of arguments, one after another."""
    by_line = ["xargs", "-0", "-n", str(len(lines[0]))] if lines else []
    environment = {"VIPS_CONCURRENCY": "1", "MAGICK_THREAD_LIMIT": "1", "UV_THREADPOOL_SIZE": "1"}
    return batch.Command(name, ["taskset", "-c", str(core), *by_line, *arguments], lines, environment, peer)


def set_commands(tool, peers, core, names, out, options):
    """Each program over a set."""
    here, targets = batch.HERE, batch.targets_of(names, out)
    of = {
        "OpenCV": ([batch.PYTHON, here + "/peer_opencv.py", out, *names], None),
        TABLE: ([batch.PYTHON, here + "/peer_opencv.py", "--table", out, *names], None),
        "sharp": (["node", here + "/peer_sharp.js", "1", out, *names], None),
        "ImageMagick": ([here + "/peer_magick.sh"], targets),
        "vips": ([here + "/peer_vips.sh"], batch.vips_targets(targets)),
    }
    own = in_turn(core, [tool, "-Q", "-j", "1", *options, "-o", out + "/", *names], peer=False, name=TOOL)
    return [own] + [in_turn(core, *of[peer], name=peer) for peer in peers]


def picture_commands(tool, peers, core, names, out, options):
    """Each program once for each picture."""
    here, targets = batch.HERE, batch.targets_of(names, out)
    single = [[name] for name in names]
    of = {
        "OpenCV": (["sh", "-c", f'{batch.PYTHON} {here}/peer_opencv.py "$@" >/dev/null', "sh", out], single),
        TABLE: (["sh", "-c", f'{batch.PYTHON} {here}/peer_opencv.py --table "$@" >/dev/null', "sh", out], single),
        "sharp": (["sh", "-c", f'node {here}/peer_sharp.js 1 "$@" >/dev/null', "sh", out], single),
        "ImageMagick": ([here + "/peer_magick.sh"], targets),
        "vips": ([here + "/peer_vips.sh"], batch.vips_targets(targets)),
    }
    own = in_turn(core, [tool, "-Q", "-j", "1", *options, "-o", out + "/"], single, peer=False, name=TOOL)
    return [own] + [in_turn(core, *of[peer], name=peer) for peer in peers]


def tell(title, commands, count, wanted):
    """A table, and whether the best of the others takes as much longer as is wanted."""
    own, *others = commands
    print(f"\n{title}, median of {len(own.seconds)}")
    print(f"{'':26} {'seconds':>8} {'files/s':>9}  of the tool")
    for c in commands:
        middle = statistics.median(c.seconds)
        print(f"{c.name:26} {middle:8.3f} {count / middle:9.1f} {batch.ratio(c, own):8.2f}")
    if others:
        best = min(others, key=lambda c: batch.ratio(c, own))
        times = batch.ratio(best, own)
        verdict = "holds" if times >= wanted else "MISSED"
        print(f"the best of the others, {best.name}: {times:.2f} times (at least {wanted}): {verdict}", flush=True)


def measure(tool, peers, core, pictures, again, options, title, make, wanted):
    with tempfile.TemporaryDirectory(dir=os.environ.get("MEMORY_DIR", "/dev/shm"), prefix="per-core.") as work:
        names = batch.make_set(work + "/in", pictures, again * len(pictures))
        out, pixels = work + "/out", work + "/pixels"
        batch.make_pixels(tool, names, pixels, options)
        commands = make(tool, peers, core, names, out, options)
        batch.take_turns(tool, commands, out, pixels, int(os.environ.get("ROUNDS", "3")))
        tell(title, commands, len(names), wanted)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: per_core.py TOOL CORPUS")
    batch.exit_on_sigterm()
    tool, photos, kodak = os.path.abspath(sys.argv[1]), *batch.find_pictures(sys.argv[2])
    peers, core = batch.find_peers(), max(os.sched_getaffinity(0))
    if "OpenCV" in peers:
        peers.insert(1, TABLE)
    if not peers:
        sys.exit("per_core: there is no other program: make deps bench installs some")
    jpeg = ["-q", "90"]
    measure(tool, peers, core, photos, 2, jpeg, "26 JPEG on one core", set_commands, 1.6)
    measure(tool, peers, core, kodak, 2, [], "48 PNG on one core", set_commands, 3.5)
    measure(tool, peers, core, kodak, 1, [], "24 PNG, a process for each", picture_commands, 8)
    measure(tool, peers, core, photos, 1, jpeg, "13 JPEG, a process for each", picture_commands, 8)


if __name__ == "__main__":
    main()
