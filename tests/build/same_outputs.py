#!/usr/bin/env python3
"""same_outputs.py OLD NEW [--corpus DIR] [--only PATTERN] [--threads N] [--keep DIR] [--list]

Runs every job with two builds of instnorm-cli and compares all output files, standard output, standard error and the
exit status byte by byte. Prints each job that differs, and at the end "N jobs, D differ". The exit status is 1 if a job
differs or did not end in time.

OLD and NEW are paths of the two programs. OLD also makes some of the inputs, such as JPEG and WebP files.
--corpus   adds jobs on the real and the broken pictures there
--only     runs only the jobs whose line matches this regular expression
--keep     leaves the inputs and, of each job that differs, the folders of both runs in DIR, which must not exist
--list     prints each job with its exit status

What was changed on purpose stands in same_outputs_expected.py.
"""
import argparse
import collections
import concurrent.futures
import difflib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
import same_outputs_broken
import same_outputs_expected
import same_outputs_inputs
import same_outputs_jobs
import same_outputs_options

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIMEOUT = 30
STREAMS = ("exit status", "stdout", "stderr")


class Runner:
    """Runs jobs in folders of its own below `work`, one for each thread, so that both programs see the same paths."""

    def __init__(self, work, programs):
        self.work = work
        self.inputs = os.path.join(work, "inputs")
        self.local = threading.local()
        self.folders = iter(range(1000))
        self.lock = threading.Lock()
        for name, program in programs.items():
            os.makedirs(os.path.join(work, name))
            os.symlink(os.path.abspath(program), os.path.join(work, name, "instnorm-cli"))

    def folder(self):
        if not hasattr(self.local, "folder"):
            with self.lock:
                self.local.folder = os.path.join(self.work, "job%d" % next(self.folders))
        return self.local.folder

    def shell(self, program, command, here, temporary):
        """The exit status, standard output and standard error of a shell command."""
        environment = {"PATH": os.path.join(self.work, program) + ":/usr/bin:/bin", "LC_ALL": "C", "TMPDIR": temporary,
                       "HOME": temporary}
        process = subprocess.Popen(["sh", "-c", command], cwd=here, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            output, errors = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None, b"", b""
        return process.returncode, output, errors

    def copy_inputs(self, command, here):
        """Copies the inputs whose names are words of the command."""
        for word in set(re.findall(r"[\w.+/-]+", command)):
            source = os.path.join(self.inputs, word)
            target = os.path.join(here, word)
            if word[0] in "./-" or ".." in word or not os.path.exists(source) or os.path.exists(target):
                continue
            os.makedirs(os.path.dirname(target.rstrip("/")), exist_ok=True)
            if os.path.isdir(source):
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copyfile(source, target)

    def run(self, program, command):
        """What a job leaves behind: a dictionary of the streams and of its files."""
        folder = self.folder()
        here, temporary = os.path.join(folder, "here"), os.path.join(folder, "tmp")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(here)
        os.makedirs(temporary)
        self.copy_inputs(command, here)
        result = dict(zip(STREAMS, self.shell(program, command, here, temporary)))
        result.update(snapshot(folder))
        return result


def snapshot(folder):
    """Each file, folder and link below `folder`: its mode and content."""
    found = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            whole = os.path.join(path, name)
            mode = os.lstat(whole).st_mode
            content = b""
            if stat.S_ISLNK(mode):
                content = os.fsencode(os.readlink(whole))
            elif stat.S_ISREG(mode):
                with open(whole, "rb") as file:
                    content = file.read()
            found[os.path.relpath(whole, folder)] = (oct(mode), content)
    return found


def describe(old, new, limit=10):
    """The difference of two contents in a few lines."""
    if b"\0" not in old + new and len(old + new) < 200000:
        lines = list(difflib.unified_diff(*([line.decode("utf-8", "backslashreplace") for line in text.splitlines()]
                                            for text in (old, new)), "OLD", "NEW", lineterm="", n=0))[2:]
        more = ["... %d more lines" % (len(lines) - limit)] if len(lines) > limit else []
        return lines[:limit] + more or ["line ends differ"]
    first = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    count = sum(a != b for a, b in zip(old, new))
    return ["%d and %d bytes, the first that differs is %d: %s and %s; %d differ" % (
        len(old), len(new), first, old[first:first + 8].hex() or "none", new[first:first + 8].hex() or "none", count)]


def compare(command, old, new, counts):
    """The lines that tell how two results differ; none if they do not, but for what was changed on purpose."""
    lines = []
    if same_outputs_expected.apart(old["stderr"], new["stderr"], counts):
        return []
    for name in STREAMS[1:]:
        if same_outputs_expected.same_text(command, name, old[name], new[name], counts):
            continue
        lines += ["%s:" % name] + ["  " + line for line in describe(old[name], new[name])]
    if None in (old["exit status"], new["exit status"]):
        lines.append("not done in %d s: %s" % (TIMEOUT, " and ".join(
            name for name, result in (("OLD", old), ("NEW", new)) if result["exit status"] is None)))
    elif old["exit status"] != new["exit status"]:
        lines.append("exit status: %d and %d" % (old["exit status"], new["exit status"]))
    for name in sorted(set(old) | set(new) - set(STREAMS)):
        if name in STREAMS or old.get(name) == new.get(name):
            continue
        if name not in old or name not in new:
            lines.append("%s: only in %s" % (name, "NEW" if name in new else "OLD"))
            continue
        if old[name][0] != new[name][0]:
            lines.append("%s: mode %s and %s" % (name, old[name][0], new[name][0]))
        if old[name][1] != new[name][1]:
            lines += ["%s:" % name] + ["  " + line for line in describe(old[name][1], new[name][1])]
    return lines


def find_jobs(inputs, corpus):
    """All jobs by name, "group: command"."""
    groups = {}
    for module in (same_outputs_jobs, same_outputs_options, same_outputs_broken):
        groups.update(module.groups(inputs))
    if corpus:
        groups["corpus"] = same_outputs_broken.corpus_jobs(inputs)
    jobs = {"%s: %s" % (group, command): command for group, commands in groups.items() for command in commands}
    for name, command in jobs.items():
        for word in re.findall(r"\b(?:broken|corpus|made|samples|tiny)/[\w.+-]+", command):
            assert os.path.exists(os.path.join(inputs, word)), "no input %s: %s" % (word, name)
    return jobs


def run_jobs(runner, jobs, options):
    """Runs and compares all jobs. Gives how many differ, and how many had each exit status."""
    expected, statuses = collections.Counter(), collections.Counter()

    def run_one(job):
        name, command = job
        results = []
        for program in ("old", "new"):
            results.append(runner.run(program, command))
            if options.keep:
                shutil.rmtree(runner.folder() + program, ignore_errors=True)
                os.rename(runner.folder(), runner.folder() + program)
        with runner.lock:
            lines = compare(command, *results, expected)
        if lines and options.keep:
            for program in ("old", "new"):
                kept = os.path.join(runner.work, "differ", re.sub(r"\W+", "-", name)[:150], program)
                shutil.copytree(runner.folder() + program, kept, symlinks=True)
        return name, lines, results[0]["exit status"]

    differ = 0
    with concurrent.futures.ThreadPoolExecutor(options.threads) as pool:
        for name, lines, status in pool.map(run_one, jobs.items()):
            statuses[status] += 1
            differ += bool(lines)
            if options.list:
                print("%s  %s" % (status, name))
            if lines:
                print("DIFFERS %s" % name, *("    " + line for line in lines), sep="\n", flush=True)
    return differ, statuses, expected


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--corpus")
    parser.add_argument("--only", default="", type=re.compile)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    for program in (options.old, options.new):
        if not os.access(program, os.X_OK) or os.path.isdir(program):
            parser.error("%s is no program" % program)
    if options.corpus and not os.path.isdir(options.corpus):
        parser.error("%s is no folder" % options.corpus)
    return options


def main():
    options = parse_arguments()
    memory = "/dev/shm" if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK) else None
    if options.keep:
        os.makedirs(options.keep)
    work = os.path.abspath(options.keep) if options.keep else tempfile.mkdtemp(prefix="same-outputs-", dir=memory)
    os.umask(0o022)
    try:
        runner = Runner(work, {"old": options.old, "new": options.new})
        same_outputs_inputs.make(runner, ROOT, options.corpus)
        jobs = find_jobs(runner.inputs, options.corpus)
        jobs = {name: command for name, command in jobs.items() if re.search(options.only, name)}
        differ, statuses, expected = run_jobs(runner, jobs, options)
    finally:
        if not options.keep:
            shutil.rmtree(work)
    same_outputs_expected.report(expected)
    print("exit status of OLD: " + ", ".join("%s in %d" % (status, n) for status, n in statuses.most_common()))
    print("%d jobs, %d differ" % (len(jobs), differ))
    return 1 if differ or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
