#!/usr/bin/python3
"""What torchvision's ToTensor and Normalize do, and PyTorch's instance_norm: dataset_torch.py imagenet|instance FOLDER OUT.

Prints its seconds without imports.
"""
import os
import sys
import time

import numpy as np
import torch
from PIL import Image

MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def to_tensor(path):
    """torchvision.transforms.ToTensor of the RGB picture."""
    with Image.open(path) as picture:
        pixels = torch.from_numpy(np.array(picture.convert("RGB"), copy=True))
    return pixels.permute((2, 0, 1)).contiguous().to(torch.float32).div(255)


def imagenet(x):
    """torchvision.transforms.Normalize."""
    return x.sub_(MEAN).div_(STD)


def instance(x):
    """The layer."""
    return torch.nn.functional.instance_norm(x[None], eps=1e-5)[0]


def main():
    """Picture by picture into one tensor, saved at the end."""
    start = time.perf_counter()
    normalize = {"imagenet": imagenet, "instance": instance}[sys.argv[1]]
    names = sorted(os.listdir(sys.argv[2]))
    out = None
    with torch.no_grad():
        for i, name in enumerate(names):
            x = normalize(to_tensor(os.path.join(sys.argv[2], name)))
            if out is None:
                out = torch.empty((len(names), *x.shape))
            out[i] = x
    np.save(sys.argv[3], out.numpy())
    print(f"{time.perf_counter() - start:.2f}")


if __name__ == "__main__":
    main()
