#!/usr/bin/python3
"""Pictures for dataset.sh: `make FOLDER CORPUS jpg|png COUNT` cuts them, `compare A B` says how far two tensors are apart."""
import glob
import os
import random
import sys

import numpy as np
from PIL import Image

SIZE = 224
PHOTOS = "/usr/share/backgrounds/mate/nature/*.jpg"


def make(folder, corpus, extension, count):
    """Crops of 224 x 224, the same ones each time, from the Kodak photographs and mate-backgrounds in turn."""
    names = sorted(glob.glob(os.path.join(corpus, "kodak", "PhotoCD_PCD0992", "*.png"))) + sorted(glob.glob(PHOTOS))
    if not names:
        raise SystemExit("dataset: no photographs")
    os.mkdir(folder)
    pick, pictures = random.Random(224), [Image.open(name).convert("RGB") for name in names]
    for i in range(int(count)):
        picture = pictures[i % len(pictures)]
        left, top = pick.randrange(picture.width - SIZE + 1), pick.randrange(picture.height - SIZE + 1)
        crop = picture.crop((left, top, left + SIZE, top + SIZE))
        crop.save(os.path.join(folder, f"{i:05}.{extension}"), **({"quality": 90} if extension == "jpg" else {}))


def compare(first, second):
    """The largest difference."""
    a, b = np.load(first, mmap_mode="r"), np.load(second, mmap_mode="r")
    if a.shape != b.shape or a.dtype != b.dtype:
        raise SystemExit(f"dataset: {a.dtype} {a.shape}, not {b.dtype} {b.shape}")
    worst = max(float(np.abs(x - y).max()) for x, y in zip(a, b))
    names = [os.path.splitext(os.path.basename(name))[0] for name in (first, second)]
    print(f"  largest difference of {names[0]} and {names[1]}: {worst:.3g}")


if __name__ == "__main__":
    {"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
