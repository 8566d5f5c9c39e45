"""What the checks count and print, and how they are run."""
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


def main(program, run):
    """Runs run(TOOL, CORPUS, FOLDER) with a folder that is removed afterwards; returns its exit status."""
    if len(sys.argv) != 3:
        print(f"usage: {program} TOOL CORPUS", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        return run(sys.argv[1], sys.argv[2], folder)
