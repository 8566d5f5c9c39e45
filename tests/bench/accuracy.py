"""What torch.nn.functional.instance_norm makes of the cases that accuracy.c wrote: FOLDER/K.x -> FOLDER/K.torch.

    accuracy.py FOLDER N,C,H,W
"""
import pathlib
import sys

import numpy
import torch

folder, shape = pathlib.Path(sys.argv[1]), [int(n) for n in sys.argv[2].split(",")]


def read(path):
    return torch.from_numpy(numpy.fromfile(path, dtype=numpy.float32))


with torch.no_grad():
    for path in sorted(folder.glob("*.x")):
        gamma, beta = read(path.with_suffix(".gamma")), read(path.with_suffix(".beta"))
        y = torch.nn.functional.instance_norm(read(path).reshape(shape), weight=gamma, bias=beta, eps=1e-5)
        y.numpy().tofile(path.with_suffix(".torch"))
print(f"PyTorch {torch.__version__}")
