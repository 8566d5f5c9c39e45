#!/usr/bin/python3
"""Archives that are cut, damaged, or made to harm: broken_archives.py TOOL

Whatever an archive is, the tool neither crashes nor hangs, writes only its outputs, and leaves nothing behind. Either
it says why it fails, without an output; or Python's tarfile reads the same members from input and output. What differs
is printed, then the totals. SANITIZED=1 takes fewer archives, and does not measure time and memory.
"""
import errno
import itertools
import os
import re
import resource
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "oracle"))
import archives as ar  # pylint: disable=wrong-import-position
import broken_archive_cases as cases  # pylint: disable=wrong-import-position

SECONDS, BYTES = 5, 96 << 20
# No output may be larger: every input is small, and holes are written as holes.
WRITTEN = 128 << 20
SANITIZED = bool(os.environ.get("SANITIZED"))
REPORTS = re.compile(rb"AddressSanitizer|LeakSanitizer|runtime error:|Sanitizer")
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")


class Hostile:
    """The tool, a folder in a folder, the counts."""

    def __init__(self, tool, folder):
        self.tool, self.root = os.path.abspath(tool), folder
        self.folder = os.path.join(folder, "a", "b", "c")
        os.makedirs(self.folder)
        self.passed = self.failed = 0
        self.slowest, self.largest, self.taken, self.refused = 0.0, 0, 0, 0
        self.normalized = {}

    # ---- counting ---------------------------------------------------------------------------------------------------

    def result(self, name, holds, details=""):
        """One check."""
        self.passed += bool(holds)
        self.failed += not holds
        if not holds:
            print(f"FAILED {name} {str(details)[:600]}")

    def run(self, *arguments, stdin=None):
        """Exit status, what is printed and said, what the tool held at most. It must end by itself, soon."""
        begun = time.monotonic()
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
            given.writelines([stdin] if isinstance(stdin, bytes) else stdin or [])
            given.seek(0)
            process = subprocess.Popen([self.tool, "-Q", *arguments], stdin=given, stdout=printed, stderr=said,
                                       cwd=self.folder,
                                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN)))
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds, held = time.monotonic() - begun, used.ru_maxrss << 10
            printed.seek(0)
            said.seek(0)
            out, text = printed.read(), said.read()
        self.slowest, self.largest = max(self.slowest, seconds), max(self.largest, held)
        return process.returncode, out, text, (seconds, held)

    def well_said(self, name, status, text, statuses=(0, 1)):
        """What holds of every run: it ended by itself, and its messages are lines without control characters."""
        lines = text.splitlines()
        self.result(f"{name}: ends by itself", status in statuses and not REPORTS.search(text),
                    f"exit status {status}: {text}")
        self.result(f"{name}: messages are lines of the tool",
                    all(line.startswith(b"instnorm-cli: ") for line in lines) and
                    not CONTROL.search(text), text)
        self.result(f"{name}: a failure says why", status == 0 or lines, status)
        self.result(f"{name}: does not write without end", os.strerror(errno.EFBIG).encode() not in text, text)

    def files(self):
        """All files below the root."""
        return sorted(os.path.relpath(os.path.join(at, name), self.root) for at, _, names in os.walk(self.root)
                      for name in names)

    def write(self, name, data):
        """A file of the folder."""
        with open(os.path.join(self.folder, name), "wb") as f:
            f.write(data)

    def read(self, name):
        """Its bytes; None: there is none."""
        try:
            with open(os.path.join(self.folder, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def clear(self):
        """Removes all files of the folder."""
        for at, _, names in os.walk(self.folder):
            for name in names:
                os.remove(os.path.join(at, name))

    # ---- what a success must be -------------------------------------------------------------------------------------

    def learn(self):
        """What becomes of the pictures in the archives, as files."""
        for i, data in enumerate(cases.PICTURES):
            self.write(f"{i}.pgm", data)
            status, _, text, _ = self.run("--in-place", f"{i}.pgm")
            self.result("a good picture", status == 0 and not text, text)
            self.normalized[data] = self.read(f"{i}.pgm")
            self.result("a picture changes", self.normalized[data] != data)
        self.clear()

    def agrees(self, given, got):
        """Empty if the output has the members of the input; else what differs."""
        try:
            before, after = ar.read(given), ar.read(got)
        except (tarfile.TarError, ValueError, OverflowError, MemoryError) as error:
            return f"tarfile: {error!r}"
        if not ar.walk(got)[1]:
            return "no end"
        if len(before) != len(after):
            return f"{len(before)} members became {len(after)}"
        for one, other in zip(before, after):
            if one.name != other.name or one.link != other.link:
                return f"{one.name} became {other.name}, {one.link} {other.link}"
            if one.kind != other.kind and one.kind in (b"0", b"1", b"2", b"3", b"4", b"5", b"6"):
                return f"{one.name}: type {one.kind} became {other.kind}"
            if one.kind == ar.FILE and other.data not in (one.data, self.normalized.get(one.data)):
                return f"{one.name}: {len(one.data)} bytes became {len(other.data)}"
        return ""

    def judge(self, case, status, got, text):
        """One archive with its output, None if there is none."""
        self.taken += status == 0
        self.refused += status != 0
        if case.refused is not None:
            self.result(f"{case.name}: is {'refused' if case.refused else 'taken'}", (status != 0) == case.refused,
                        f"{status} {text}")
        if status != 0:
            self.result(f"{case.name}: no output", got is None, len(got or b""))
            self.result(f"{case.name}: the message names it", case.says in text.decode(errors="replace"),
                        f"{text}, expected {case.says}")
        else:
            differs = "no output" if got is None else "" if case.alone else self.agrees(case.data, got)
            self.result(f"{case.name}: a right output", not differs, differs)

    # ---- runs -------------------------------------------------------------------------------------------------------

    def each(self, some):
        """One run for each archive, to a file, by pipes, in place, and for statistics."""
        for case in some:
            before = self.files()
            self.write("in.tar", case.data)
            status, printed, text, (seconds, held) = self.run("in.tar", "out.tar")
            self.well_said(case.name, status, text)
            self.result(f"{case.name}: nothing is printed", not printed)
            self.judge(case, status, self.read("out.tar"), text)
            if not SANITIZED:
                self.result(f"{case.name}: soon, and within {BYTES >> 20} MiB", seconds < SECONDS and held < BYTES,
                            f"{seconds:.1f} s, {held >> 20} MiB")
            want = self.read("out.tar")
            here = {"out.tar"} if status == 0 else set()
            self.result(f"{case.name}: leaves nothing else", {os.path.basename(n)
                                                              for n in set(self.files()) - set(before)} == here |
                        {"in.tar"},
                        set(self.files()) - set(before))
            self.streams(case, status, want)
            self.clear()

    def streams(self, case, status, want):
        """Through pipes, in place, and measured: the same end."""
        piped, printed, text, _ = self.run("-", "-o", "-", stdin=case.data)
        self.well_said(f"{case.name} by pipes", piped, text)
        self.result(f"{case.name} by pipes: the same end", piped == status and (status != 0 or printed == want),
                    f"{piped}, not {status}")
        if piped != 0:
            self.result(f"{case.name} by pipes: no end of an archive", not ended(printed), f"{len(printed)} bytes")
        placed, _, text, _ = self.run("--in-place", "in.tar")
        self.well_said(f"{case.name} in place", placed, text)
        self.result(f"{case.name} in place: the same end", placed == status and
                    self.read("in.tar") == (want if status == 0 else case.data), f"{placed}, not {status}")
        measured, _, text, _ = self.run("--stats", "-" if case.alone else "in.tar", stdin=case.data)
        self.well_said(f"{case.name} measured", measured, text)
        kept, printed, text, _ = self.run("--skip-failed", "-", "-o", "-", stdin=case.data)
        self.well_said(f"{case.name} with --skip-failed", kept, text)
        self.result(f"{case.name} with --skip-failed: fails alike, or ends", kept == 0 if status == 0 else kept == 1,
                    kept)

    def together(self, name, some):
        """Many archives in one run."""
        some = list(some)
        names = [f"{i:05}.tar" for i in range(len(some))]
        for file, case in zip(names, some):
            self.write(file, case.data)
        os.mkdir(os.path.join(self.folder, "out"))
        status, printed, text, _ = self.run("-j", "2", "-o", "out/", *names)
        self.well_said(name, status, text)
        self.result(f"{name}: nothing is printed", not printed)
        by_name = {}
        for line in text.splitlines():
            match = re.match(rb"instnorm-cli: '(\d{5}\.tar)", line)
            self.result(f"{name}: a message names a file", match, line)
            if match:
                by_name.setdefault(match[1].decode(), []).append(line)
        for file, case in zip(names, some):
            self.result(f"{name}, {case.name}: one message at most", len(by_name.get(file, [])) <= 1, by_name.get(file))
            self.judge(case, int(file in by_name), self.read("out/" + file), b"\n".join(by_name.get(file, [])))
        left = set(os.listdir(os.path.join(self.folder, "out"))) - set(names)
        self.result(f"{name}: leaves nothing else", not left, left)
        self.clear()
        os.rmdir(os.path.join(self.folder, "out"))

    def empty_members(self):
        """A hundred thousand of them."""
        members = 100000 // (10 if SANITIZED else 1)
        data = itertools.chain((ar.as_ustar(ar.Member(b"%06d.txt" % i)) for i in range(members)), [ar.END])
        status, printed, text, (seconds, held) = self.run("-", "-o", "-", stdin=data)
        self.result(f"{members} empty members", status == 0 and not text and ar.walk(printed)[:2] == (members, True),
                    f"{status}, {text}, {ar.walk(printed)}")
        self.result(f"{members} empty members: soon", SANITIZED or (seconds < 20 and held < BYTES),
                    f"{seconds:.1f} s, {held >> 20} MiB")
        print(f"  {members} empty members: {seconds:.2f} s, {held >> 20} MiB")

    # ---- pipes and signals ------------------------------------------------------------------------------------------

    def large(self):
        """A member that does not fit in memory: twice, in an archive and as a file of its own."""
        head = b"P5 4096 %d 255\n" % (4096 if SANITIZED else 10240)
        picture = head + bytes(range(256)) * ((4096 if SANITIZED else 10240) * 16)
        self.write("in.pgm", picture)
        self.run("in.pgm", "out.pgm")
        self.normalized[picture] = self.read("out.pgm")
        self.result("a large picture: alone", len(self.normalized[picture] or b"") > len(picture) - 20)
        data = ar.archive([ar.Member(b"a.pgm", picture)] + cases.base() + [ar.Member(b"b.pgm", picture)])
        self.clear()
        self.write("in.tar", data)
        return data

    def pipes(self):
        """Input that trickles, output that nobody reads, a place for temporary files that is none, and signals."""
        data = self.large()
        status, _, text, _ = self.run("in.tar", "out.tar")
        want = self.read("out.tar")
        self.result("large members", status == 0 and not text and not self.agrees(data, want), self.agrees(data, want))
        self.trickle(data[:3000], data[3000:], want)
        for name in "in.tar", "-":
            with subprocess.Popen([self.tool, "-Q", name, "-o", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, cwd=self.folder) as process:
                process.stdout.close()
                try:
                    process.stdin.write(data)
                    process.stdin.close()
                except BrokenPipeError:
                    pass
                process.stdin = None
                text = process.stderr.read()
            self.result(f"nobody reads, {name}", process.returncode in (1, -signal.SIGPIPE),
                        f"{process.returncode} {text}")
        before = self.files()
        os.environ["TMPDIR"] = os.path.join(self.folder, "none")
        status, printed, text, _ = self.run("in.tar", "new.tar")
        del os.environ["TMPDIR"]
        self.well_said("no folder for temporary files", status, text)
        self.result("no folder for temporary files: it is named", status == 0 or b"TMPDIR" in text, text)
        self.result("no folder for temporary files: no output", status == 0 or self.files() == before, self.files())
        self.signals(data)
        self.clear()

    def trickle(self, first, rest, want):
        """The first bytes one by one."""
        with subprocess.Popen([self.tool, "-Q", "-", "-o", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              cwd=self.folder) as process:
            reader = threading.Thread(target=lambda: got.append(process.stdout.read()))
            got = []
            reader.start()
            for byte in first:
                os.write(process.stdin.fileno(), bytes([byte]))
            process.stdin.write(rest)
            process.stdin.close()
            reader.join()
        self.result("input that trickles: the same", process.returncode == 0 and got == [want], process.returncode)

    def signals(self, data):
        """At any time: files are as they were, or complete."""
        ends = set()
        for number, delays in ((signal.SIGTERM, (0, 0.01, 0.04, 0.1, 0.2)), (signal.SIGINT, (0.02,)),
                               (signal.SIGHUP, (0.03,))):
            for delay in delays:
                self.clear()
                self.write("in.tar", data)
                with subprocess.Popen([self.tool, "-Q", "--in-place", "in.tar"], stderr=subprocess.PIPE,
                                      cwd=self.folder) as process:
                    time.sleep(delay)
                    process.send_signal(number)
                    text = process.stderr.read()
                ends.add(process.returncode)
                name = f"{number.name} after {delay} s"
                self.result(f"{name}: ends by it, or is done", process.returncode in (0, -number), process.returncode)
                self.result(f"{name}: nothing else is there", os.listdir(self.folder) == ["in.tar"],
                            os.listdir(self.folder))
                left = self.read("in.tar")
                self.result(f"{name}: whole, or as it was", left == data or process.returncode == 0 or
                            not self.agrees(data, left), text)
        self.result("signals came in time", ends & {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}, ends)


def ended(printed):
    """Whether what was printed looks like a whole archive."""
    try:
        return ar.walk(printed)[1]
    except ValueError:
        return False


def main():
    """Runs everything."""
    if len(sys.argv) != 2:
        print("usage: broken_archives.py TOOL", file=sys.stderr)
        return 2
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        hostile = Hostile(sys.argv[1], folder)
        hostile.learn()
        hostile.each(cases.good())
        hostile.each(itertools.islice(cases.made(), 0, None, 7 if SANITIZED else 1))
        hostile.together("cut", cases.cut())
        hostile.together("damaged", cases.damaged(11 if SANITIZED else 1))
        hostile.together("random", cases.mutated(300 if SANITIZED else 2000))
        hostile.empty_members()
        hostile.pipes()
        hostile.result("some are taken and some refused", hostile.taken > 20 and
                       hostile.refused > 1000 // (11 if SANITIZED else 1))
    print(f"archives: {hostile.passed} passed, {hostile.failed} failed; {hostile.taken} taken, {hostile.refused} refused;"
          f" {hostile.slowest:.1f} s and {hostile.largest >> 20} MiB at most ({time.monotonic() - begun:.0f} s)")
    return 0 if hostile.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
