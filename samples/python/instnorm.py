"""libinstnorm for NumPy: instance, layer, group and batch normalization, forward, backward and for inference.

    import numpy as np, instnorm

    x = np.random.default_rng(1).random((8, 3, 64, 64), np.float32)         # [N, C, H, W]
    y, mean, rstd = instnorm.forward("instance", x)
    dx, dgamma, dbeta = instnorm.backward("instance", x, np.ones_like(x), mean, rstd)

There is nothing to build: this file calls the shared library through ctypes, and needs NumPy. The library is the file
that INSTNORM_LIBRARY names in the environment; without it build/libinstnorm.so of the checkout that this file is in; or
libinstnorm.so.1 where the loader finds it, as after "make install". If there is none, the import raises ImportError.

kind     "instance", "layer", "group:G" with G groups of neighbouring channels, or "batch", as instnorm-cli -N takes it
tensors  float32 arrays [N, C, H, W]; others are refused and never converted. A picture [C, H, W] is x[None], a picture
         [H, W, C] is x.transpose(2, 0, 1)[None], both views of the same samples
gamma, beta  [C], numbers of any type: they are converted to float32, mean and variance to float64. None: 1 and 0
eps      >= 0, added to the variance inside the square root
out      the tensor that is written and returned; it may be x. Without it a new one is made, C-contiguous. Tensors whose
         rows are of neighbouring samples - rows may be padded, and planes in any order - are worked on where they are.
         Each function says what is copied otherwise

Samples that are NaN or infinite are left out of the statistics; PyTorch makes the whole pool NaN. Sums are in double.

Arrays of a wrong type raise TypeError, wrong shapes ValueError. What the library refuses is an Error, a ValueError with
the status that instnorm.h explains. What `out` holds after an error is not defined; every other array is as it was.

The library keeps no state and ctypes releases the interpreter lock, so that threads may call it at once, each for other
outputs.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import ctypes
import enum
import os
import re
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_void_p
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class Status(enum.IntEnum):
    """enum instnorm_status of instnorm.h."""

    NULL, KIND, NUMBER, SHAPE, SIZE, OVERLAP, GROUPS, SINGLE, EMPTY, SINGULAR, OVERFLOW = range(1, 12)


class Error(ValueError):
    """What the library refuses. `status` is its Status, or a number that only a later version has."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = Status(status) if status in list(Status) else status


class Forward(NamedTuple):
    """What forward gives: mean and rstd = 1 / sqrt(variance + eps) are of pools, [N, C], [N], [N, G] or [C] by kind."""

    y: Float32
    mean: Float64
    rstd: Float64


class Gradients(NamedTuple):
    """What backward gives: the gradients of x [N, C, H, W], gamma [C] and beta [C]."""

    dx: Float32
    dgamma: Float64
    dbeta: Float64


# ---- the library -----------------------------------------------------------------------------------------------------


class _Shape(ctypes.Structure):
    """struct instnorm_shape"""

    _fields_ = [(name, c_size_t) for name in ("n", "c", "h", "w", "stride_n", "stride_c", "stride_h")]


_FUNCTIONS = {
    "instnorm_version": (c_char_p, []),
    "instnorm_status_string": (c_char_p, [c_int]),
    "instnorm_forward": (c_int, [c_int, c_size_t, POINTER(_Shape), *[c_void_p] * 3, c_double, *[c_void_p] * 3]),
    "instnorm_backward": (c_int, [c_int, c_size_t, POINTER(_Shape), *[c_void_p] * 8]),
    "instnorm_running": (c_int, [c_int, POINTER(_Shape), *[c_void_p] * 2, c_double, c_double, *[c_void_p] * 2]),
    "instnorm_inference": (c_int, [POINTER(_Shape), *[c_void_p] * 5, c_double, c_void_p]),
}


def _load() -> tuple[ctypes.CDLL, str]:
    """The library and its version. soname 1: what a later one changes is not known here."""
    built = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "libinstnorm.so")
    path = os.environ.get("INSTNORM_LIBRARY") or (built if os.path.exists(built) else "libinstnorm.so.1")
    try:
        library = ctypes.CDLL(path)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise ImportError(f"{error}: expected libinstnorm of soname 1: run \"make\" or \"make install\", or set "
                          f"INSTNORM_LIBRARY to the path of libinstnorm.so") from error
    return library, library.instnorm_version().decode()


_library, version = _load()


def _call(name: str, *arguments, **given) -> None:
    """Calls instnorm_NAME. Arrays are passed as pointers to their samples, layouts as shapes, what is None as NULL."""
    passed = [a.ctypes.data if isinstance(a, np.ndarray) else byref(_Shape(*a)) if isinstance(a, tuple) else a
              for a in arguments]
    status = getattr(_library, f"instnorm_{name}")(*passed)
    if status:
        told = ", ".join(f"{key} {value}" for key, value in given.items())
        raise Error(status, f"{name}: {_library.instnorm_status_string(status).decode()} ({told})")


