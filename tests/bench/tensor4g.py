#!/usr/bin/python3
"""The tensor of tensor4g.sh: `make FILE` writes it, `check IN OUT` compares some planes with double precision."""
import sys

import numpy as np

SHAPE = (16, 64, 1024, 1024)


def make(path):
    """Samples of the n-th picture have a mean of n and a deviation of 1 + n / 10; no two channels are the same."""
    rng = np.random.default_rng(4)
    noise = rng.standard_normal(SHAPE[1:], np.float32)
    noise *= np.linspace(0.5, 2, SHAPE[1], dtype=np.float32)[:, None, None]
    header = np.lib.format.header_data_from_array_1_0(np.empty((1, 1, 1, 1), np.float32))
    header["shape"] = SHAPE
    with open(path, "wb") as f:
        np.lib.format.write_array_header_1_0(f, header)
        for n in range(SHAPE[0]):
            (noise * np.float32(1 + n / 10) + np.float32(n)).tofile(f)


def check(source, result):
    """The first plane, the last, and some between; exit status 1 if one is wrong."""
    x, y = np.load(source, mmap_mode="r"), np.load(result, mmap_mode="r")
    if y.shape != SHAPE or y.dtype != np.float32:
        raise SystemExit(f"tensor4g: the result is {y.dtype} {y.shape}")
    worst = 0.0
    for n, c in (0, 0), (0, 63), (3, 17), (7, 1), (8, 40), (15, 0), (15, 63):
        plane = x[n, c].astype(np.float64)
        want = (plane - plane.mean()) / np.sqrt(plane.var() + 1e-5)
        error = np.abs(y[n, c].astype(np.float64) - want)
        worst = max(worst, float((error / (2.0**-24 * np.abs(want) + 2.0**-40)).max()))
    print(f"7 planes: the largest error is {worst:.3g} of one rounding to float32")
    if not worst <= 1:
        raise SystemExit("tensor4g: the planes are wrong")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
