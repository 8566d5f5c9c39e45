"""What one writes with OpenCV: read, normalize each channel to mean 0.5 and deviation 0.25 in float32, round, write.

    peer_opencv.py [--table] [--pool N] FOLDER FILE...       prints the seconds, without those of importing

JPEG is written with quality 90, PNG as OpenCV does by itself: level 1. With --pool N processes share the files. With --table the
256 values of each channel are normalized, and the picture is looked up in them: what one writes who wants it to be fast.
"""
import multiprocessing
import os
import sys
import time

import cv2
import numpy as np


def normalize(name, folder):
    x = cv2.imread(name, cv2.IMREAD_UNCHANGED)
    mean, std = cv2.meanStdDev(x)
    scale = 0.25 * 255 / np.sqrt(std.ravel() ** 2 + 1e-5 * 255**2)
    shift = 0.5 * 255 - mean.ravel() * scale
    levels = np.arange(256, dtype=np.uint8).reshape(256, 1, 1) if by_table else x
    y = np.rint(np.clip(levels.astype(np.float32) * scale.astype(np.float32) + shift.astype(np.float32), 0, 255)).astype(np.uint8)
    if by_table:
        y = cv2.LUT(x, y)
    cv2.imwrite(os.path.join(folder, os.path.basename(name)), y, [cv2.IMWRITE_JPEG_QUALITY, 90])


cv2.setNumThreads(1)
arguments = sys.argv[1:]
processes = 0
by_table = arguments[0] == "--table"
if by_table:
    del arguments[0]
if arguments[0] == "--pool":
    processes = int(arguments[1])
    del arguments[:2]
work = [(name, arguments[0]) for name in arguments[1:]]
start = time.perf_counter()
if processes > 0:
    with multiprocessing.Pool(processes) as pool:
        pool.starmap(normalize, work, chunksize=1)
else:
    for one in work:
        normalize(*one)
print(f"{time.perf_counter() - start:.6f}")
