"""Seconds of torch.nn.functional.instance_norm on the shapes of the arguments: median and minimum of several calls each.

    peer_torch.py THREADS CALLS N,C,H,W...
"""
import sys
import time

import torch

threads, calls = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
for text in sys.argv[3:]:
    shape = [int(n) for n in text.split(",")]
    x = torch.rand(shape)
    gamma, beta = torch.rand(shape[1]), torch.rand(shape[1])
    times = []
    with torch.no_grad():
        for _ in range(calls + 1):
            start = time.perf_counter()
            torch.nn.functional.instance_norm(x, weight=gamma, bias=beta, eps=1e-5)
            times.append(time.perf_counter() - start)
    times = sorted(times[1:])
    print(text, f"{times[len(times) // 2]:.9f} {times[0]:.9f}")
