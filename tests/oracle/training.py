#!/usr/bin/python3
"""The nets of samples/training.c against PyTorch: training.py BUILD

BUILD/training writes its first weights, its samples and the losses of its first steps. Here PyTorch trains the same nets
with layers of its own, by its own gradients and its own optimizer, in double precision: the losses may differ by 1e-4 at
most. Needs python3-numpy and python3-torch.
"""
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from report import Report

sys.dont_write_bytecode = True
STEP_SAMPLES, SIDE, CLASSES, LIMIT = 32, 16, 6, 1e-4
STAGES = (1, 8), (8, 16), (16, 16)


class Affine(nn.Module):
    """y = x * weight + bias for each channel: a normalization without statistics."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return x * self.weight[:, None, None] + self.bias[:, None, None]


class Squareplus(nn.Module):
    """A ReLU with a round corner."""

    def forward(self, x):
        return (x + torch.sqrt(x * x + 0.1)) / 2


def layer(norm, channels):
    """What PyTorch calls the normalization; that of a sample is a group normalization of one group."""
    if norm == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "layer":
        return nn.GroupNorm(1, channels)
    if norm.startswith("group:"):
        return nn.GroupNorm(int(norm.partition(":")[2]), channels)
    return Affine(channels)


def net_of(norm, weights):
    """The net with these first weights, which are taken in their order."""
    stages = []
    for i, (inputs, outputs) in enumerate(STAGES):
        stages += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), layer(norm if i < 2 else "none", outputs), Squareplus()]
        stages.append(nn.AvgPool2d(2) if i < 2 else nn.AdaptiveAvgPool2d(1))
    net = nn.Sequential(*stages, nn.Flatten(), nn.Linear(STAGES[-1][1], CLASSES)).double()
    at = 0

    def take(parameter, *shape):
        nonlocal at
        size = int(np.prod(shape))
        parameter.data = torch.from_numpy(weights[at:at + size].astype(np.float64).reshape(shape))
        at += size

    for i, (inputs, outputs) in enumerate(STAGES):
        take(net[4 * i].weight, outputs, inputs, 3, 3)
        take(net[4 * i + 1].weight, outputs)
        take(net[4 * i + 1].bias, outputs)
    linear = net[-1]
    take(linear.weight, STAGES[-1][1], CLASSES)
    linear.weight.data = linear.weight.data.T.contiguous()
    take(linear.bias, CLASSES)
    if at != weights.size:
        raise SystemExit(f"training.py: {weights.size} weights, the net has {at}")
    return net.train()


def losses_of(net, samples, labels, batch, rate, momentum):
    """The loss of each step before it is learned from; batches of a step add their gradients up."""
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=momentum)
    losses = []
    for start in range(0, len(samples), STEP_SAMPLES):
        optimizer.zero_grad()
        total = 0
        for at in range(start, start + STEP_SAMPLES, batch):
            loss = functional.cross_entropy(net(samples[at:at + batch]), labels[at:at + batch], reduction="sum") / STEP_SAMPLES
            loss.backward()
            total += loss.item()
        losses.append(total)
        optimizer.step()
    return np.array(losses)


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: training.py BUILD")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(sys.argv[1], "training"), "--trace", folder], check=True)
        read = lambda name, kind: np.fromfile(os.path.join(folder, name), kind)
        rows = lambda name: list(csv.DictReader(open(os.path.join(folder, name), encoding="ascii")))
        weights = read("weights.f32", np.float32)
        samples = torch.from_numpy(read("samples.f32", np.float32).reshape(-1, 1, SIDE, SIDE)).double()
        labels = torch.from_numpy(read("labels.u8", np.uint8)).long()
        settings, traced = rows("settings.csv")[0], rows("trace.csv")
    runs = {}
    for row in traced:
        runs.setdefault((row["norm"], int(row["batch"])), []).append(float(row["loss"]))
    report = Report()
    for (norm, batch), ours in runs.items():
        theirs = losses_of(net_of(norm, weights), samples, labels, batch, float(settings["rate"]), float(settings["momentum"]))
        worst = np.abs(np.array(ours) - theirs).max() if len(ours) == len(theirs) else np.nan
        print(f"  {norm}, batches of {batch}: {len(ours)} steps, loss {ours[0]:.4f} to {ours[-1]:.4f}, at most {worst:.1e} from PyTorch")
        report.near(f"{norm} {batch}", np.array(ours), theirs, LIMIT)
    report.result("all is there", len(runs) == 6 and len(samples) == 50 * STEP_SAMPLES, f"{len(runs)} runs, {len(samples)} samples")
    return report.total("training")


if __name__ == "__main__":
    sys.exit(main())
