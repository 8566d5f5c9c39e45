#!/usr/bin/python3
"""Statistics of data sets: the tool on one worker beside the decode-only floor, NumPy and PyTorch.

    stats.py TOOL FLOOR CORPUS

All commands of a set take turns, RUNS (7) rounds, NumPy and PyTorch three. What counts is processor time, user and system, of
the tool and of the floor as whole processes, of NumPy and PyTorch without their imports; a ratio is the median of those of the
rounds. Wanted of the tool: at most 1.10 of the floor; of others at least 3 times as much for JPEG, 8 times for tensors. MANY
(20,000) JPEG of 0.1 megapixel are made in BENCH_DIR (/dev/shm, 400 MB), and a million of them is extrapolated. Needs
python3-numpy, python3-pil and Debian's mate-backgrounds; python3-torch is left out if it is missing, and said.
"""
import glob
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOS = "/usr/share/backgrounds/mate/nature/*.jpg"
PYTHON = "/usr/bin/python3"
WIDTH, HEIGHT = 384, 256
PEER_ROUNDS = 3


def seconds_of(arguments):
    """Processor time of a command, and what it printed."""
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        text = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"stats: {' '.join(arguments)[:500]}: exit status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, text


class Bench:
    """The programs, and a folder."""

    def __init__(self, tool, floor, folder):
        self.tool, self.floor, self.folder = tool, floor, folder
        self.rounds = int(os.environ.get("RUNS", "7"))
        self.peers = ["numpy"]
        if subprocess.run([PYTHON, "-c", "import torch"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            self.peers.append("torch")
        else:
            print("stats: there is no python3-torch, so its rows are left out")

    def path(self, name):
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def peer(self, name, kind, listed):
        """Processor time that it prints; its numbers."""
        numbers, own = seconds_of([PYTHON, f"{HERE}/stats_{name}.py", kind, listed])[1].splitlines()
        return float(own), numbers

    def check(self, name, numbers, told):
        """The others measure the same: to the error of a sum of float32."""
        ours = [c[key] for key in ("mean", "std") for c in told["channels"]]
        off = max(abs(a - b) / abs(b) for a, b in zip(map(float, numbers.split()), ours))
        if not off < 1e-3:
            sys.exit(f"stats: {name} has other numbers: {numbers}, not {ours}")
        return off

    def run(self, name, kind, paths):
        """Rows of a set."""
        listed = self.path("list")
        with open(listed, "w", encoding="utf-8") as f:
            f.writelines(f"{path}\n" for path in paths)
        base = [self.tool, "-Q", "-j", "1", "--total", "--files-from", listed]
        commands = {"--total": base, "--total --json": base + ["--json"],
                    "--quantiles": base + ["--quantiles", "1,50,99"], "--histogram": base + ["--json", "--histogram"],
                    "--save-stats": base + ["--save-stats", self.path("out.json"), "--force"]}
        if kind == "pictures":
            commands["floor"] = [self.floor, "--decode", *paths]
        taken = {command: [] for command in [*commands, *self.peers]}
        told = json.loads(seconds_of(commands["--total --json"])[1])
        off = {}
        for i in range(self.rounds):
            for command, arguments in commands.items():
                taken[command].append(seconds_of(arguments)[0])
            for peer in self.peers if i < PEER_ROUNDS else ():
                own, numbers = self.peer(peer, kind, listed)
                off[peer] = self.check(peer, numbers, told)
                taken[peer].append(own)
        self.table(name, taken, off, len(paths))
        return statistics.median(taken["--total"])

    @staticmethod
    def table(name, taken, off, n):
        """Medians, and ratios to the floor, or to the tool of the same rounds."""
        print(f"{name}, {n} file{'s' * (n > 1)}")
        for command, seconds in taken.items():
            to, what = ("--total", "times as long as the tool") if command in off else ("floor", "of the floor")
            ratio = ""
            if to in taken and command != "floor":
                ratios = sorted(a / b for a, b in zip(seconds, taken[to]))
                ratio = f"{statistics.median(ratios):6.2f} {what} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            apart = f", numbers {off[command]:.1e} apart" if command in off else ""
            print(f"  {command:<16} {statistics.median(seconds):8.3f} s {ratio}{apart}", flush=True)


def make_many(folder, photographs, count):
    """JPEG of 0.1 megapixel, the same ones each time."""
    pick, pictures = random.Random(14), [Image.open(name).convert("RGB") for name in photographs]
    os.mkdir(folder)
    paths = []
    for i in range(count):
        picture = pictures[i % len(pictures)]
        left, top = pick.randrange(picture.width - WIDTH + 1), pick.randrange(picture.height - HEIGHT + 1)
        paths.append(os.path.join(folder, f"{i:05}.jpg"))
        picture.crop((left, top, left + WIDTH, top + HEIGHT)).save(paths[-1], quality=90)
    return paths


def main():
    """All sets."""
    tool, floor, corpus = sys.argv[1:]
    kodak, photographs = sorted(glob.glob(f"{corpus}/kodak/*/*.png")), sorted(glob.glob(PHOTOS))
    if len(kodak) != 24 or not photographs:
        sys.exit("stats: the Kodak pictures or mate-backgrounds are missing")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/dev/shm")) as folder:
        bench = Bench(tool, floor, folder)
        bench.run("Kodak, PNG", "pictures", kodak)
        bench.run("mate-backgrounds, JPEG", "pictures", photographs)
        rng = np.random.default_rng(1)
        for name in "uint8", "float32":
            x = rng.integers(0, 256, (64, 3, 512, 512), "u1").astype(name)
            np.save(bench.path(f"{name}.npy"), x / np.float32(255) if name == "float32" else x)
            bench.run(f"tensor [64,3,512,512] of {name}", "tensors", [bench.path(f"{name}.npy")])
            os.remove(bench.path(f"{name}.npy"))
        count = int(os.environ.get("MANY", "20000"))
        bench.rounds = 3
        seconds = bench.run("JPEG of 0.1 megapixel", "pictures", make_many(bench.path("many"), kodak + photographs, count))
        print(f"  a million of them on one core, extrapolated: {seconds * 1e6 / count / 60:.1f} minutes")


if __name__ == "__main__":
    main()