# ---- arguments -------------------------------------------------------------------------------------------------------


def _kind(kind: str) -> tuple[int, int]:
    """Its number and its groups."""
    match = re.fullmatch(r"(instance|layer|group|batch)(?::([0-9]{1,18}))?", str(kind))
    if not match or (match[1] == "group") != (match[2] is not None):
        raise ValueError(f"kind: expected instance, layer, group:G or batch, not {kind!r}")
    return ("instance", "layer", "group", "batch").index(match[1]), int(match[2] or 0)


def _pools(kind: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the mean of all pools. More groups than channels, which are refused, are cut so that it is small."""
    number, groups = _kind(kind)
    n, c = shape[:2]
    return ((n, c), (n,), (n, min(groups, c)), (c,))[number]


def _tensor(name: str, x: Float32, shape: tuple[int, ...] | None = None) -> Float32:
    if not isinstance(x, np.ndarray) or x.dtype != np.dtype(np.float32):
        raise TypeError(f"{name}: expected a float32 array of NumPy, not {getattr(x, 'dtype', type(x).__name__)}")
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{name}: expected an array without a mask, such as x.filled(np.nan): NaN is not measured")
    if x.ndim != 4:
        raise ValueError(f"{name}: expected a shape [N, C, H, W], not {list(x.shape)}")
    if shape is not None and x.shape != shape:
        raise ValueError(f"{name}: expected the shape {list(shape)}, not {list(x.shape)}")
    return x


def _numbers(name: str, x: ArrayLike | None, dtype: type, shape: tuple[int, ...]) -> np.ndarray | None:
    """Numbers of that shape, converted, and finite then."""
    if x is None:
        return None
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(np.asarray(x).astype(dtype, casting="same_kind", copy=False))
    if np.shape(x) != shape:
        raise ValueError(f"{name}: expected the shape {list(shape)}, not {list(np.shape(x))}")
    if not np.isfinite(array).all():
        raise Error(Status.NUMBER, f"{name}: expected finite numbers, and none too large for {np.dtype(dtype)}")
    return array


def _channels(x: Float32, dtype: type, **numbers: ArrayLike | None) -> list[np.ndarray | None]:
    """Numbers of the channels of x."""
    return [_numbers(name, of, dtype, _tensor("x", x).shape[1:2]) for name, of in numbers.items()]


def _kept(name: str, x: Float64, c: int) -> Float64:
    """Numbers [C] that are updated where they are."""
    if not isinstance(x, np.ndarray) or x.dtype != np.dtype(np.float64):
        raise TypeError(f"{name}: expected a float64 array of NumPy, which is updated")
    if x.shape != (c,) or not x.flags.carray:
        raise ValueError(f"{name}: expected a writeable, contiguous array of the shape [{c}]")
    return x


def _two(**updated: Float64) -> None:
    """Numbers that are updated are in memory of their own."""
    (a, x), (b, y) = updated.items()
    if np.may_share_memory(x, y):
        raise ValueError(f"{a} and {b}: expected two arrays that share no memory")


# ---- layouts ---------------------------------------------------------------------------------------------------------


def _layout(x: Float32) -> tuple[int, ...] | None:
    """The numbers of its _Shape; None: the library has no such layout. Whether samples overlap the library checks."""
    strides = [stride if count > 1 and x.size > 0 else 4 for count, stride in zip(x.shape, x.strides)]
    if strides[3] != 4 or min(strides) <= 0 or not x.flags.aligned:
        return None
    return (*x.shape, *(s // 4 for s in strides[:3]))


def _output(out: Float32 | None, **inputs: Float32) -> tuple[Float32, tuple[int, ...]]:
    """The tensor to write, as large as the inputs, and its layout. It is one of them or shares no memory with them."""
    shape = inputs["x"].shape
    if out is None:
        out = np.empty(shape, np.float32)
    layout = _layout(_tensor("out", out, shape))
    if layout is None or not out.flags.writeable:
        raise ValueError("out: expected a writeable array whose rows are of neighbouring samples")
    for name, tensor in inputs.items():
        is_out = tensor.ctypes.data == out.ctypes.data and _layout(tensor) == layout
        if not is_out and np.shares_memory(tensor, out):
            raise ValueError(f"out: expected {name} or other memory, not a part of {name}")
    return out, layout


def _into(x: Float32, out: Float32 | None) -> tuple[Float32, Float32, tuple[int, ...]]:
    """The tensor to read, the one to write, and the layout of both: an x of another layout is copied to out."""
    out, layout = _output(out, x=_tensor("x", x))
    if _layout(x) != layout:
        np.copyto(out, x)
        x = out
    return x, out, layout


def _laid_out(x: Float32, layout: tuple[int, ...]) -> Float32:
    """x, or a copy of it, with that layout."""
    if _layout(x) == layout:
        return x
    strides = [4 * s for s in (*layout[4:], 1)]
    room = np.empty(1 + sum(max(n - 1, 0) * s // 4 for n, s in zip(x.shape, strides)), np.float32)
    copy = np.ndarray(x.shape, np.float32, room, strides=strides)
    copy[...] = x
    return copy


# ---- normalization ---------------------------------------------------------------------------------------------------


def forward(kind: str, x: Float32, gamma: ArrayLike | None = None, beta: ArrayLike | None = None, *, eps: float = 1e-5,
            out: Float32 | None = None) -> Forward:
    """y = (x - mean) / sqrt(variance + eps) * gamma + beta, with the mean and the biased variance of each pool.

    A pool of one value gives beta. Only an x that is laid out otherwise than the output is copied: to the output, where
    it is normalized. Status EMPTY: a pool has no finite sample.
    """
    gamma, beta = _channels(x, np.float32, gamma=gamma, beta=beta)
    mean, rstd = np.empty(_pools(kind, x.shape)), np.empty(_pools(kind, x.shape))
    x, out, layout = _into(x, out)
    _call("forward", *_kind(kind), layout, x, gamma, beta, float(eps), out, mean, rstd, kind=kind,
          x=x.shape, eps=eps)
    return Forward(out, mean, rstd)


def backward(kind: str, x: Float32, dy: Float32, mean: ArrayLike, rstd: ArrayLike, gamma: ArrayLike | None = None, *,
             out: Float32 | None = None, dgamma: Float64 | None = None, dbeta: Float64 | None = None) -> Gradients:
    """The gradients of x, gamma and beta, where dy is that of y, and mean and rstd are what forward gave for this x.

    out            gets dx; it may be dy or x
    dgamma, dbeta  float64 [C], two arrays to which the gradients are added; None: to 0

    An x or dy that is laid out otherwise than the output is copied, to memory that is given back at the end.
    """
    (gamma,), c = _channels(x, np.float32, gamma=gamma), x.shape[1]
    mean, rstd = (_numbers(*of, np.float64, _pools(kind, x.shape)) for of in (("mean", mean), ("rstd", rstd)))
    dgamma = np.zeros(c) if dgamma is None else _kept("dgamma", dgamma, c)
    dbeta = np.zeros(c) if dbeta is None else _kept("dbeta", dbeta, c)
    _two(dgamma=dgamma, dbeta=dbeta)
    out, layout = _output(out, x=x, dy=_tensor("dy", dy, x.shape))
    _call("backward", *_kind(kind), layout, _laid_out(x, layout), _laid_out(dy, layout), gamma, mean, rstd, out, dgamma,
          dbeta, kind=kind, x=x.shape)
    return Gradients(out, dgamma, dbeta)


def running(kind: str, shape: tuple[int, ...], mean: ArrayLike, rstd: ArrayLike, running_mean: Float64,
            running_variance: Float64, *, eps: float = 1e-5, momentum: float = 0.1) -> None:
    """Updates running statistics as PyTorch does: running <- (1 - momentum) * running + momentum * new.

    kind, shape  "instance" or "batch", and the shape of x
    mean, rstd   what forward gave with this eps
    running_mean, running_variance  float64 [C], updated where they are; begin with np.zeros(C) and np.ones(C)

    New are the mean and the unbiased variance of a batch; of instances their average over the samples.
    """
    if len(shape) != 4 or min(shape) < 0:
        raise ValueError(f"shape: expected that of x, [N, C, H, W], not {list(shape)}")
    mean, rstd = (_numbers(*of, np.float64, _pools(kind, shape)) for of in (("mean", mean), ("rstd", rstd)))
    running_mean = _kept("running_mean", running_mean, shape[1])
    running_variance = _kept("running_variance", running_variance, shape[1])
    _two(running_mean=running_mean, running_variance=running_variance)
    _call("running", _kind(kind)[0], tuple(shape), mean, rstd, float(eps), float(momentum), running_mean,
          running_variance, kind=kind, x=tuple(shape), eps=eps, momentum=momentum)


def inference(x: Float32, mean: ArrayLike, variance: ArrayLike, gamma: ArrayLike | None = None,
              beta: ArrayLike | None = None, *, eps: float = 1e-5, out: Float32 | None = None) -> Float32:
    """y = (x - mean) / sqrt(variance + eps) * gamma + beta with statistics [C] that are given, as of a file.

    Copies are those of forward. A variance + eps of 0 gives beta. Status OVERFLOW: the map of a channel is too large.
    """
    gamma, beta = _channels(x, np.float32, gamma=gamma, beta=beta)
    mean, variance = _channels(x, np.float64, mean=mean, variance=variance)
    x, out, layout = _into(x, out)
    _call("inference", layout, x, mean, variance, gamma, beta, float(eps), out, x=x.shape, eps=eps)
    return out
