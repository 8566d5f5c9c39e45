#!/usr/bin/python3
"""Writes tests/unit/reference.h: PyTorch's numbers for the forward and the backward pass and for running statistics.

    tests/unit/reference.py > tests/unit/reference.h

The inputs are float32 numbers; PyTorch works on them in float64, so that a reference is the double-precision value. Made
with PyTorch 1.13 (Debian 12: apt-get install python3-torch; run it with /usr/bin/python3). The inputs come from this file
alone, so that another version of PyTorch changes last digits at most.
"""
import struct
import sys
import textwrap

import torch
from torch.nn import functional

EPS_USUAL, EPS_LARGE = 1e-5, 0.25
KEEP_STATISTICS = ("instance", "batch", "inference")

# [N, C, H, W], and what is done with it: kind, groups, eps, momentum.
CASES = [
    ([2, 3, 5, 7], [("instance", 0, EPS_USUAL, 0.1), ("batch", 0, EPS_USUAL, 0.1)]),
    ([1, 1, 1, 9], [("instance", 0, EPS_USUAL, 0.3), ("layer", 0, EPS_LARGE, 0)]),
    ([3, 4, 1, 6], [("layer", 0, EPS_USUAL, 0), ("group", 2, EPS_LARGE, 0), ("inference", 0, EPS_USUAL, 0)]),
    ([2, 6, 9, 4], [("group", 3, EPS_USUAL, 0)]),
    ([4, 2, 3, 3], [("instance", 0, EPS_LARGE, 1), ("layer", 0, EPS_USUAL, 0), ("batch", 0, EPS_LARGE, 0.5),
                    ("inference", 0, EPS_LARGE, 0)]),
    ([5, 3, 1, 1], [("batch", 0, EPS_USUAL, 0.01)]),
]

HEAD = """\
/*
 * PyTorch {version}'s numbers, in double precision from float32 inputs. Written by tests/unit/reference.py: do not edit.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "instnorm.h"

/*
 * What is NULL was not worked out: for inference (of the kind batch) all but y. The running statistics are those before and
 * after; inference uses the former.
 */
struct torch_case {{
    const char *name;
    enum instnorm_kind kind;
    int inference;
    size_t groups, n, c, h, w;
    double eps, momentum;
    const float *x, *dy, *gamma, *beta;
    const double *y, *dx, *dgamma, *dbeta;
    const double *mean_before, *variance_before, *mean_after, *variance_after;
}};

/* clang-format off */
"""


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def random_units(seed):
    """Numbers in [0, 1): a linear congruential generator (Knuth's MMIX)."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 40) / 2**24


def random_tensor(units, shape, low, high):
    """Of three decimals, rounded to float32, so that they are short in C."""
    size = torch.Size(shape).numel()
    values = [float32(round(low + (high - low) * next(units), 3)) for _ in range(size)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def evaluate(kind, groups, eps, momentum, x, gamma, beta, mean, variance):
    """y; mean and variance are updated where the kind keeps them."""
    if kind == "instance":
        return functional.instance_norm(x, mean, variance, gamma, beta, True, momentum, eps)
    if kind == "layer":
        return functional.group_norm(x, 1, gamma, beta, eps)
    if kind == "group":
        return functional.group_norm(x, groups, gamma, beta, eps)
    return functional.batch_norm(x, mean, variance, gamma, beta, kind == "batch", momentum, eps)


def print_array(kind, name, values, form):
    """Rows of at most 120 columns."""
    words = [form(value) for value in values.flatten().tolist()]
    print(textwrap.fill(f"static const {kind} {name}[] = {{{', '.join(words)}}};", 120, subsequent_indent="    ",
                        break_long_words=False, break_on_hyphens=False))


def short_float(value):
    """The shortest constant that is this float32."""
    text = next(t for t in (f"{value:.{digits}g}" for digits in range(1, 10)) if float32(float(t)) == value)
    return text if value == int(value) else text + "f"


def print_doubles(name, values):
    print_array("double", name, values, lambda v: f"{v:.17g}")


def print_case(index, shape, tensors, what):
    """Prints the arrays of one case; returns its line of the table."""
    kind, groups, eps, momentum = what
    x, gamma, beta = (tensors[k].clone().requires_grad_() for k in ("x", "gamma", "beta"))
    mean, variance = tensors["mean"].clone(), tensors["variance"].clone()
    y = evaluate(kind, groups, eps, momentum, x, gamma, beta, mean, variance)
    y.backward(tensors["dy"])
    name = f"{kind}{index}"

    arrays = {"y": y.detach()}
    if kind != "inference":
        arrays.update(dx=x.grad, dgamma=gamma.grad, dbeta=beta.grad)
    if kind in ("instance", "batch"):
        arrays.update(mean_after=mean, variance_after=variance)
    for key, values in arrays.items():
        print_doubles(f"{name}_{key}", values)

    fields = {
        "name": f'"{name}"',
        "kind": "INSTNORM_" + ("BATCH" if kind == "inference" else kind.upper()),
        "inference": int(kind == "inference"),
        "groups": groups,
        **dict(zip("nchw", shape)),
        "eps": eps,
        "momentum": momentum,
        **{key: f"in{index}_{key}" for key in ("x", "dy", "gamma", "beta")},
        **{key: f"{name}_{key}" for key in arrays},
    }
    if kind in KEEP_STATISTICS:
        fields.update({key + "_before": f"in{index}_{key}" for key in ("mean", "variance")})
    text = ", ".join(f".{key}@=@{value}" for key, value in fields.items())  # no line ends at an @
    return textwrap.fill("{" + text + "},", 120, initial_indent="    ", subsequent_indent="     ",
                         break_on_hyphens=False).replace("@", " ")


def main():
    print(HEAD.format(version=torch.__version__.split("a")[0]), end="")
    table = []
    for index, (shape, kinds) in enumerate(CASES):
        units = random_units(index + 1)
        channels = [shape[1]]
        tensors = {
            "x": random_tensor(units, shape, -2, 6),
            "dy": random_tensor(units, shape, -1, 1),
            "gamma": random_tensor(units, channels, -2, 2),
            "beta": random_tensor(units, channels, -1, 1),
            "mean": random_tensor(units, channels, 0, 3),
            "variance": random_tensor(units, channels, 0.5, 4),
        }
        for key in ("x", "dy", "gamma", "beta"):
            print_array("float", f"in{index}_{key}", tensors[key], short_float)
        if any(kind in KEEP_STATISTICS for kind, *_ in kinds):
            for key in ("mean", "variance"):
                print_doubles(f"in{index}_{key}", tensors[key])
        table += [print_case(index, shape, tensors, what) for what in kinds]
    print("\nstatic const struct torch_case torch_cases[] = {\n" + "\n".join(table) + "\n};")
    print("enum { TORCH_CASES = sizeof torch_cases / sizeof *torch_cases };\n\n#endif")


if __name__ == "__main__":
    sys.exit(main())
