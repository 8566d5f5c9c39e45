#!/usr/bin/python3
"""What the threads on torchvision's Normalize answer to "how do I get mean and std of my data": stats_torch.py pictures|tensors LIST

ToTensor, and sums of x and x^2 over each picture, on one thread. Prints mean and deviation of the channels, then the seconds of
processor time without imports.
"""
import sys
import time

import numpy as np
import torch
from PIL import Image


def load(kind, name):
    """torchvision.transforms.ToTensor of the RGB picture, [1,C,H,W]; or a tensor [N,C,H,W] as float32."""
    if kind == "tensors":
        return torch.from_numpy(np.load(name)).to(torch.float32)
    with Image.open(name) as picture:
        pixels = torch.from_numpy(np.array(picture.convert("RGB"), copy=True))
    return pixels.permute((2, 0, 1)).contiguous().to(torch.float32).div(255)[None]


def main():
    """Sums of float32 over a picture, of double over all."""
    torch.set_num_threads(1)
    start = time.process_time()
    n, total, squares = 0, torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    with open(sys.argv[2], encoding="utf-8") as names:
        for name in names.read().splitlines():
            x = load(sys.argv[1], name)
            n += x.numel() // 3
            total += x.sum((0, 2, 3))
            squares += (x**2).sum((0, 2, 3))
    mean = total / n
    print(*mean.tolist(), *(squares / n - mean**2).sqrt().tolist())
    print(time.process_time() - start)


if __name__ == "__main__":
    main()
