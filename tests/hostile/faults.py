#!/usr/bin/python3
"""Every system call of runs with worker processes fails once, or is the last: faults.py BUILD [--points N] [NAME]...

A run is first listed: which calls each of its processes makes. Then it is done again for each point, that is, for each
call of each process and each of the faults below, and judged: every output is the old file or the complete new one, exit
status 0 means that all are new, a failure is told, no process stays behind, no temporary file is left, and if the run was
killed the next one removes it. With --points N only N points of the first three runs are tried, spread over all of them;
--list prints the points of each run.
"""
import argparse
import collections
import concurrent.futures
import errno
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile

CPUS = len(os.sched_getaffinity(0))
DISK = ("ENOSPC", "EIO", "EDQUOT")
NAMES = ("ENOSPC", "EIO", "EDQUOT", "EROFS", "EACCES")
# The errors of each call. With a "+" all later calls of that name fail too, as on a disk that stays full.
ERRORS = {
    "read": ("EIO",), "pread64": ("EIO",), "getdents64": ("EIO",), "lseek": ("EIO",), "fstat": ("EIO",),
    "newfstatat": ("EIO", "EACCES"), "stat": ("EIO",), "lstat": ("EIO",),
    "write": DISK + ("ENOSPC+",), "writev": DISK + ("ENOSPC+",), "pwrite64": DISK + ("EROFS", "ENOSPC+", "EIO+"),
    "openat": ("EMFILE", "ENOSPC", "EACCES", "EROFS", "EMFILE+"), "open": ("EMFILE", "ENOSPC", "EACCES", "EROFS"),
    "close": DISK, "fsync": DISK + ("EROFS", "EIO+"), "fdatasync": DISK, "syncfs": DISK + ("EROFS",),
    "sync_file_range": DISK + ("EROFS", "ESPIPE"), "ftruncate": DISK, "fallocate": DISK,
    "fchmod": ("EIO", "EPERM", "EROFS"), "fchown": ("EPERM", "EIO"), "utimensat": ("EPERM", "EIO", "EROFS"),
    "flock": ("ENOLCK", "EWOULDBLOCK"),
    "rename": NAMES + ("EXDEV", "EIO+"), "renameat": NAMES, "renameat2": NAMES + ("EINVAL",),
    "link": NAMES + ("EPERM", "EIO+"), "linkat": NAMES + ("EPERM",), "unlink": ("EACCES", "EIO", "EROFS"),
    "unlinkat": ("EACCES", "EIO"), "mkdir": NAMES, "mkdirat": NAMES,
    "mmap": ("ENOMEM", "ENOMEM+"), "mremap": ("ENOMEM",), "brk": ("ENOMEM", "ENOMEM+"),
    "clone": ("EAGAIN", "EAGAIN+"), "socketpair": ("EMFILE", "EMFILE+"), "dup": ("EMFILE",), "dup3": ("EMFILE",),
    "sendmsg": ("EIO", "EPIPE", "ENOMEM", "ENOBUFS", "ETOOMANYREFS", "ENOBUFS+"), "recvmsg": ("EIO", "ENOMEM"),
}
# Where these fail a temporary file cannot be removed, or is not known for the tool's own.
KEEPS = ("unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "flock", "fstat", "newfstatat", "lstat")
ENDS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGXCPU")
FIRST = "rt_sigaction"  # what the tool does first of all: what comes before is the loader's

Point = collections.namedtuple("Point", "process call n fault path")


class Run:
    """A command line, the files that it is to make, and what is there before."""

    def __init__(self, name, command, outputs, old=(), stdin=None, together=False):
        self.name, self.command, self.outputs, self.old = name, command, outputs, old
        self.stdin, self.together = stdin, together
        self.new, self.before, self.printed = {}, {}, b""


PICTURES = ["a.png", "b.jpg", "c.tif", "d.pnm", "e.png"]
INPUTS = ["in/" + name for name in PICTURES]
OUT = ["out/" + name for name in PICTURES]
ARCHIVES = ["a.tar", "shard"]  # by its name, and by its content
RUNS = [
    Run("batch over old files", ["-j", "2", "-g", "0.1", "-o", "out/", *INPUTS], OUT, OUT),
    Run("pooled", ["-j", "3", "-N", "batch", "-o", "out/", *INPUTS], OUT),
    Run("one picture", ["in/a.png", "out/a.png"], ["out/a.png"], ["out/a.png"]),
    Run("one new picture", ["-j", "1", "in/c.tif", "out/c.tif"], ["out/c.tif"]),
    Run("new files", ["-j", "3", "-o", "out/", *INPUTS], OUT),
    Run("those that are missing", ["-j", "2", "-n", "-o", "out/", *INPUTS], OUT[1:], OUT[:1]),
    Run("in place", ["-j", "2", "--in-place", *OUT], OUT, OUT),
    Run("a series", ["-j", "2", "--deflicker", "3", "-o", "out/", *INPUTS], OUT),
    Run("a stack", ["-j", "2", "-o", "out/x.npy", "in/a.png", "in/e.png", "in/a.png"], ["out/x.npy"], together=True),
    Run("a stack in parts", ["-j", "2", "-o", "out/x.npy", "--per-file", "2", "in/a.png", "in/e.png", "in/c.tif"],
        ["out/x-00000.txt", "out/x-00000.npy", "out/x-00001.txt", "out/x-00001.npy"], together=True),
    Run("a stack that is printed", ["-j", "2", "-f", "pnm", "-o", "-", "in/a.png", "in/e.png"], [], together=True),
    Run("statistics", ["-j", "3", "--stats", *INPUTS], []),
    Run("a statistics file", ["-j", "2", "-Q", "--force", "--stats", "--save-stats", "out/s.json", *INPUTS], ["out/s.json"],
        ["out/s.json"], together=True),
    Run("a table", ["--force", "--lut", "out/l.cube", "-f", "png", "in/a.png", "/dev/null"], ["out/l.cube"], together=True),
    Run("masks, a style and a fit", ["-j", "2", "--mask", "mask.pgm", "-s", "in/b.jpg", "-S", "lab", "-o", "out/", "in/a.png",
                                     "in/e.png"], ["out/a.png", "out/e.png"]),
    Run("a tree with times", ["-j", "2", "--preserve", "-r", "-o", "out/", "in"], OUT),
    Run("pairs", ["-j", "2", "--pairs", "--files-from", "list"], ["out/x.png", "out/y.tif"]),
    Run("a pipe", ["-", "out/a.png"], ["out/a.png"], stdin="in/a.png"),
    Run("to a pipe", ["-f", "npy", "in/a.png", "-"], []),
    Run("archives", ["-j", "2", "-o", "out/", "a.tar", "shard"], ["out/a.tar", "out/shard"]),
    Run("archives of a batch", ["-j", "2", "-N", "batch", "-o", "out/", "shard", "in/a.png"], ["out/shard", "out/a.png"]),
    Run("an archive through pipes", ["-", "-"], [], stdin="a.tar"),
    Run("a stack of an archive", ["-j", "2", "-o", "out/x.npy", "--per-file", "2", "a.tar", "in/e.png"],
        ["out/x-00000.txt", "out/x-00000.npy", "out/x-00001.txt", "out/x-00001.npy"], together=True),
]


def read(path):
    """The bytes of a file, or None."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


class Faults:
    """The tool, the injector and a folder."""

    def __init__(self, build, folder):
        self.tool = os.path.abspath(os.path.join(build, "instnorm-cli"))
        self.inject = os.path.abspath(os.path.join(build, "inject"))
        self.folder, self.serial, self.tried, self.hits, self.failed = folder, 0, 0, 0, 0
        tiny = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pictures")
        self.inputs = os.path.join(folder, "in")
        os.mkdir(self.inputs)
        for name, picture in zip(PICTURES, ("rgb8.png", "rgb8.png", "rgb8.png", "rgb8.png", "rgb8.png")):
            subprocess.run([self.tool, "-b", f"0.{4 + PICTURES.index(name)}", os.path.join(tiny, picture),
                            os.path.join(self.inputs, name)], check=True)
        with open(os.path.join(folder, "mask.pgm"), "wb") as file:
            file.write(b"P5 17 13 255\n" + bytes(range(221)))
        with open(os.path.join(folder, "list"), "w", encoding="ascii") as file:
            file.write("in/a.png\tout/x.png\nin/c.tif\tout/y.tif\n")
        for name in ARCHIVES:
            with tarfile.open(os.path.join(folder, name), "w") as archive:
                for member in "in/a.png", "list", "in/c.tif":
                    archive.add(os.path.join(folder, member), member)

    def prepare(self, run):
        """A folder with the inputs and what was there before."""
        self.serial += 1
        work = os.path.join(self.folder, f"work{self.serial}")
        os.makedirs(os.path.join(work, "out"))
        for name in ("in", "mask.pgm", "list", *ARCHIVES):
            os.symlink(os.path.join(self.folder, name), os.path.join(work, name))
        for name in run.old:
            with open(os.path.join(work, name), "wb") as file:
                file.write(run.before[name])
        return work

    def start(self, run, work, *wrapper):
        """Does the run there; its exit status, its output, what it said."""
        environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", LC_ALL="C")
        with open(os.path.join(work, run.stdin) if run.stdin else os.devnull, "rb") as stdin:
            done = subprocess.run([*wrapper, self.tool, *run.command], check=False, cwd=work, stdin=stdin, env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def clean(self, run):
        """What the run makes, and its calls."""
        for name in run.old:
            source = os.path.join(self.inputs, os.path.basename(name))
            run.before[name] = (read(source) if os.path.exists(source) else b"{}")
        work = self.prepare(run)
        code, run.printed, said = self.start(run, work, self.inject, "log", "0", "any", "0", "list")
        if code != 0:
            raise SystemExit(f"faults: {run.name}: exit status {code} without a fault: {said}")
        for name in run.outputs:
            run.new[name] = read(os.path.join(work, name))
            if not run.new[name] or run.new[name] == run.before.get(name):
                raise SystemExit(f"faults: {run.name}: {name} is not made")
        with open(os.path.join(work, "log"), encoding="utf-8", errors="replace") as file:
            calls = [(line.split(" ", 2) + [""])[:3] for line in file.read().splitlines()]
        shutil.rmtree(work)
        return [(int(process), call, path) for process, call, path in calls]

    def points(self, run):
        """Each call of each process, with each of its faults."""
        seen, begun, points = collections.Counter(), False, []
        for process, call, path in self.clean(run):
            seen[process, "any"] += 1
            seen[process, call] += 1
            begun = begun or call == FIRST
            if not begun:
                continue
            for fault in ERRORS.get(call, ()):
                n = f"{seen[process, call]}{'+' if fault.endswith('+') else ''}"
                points.append(Point(process, call, n, fault.rstrip("+"), path))
            for fault in ENDS[:1] if process else ENDS:
                points.append(Point(process, "any", str(seen[process, "any"]), fault, f"{call} {path}"))
        return points

    def states(self, run, work):
        """What became of each output, and the temporary files; None: there is something else."""
        there = {os.path.relpath(os.path.join(at, name), work) for at, _, names in os.walk(os.path.join(work, "out"))
                 for name in names}
        temporary = {name for name in there if os.path.basename(name).startswith(".instnorm-")}
        states = {}
        for name in run.outputs:
            data = read(os.path.join(work, name))
            states[name] = "new" if data == run.new[name] else "old" if data == run.before.get(name) else "wrong"
        return states, temporary, there - temporary - set(run.outputs) - set(run.old)

    def judge(self, run, point, done, work):
        """What is wrong, as texts."""
        code, printed, said = done
        log = read(os.path.join(work, "log")) or b""
        states, temporary, others = self.states(run, work)
        ends = point.fault.startswith("SIG")
        killed = point.fault == "SIGKILL"
        hit = log.startswith(b"hit")
        allowed = {0, 1, 2} if not ends or point.process else {0, 1, 128 + getattr(signal, point.fault)}
        if code < 0:
            yield "a process does not end"
        elif code not in allowed or (killed and hit and not point.process and code != 137):
            yield f"exit status {code}"
        if "wrong" in states.values() or others:
            yield f"wrong files: {states} {sorted(others)}"
        for name, state in states.items():
            if name.endswith(".npy") and state == "new" and states.get(name[:-4] + ".txt", "new") != "new":
                yield f"{name} without its list"
        if code == 0 and ("old" in states.values() or printed != run.printed):
            yield "exit status 0, but not all is new"
        if code in (1, 2) and "instnorm-cli: " not in said and point.call not in ("write", "openat"):
            yield "no message"
        if code == 1 and not run.together and any(
                state == "old" and name not in said and "in/" + os.path.basename(name) not in said and run.stdin is None
                and "instnorm-cli: " not in said for name, state in states.items()):
            yield "an output is missing and not told"
        if code == 2 and "new" in states.values():
            yield "exit status 2, and outputs"
        most = 1 if (killed and point.process == 0) or point.call in KEEPS else 0
        if len(temporary) > most:
            yield f"temporary files are left: {sorted(temporary)}"
        if temporary:
            subprocess.run([self.tool, "in/a.png", "out/next.png"], check=True, cwd=work)
            left = self.states(run, work)[1]
            if left:
                yield f"the next run leaves {sorted(left)}"

    def attempt(self, run, point):
        """Does the run with the fault: what is wrong, and whether the point was met."""
        work = self.prepare(run)
        what = f"signal={int(getattr(signal, point.fault))}" if point.fault.startswith("SIG") else \
            f"error={getattr(errno, point.fault)}"
        done = self.start(run, work, self.inject, "log", str(point.process), point.call, point.n, what)
        wrong = list(self.judge(run, point, done, work))
        hit = (read(os.path.join(work, "log")) or b"").startswith(b"hit")
        shutil.rmtree(work)
        if wrong:
            wrong.append(done[2].strip())
        return wrong, hit

    def sweep(self, run, most):
        """All points of the run, or so many of them."""
        points = self.points(run)
        total = len(points)
        if most and total > most:
            points = [points[i * total // most] for i in range(most)]
        hits = failed = 0
        with concurrent.futures.ThreadPoolExecutor(CPUS) as pool:
            for point, (wrong, hit) in zip(points, pool.map(lambda point: self.attempt(run, point), points)):
                hits += hit
                if wrong:
                    failed += 1
                    print(f"FAILED {run.name}: {point.fault} in process {point.process} at {point.call} {point.n} {point.path}")
                    print("    " + "\n    ".join(wrong))
        print(f"faults: {run.name}: {len(points)} of {total} points, {hits} met, {failed} failed", flush=True)
        self.tried += len(points)
        self.hits += hits
        self.failed += failed
        # Which worker does which job is chance: so a few points are not met.
        if hits < 0.8 * len(points):
            self.failed += 1
            print(f"FAILED {run.name}: too few points were met")


def main():
    """Runs everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_args()
    runs = [run for run in RUNS if not arguments.name or run.name in arguments.name]
    if arguments.points and not arguments.name:
        runs = runs[:3]
    with tempfile.TemporaryDirectory() as folder:
        faults = Faults(arguments.build, folder)
        for run in runs:
            if arguments.list:
                print(run.name, len(faults.points(run)), collections.Counter(p.call for p in faults.points(run)))
            else:
                faults.sweep(run, arguments.points)
        if not arguments.list:
            print(f"faults: {len(runs)} runs, {faults.tried} points, {faults.hits} met, {faults.failed} failed")
            return 0 if faults.failed == 0 and faults.tried > 0 else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
