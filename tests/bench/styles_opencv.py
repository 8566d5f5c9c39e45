"""Colour transfer as one finds it on the net for OpenCV: mean and deviation in 8-bit L*a*b*, clipped and truncated.

    styles_opencv.py FOLDER FILE...       each file in the style of the next; prints the seconds, without those of importing
"""
import os
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)
folder, files = sys.argv[1], sys.argv[2:]
os.makedirs(folder, exist_ok=True)
start = time.perf_counter()
for name, style in zip(files, files[1:] + files[:1]):
    x = cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2LAB).astype("float32")
    s = cv2.cvtColor(cv2.imread(style), cv2.COLOR_BGR2LAB).astype("float32")
    y = np.empty_like(x)
    for c in range(3):
        y[..., c] = (x[..., c] - x[..., c].mean()) * (s[..., c].std() / x[..., c].std()) + s[..., c].mean()
    y = np.clip(y, 0, 255).astype("uint8")
    cv2.imwrite(os.path.join(folder, os.path.basename(name)), cv2.cvtColor(y, cv2.COLOR_LAB2BGR))
print(f"{time.perf_counter() - start:.6f}")
