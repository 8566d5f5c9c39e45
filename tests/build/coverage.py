#!/usr/bin/python3
"""Lines of src that the unit suites run: coverage.py BUILD PERCENT FOLDER...

BUILD/unit was compiled with --coverage. Prints each file, the total of each folder, and that of all FOLDERs together; exit
status 1 if a test fails, or if the FOLDERs together are below PERCENT. Needs gcov, which comes with gcc.
"""
import collections
import glob
import json
import os
import subprocess
import sys


def lines_of(build):
    """File -> line -> how often it ran. An object that ran nowhere has a .gcno only, and counts; one of a file that is gone not."""
    counts = collections.defaultdict(collections.Counter)
    notes = sorted(glob.glob(os.path.join(build, "src", "**", "*.gcno"), recursive=True))
    found = subprocess.run(["gcov", "-j", "-t", *notes], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for report in found.splitlines():
        for file in json.loads(report)["files"]:
            if file["file"].startswith("src/") and os.path.exists(file["file"]):
                for line in file["lines"]:
                    counts[file["file"]][line["line_number"]] += line["count"]
    return counts


def show(name, counts):
    """Prints a row of the table; returns the percentage."""
    ran, lines = sum(count > 0 for count in counts), len(counts)
    percent = 100 * ran / lines if lines else 0
    print(f"{name:<40} {lines:6} {percent:6.1f} %")
    return percent


def main():
    """Runs the suites, prints the table."""
    if len(sys.argv) < 4:
        print("usage: coverage.py BUILD PERCENT FOLDER...", file=sys.stderr)
        return 2
    build, least, folders = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    for old in glob.glob(os.path.join(build, "**", "*.gcda"), recursive=True):
        os.remove(old)
    passed = subprocess.run([os.path.join(build, "unit")], check=False, stdout=subprocess.DEVNULL,
                            env=os.environ | {"CK_FORK": "no"}).returncode == 0
    counts = lines_of(build)
    for folder in sorted({os.path.dirname(name) for name in counts}):
        files = {name: list(ran.values()) for name, ran in counts.items() if os.path.dirname(name) == folder}
        for name in sorted(files):
            show(name, files[name])
        show(folder + "/", sum(files.values(), []))
        print()
    together = [count for name, ran in counts.items() if os.path.dirname(name) in folders for count in ran.values()]
    percent = show(" + ".join(folders), together)
    if not passed:
        print("a unit test failed", file=sys.stderr)
    if percent < least:
        print(f"expected at least {least:g} %", file=sys.stderr)
    return 0 if passed and percent >= least else 1


if __name__ == "__main__":
    sys.exit(main())
