"""What the checks count and print, and how they are run."""
import os
import subprocess
import sys
import tempfile

import numpy as np


class Report:
    """Counts, and prints what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def result(self, name, ok, details=""):
        """One check."""
        self.passed += bool(ok)
        self.failed += not ok
        if not ok:
            print(f"FAILED {name} {details}")

    def near(self, name, got, want, bound):
        """Arrays of one shape that differ by no more than the bound; NaN does."""
        if got.shape != want.shape:
            self.result(name, False, f"{got.shape}, not {want.shape}")
            return
        error = np.abs(got.astype(np.float64) - want.astype(np.float64))
        self.result(name, bool((error <= bound).all()), f"{(~(error <= bound)).sum()} samples, by up to {error.max():.6g}")

    def total(self, name):
        """Prints the totals; the exit status."""
        print(f"{name}: {self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed > 0 else 1


class Trial:
    """The tool, a folder, and the checks."""

    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        self.report = Report()
        self.rng = np.random.default_rng(14)

    def path(self, name):
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def run(self, *arguments, status=0):
        """Runs the tool; what it prints, and what it says."""
        done = subprocess.run([self.tool, "-Q", "--force", *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode != status:
            self.report.result(" ".join(map(str, arguments)), False, done.stderr)
        return done.stdout, done.stderr


def main(program, run):
    """Runs run(TOOL, CORPUS, FOLDER) with a folder that is removed afterwards; returns its exit status."""
    if len(sys.argv) != 3:
        print(f"usage: {program} TOOL CORPUS", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        return run(sys.argv[1], sys.argv[2], folder)
