#!/usr/bin/python3
"""samples/python/instnorm.py against PyTorch, plain loops and the tool: python_library.py BUILD

PyTorch works in double precision, on the same float32 inputs. Tensors of other layouts give the bits of dense ones, and
without copies that are not told. What differs is printed, then the worst figures and the totals. Needs python3-numpy,
python3-pil and python3-torch.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import tracemalloc

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from report import Report

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
MODULE = os.path.join(ROOT, "samples/python/instnorm.py")

SHAPES = (2, 6, 5, 7), (3, 4, 1, 9), (1, 2, 33, 1), (5, 8, 13, 11), (2, 4, 127, 129), (4, 2, 1, 4099), (1, 12, 97, 61)
KINDS = "instance", "layer", "group:1", "group:2", "batch"


def by_torch(kind, x, gamma, beta, eps):
    """y, in double."""
    if kind == "instance":
        return functional.instance_norm(x, weight=gamma, bias=beta, eps=eps)
    if kind == "batch":
        return functional.batch_norm(x, None, None, gamma, beta, True, 0, eps)
    return functional.group_norm(x, int(kind.partition(":")[2] or 1), gamma, beta, eps)


class Oracle:
    """The module and the checks."""

    def __init__(self, module, statistics, build, folder):
        self.of, self.statistics, self.build, self.folder, self.report = module, statistics, build, folder, Report()
        self.rng, self.worst = np.random.default_rng(15), {}

    def tensor(self, shape):
        """Around 3, so that a mean that is not taken shows."""
        return self.rng.normal(3, 2, shape).astype(np.float32)

    def near(self, line, name, got, want, bound):
        """Within `bound` of each number, and 1e-12 of the largest. 6e-8 is half a unit of the last place of a float."""
        want = np.asarray(want)
        room = bound * np.abs(want) + 1e-12 * np.abs(want).max()
        self.report.near(f"{line}: {name}", np.asarray(got), want, room)
        self.worst[line] = max(self.worst.get(line, 0), float((np.abs(got - want) / room).max()))

    def same(self, name, got, want):
        """Bit for bit."""
        self.report.result(name, got.dtype == want.dtype and np.ascontiguousarray(got).tobytes() == want.tobytes())

    # ---- PyTorch ----------------------------------------------------------------------------------------------------

    def passes(self, kind, shape, eps, affine):
        """Forward and backward."""
        name, c = f"{kind} {shape} {eps} {affine}", shape[1]
        x, dy = self.tensor(shape), self.tensor(shape)
        gamma, beta = (self.rng.normal(1, 1, c).astype(np.float32) for _ in range(2)) if affine else (None, None)
        leaf = torch.from_numpy(x).double().requires_grad_()
        weight = torch.from_numpy(gamma).double() if affine else torch.ones(c, dtype=torch.double)
        bias = torch.from_numpy(beta).double() if affine else torch.zeros(c, dtype=torch.double)
        weight.requires_grad_(), bias.requires_grad_()
        want = by_torch(kind, leaf, weight, bias, eps)
        want.backward(torch.from_numpy(dy).double())

        y, mean, rstd = self.of.forward(kind, x, gamma, beta, eps=eps)
        self.near("y", name, y, want.detach(), 6e-8)
        dx, dgamma, dbeta = self.of.backward(kind, x, dy, mean, rstd, gamma)
        self.near("dx", name, dx, leaf.grad, 6e-8)
        self.near("dgamma", name, dgamma, weight.grad, 1e-12)
        self.near("dbeta", name, dbeta, bias.grad, 1e-12)
        more = self.of.backward(kind, x, dy, mean, rstd, gamma, dgamma=dgamma.copy(), dbeta=dbeta.copy())
        self.near("dgamma", f"{name}: added", more.dgamma, 2 * weight.grad, 1e-12)
        self.near("dbeta", f"{name}: added", more.dbeta, 2 * bias.grad, 1e-12)

    def training(self, layer, kind, eps, momentum):
        """Some steps of a layer of PyTorch: its running statistics, and what it does with them."""
        layer = layer(5, eps=eps, momentum=momentum, affine=True, track_running_stats=True).double()
        mean, variance = np.zeros(5), np.ones(5)
        for step in range(4):
            x = self.tensor((3, 5, 7 + step, 9))
            layer(torch.from_numpy(x).double())
            forward = self.of.forward(kind, x, eps=eps)
            self.of.running(kind, x.shape, forward.mean, forward.rstd, mean, variance, eps=eps, momentum=momentum)
            self.near("running mean", f"{kind} {step}", mean, layer.running_mean, 1e-12)
            self.near("running variance", f"{kind} {step}", variance, layer.running_var, 1e-12)
        torch.nn.init.normal_(layer.weight), torch.nn.init.normal_(layer.bias)
        gamma, beta = (p.detach().float() for p in (layer.weight, layer.bias))
        layer.weight.data, layer.bias.data = gamma.double(), beta.double()
        x = self.tensor((2, 5, 31, 3))
        want = layer.eval()(torch.from_numpy(x).double()).detach()
        mean, variance = layer.running_mean.numpy(), layer.running_var.numpy()
        got = self.of.inference(x, mean, variance, gamma.numpy(), beta.numpy(), eps=eps)
        self.near("inference", kind, got, want, 6e-8)

    def pytorch(self):
        """All of it."""
        torch.manual_seed(15)
        for kind in KINDS:
            for shape in SHAPES:
                for eps, affine in (1e-5, True), (0.25, False):
                    self.passes(kind, shape, eps, affine)
        for eps, momentum in (1e-5, 0.1), (0.5, 1), (1e-3, 0.01):
            self.training(torch.nn.BatchNorm2d, "batch", eps, momentum)
            self.training(torch.nn.InstanceNorm2d, "instance", eps, momentum)

    # ---- what PyTorch does not do -----------------------------------------------------------------------------------

    def not_finite(self):
        """Samples that do not count; a channel of one value gives beta."""
        x = self.tensor((2, 3, 9, 11))
        x[0, 0, 2, 3], x[1, 2, :4], x[0, 1, 8, 10] = np.nan, np.inf, -np.inf
        x[1, 1] = 7
        y, mean, rstd = self.of.forward("instance", x, beta=[1, 2, 3])
        for n in range(2):
            for c in range(3):
                counts = [float(v) for v in x[n, c].ravel() if np.isfinite(v)]
                m = sum(counts) / len(counts)
                r = (sum((v - m) ** 2 for v in counts) / len(counts) + 1e-5) ** -0.5
                self.near("NaN left out: mean", f"{n} {c}", mean[n, c], m, 1e-12)
                self.near("NaN left out: rstd", f"{n} {c}", rstd[n, c], r, 1e-12)
                is_finite = np.isfinite(x[n, c])
                self.near("NaN left out: y", f"{n} {c}", y[n, c][is_finite],
                          (x[n, c].astype(np.float64)[is_finite] - m) * r + c + 1, 6e-8)
        self.report.result("NaN stays NaN", np.isnan(y[0, 0, 2, 3]) and (y[1, 2, :4] == np.inf).all())
        self.report.result("one value gives beta", (y[1, 1] == 2).all())

    # ---- layouts ----------------------------------------------------------------------------------------------------

    def layouts(self):
        """The same tensor in memory in many ways: the bits of the dense one; gaps stay as they are."""
        shape = (3, 4, 10, 12)
        x, dy = self.tensor(shape), self.tensor(shape)
        gamma = [1, 2, 3, 4]
        want, mean, rstd = self.of.forward("group:2", x, gamma)
        want_dx = self.of.backward("group:2", x, dy, mean, rstd, gamma).dx
        want_inference = self.of.inference(x, gamma, gamma)
        places = {"rows padded": np.s_[:3, :4, :10, 2:14], "cropped": np.s_[1:4, 2:6, 3:13, 4:16],
                  "every other": np.s_[::2, ::2, ::2, :12], "from the end": np.s_[2::-1, 3::-1, 9::-1, :12],
                  "every other column": np.s_[:3, :4, :10, ::2]}
        views = {name: np.full((6, 8, 20, 24), 5, np.float32)[place] for name, place in places.items()}
        for name, *axes in ("interleaved", 0, 2, 3, 1), ("channels first", 1, 0, 2, 3), ("columns first", 0, 1, 3, 2):
            views[name] = np.empty([shape[a] for a in axes], np.float32).transpose(np.argsort(axes))
        views["not aligned"] = np.empty(4 * x.size + 1, np.uint8)[1:].view(np.float32).reshape(shape)
        supported = "rows padded", "cropped", "every other", "channels first"
        for name, view in views.items():
            view[...] = x
            y = self.of.forward("group:2", view, gamma).y
            self.same(f"x is {name}", y, want)
            self.same(f"x is {name}: not changed", view, x)
            self.report.result(f"x is {name}: y is dense", y.flags.carray)
            self.same(f"x is {name}: inference", self.of.inference(view, gamma, gamma), want_inference)
            self.same(f"x is {name}: dx", self.of.backward("group:2", view, dy, mean, rstd, gamma).dx, want_dx)
            dx = self.of.backward("group:2", x, self.filled(view, dy), mean, rstd, gamma).dx
            self.same(f"dy is {name}: dx", dx, want_dx)
            if name in supported:
                self.as_output(name, view, (x, dy, mean, rstd, gamma), (want, want_dx))
            else:
                self.refused(f"out is {name}", ValueError, "out: expected a writeable array whose rows",
                             lambda out=view: self.of.forward("group:2", x, out=out))
        wide = np.broadcast_to(x[:, :1], shape)
        want = self.of.forward("layer", wide.copy()).y
        self.same("x is one channel, broadcast", self.of.forward("layer", wide).y, want)

    def filled(self, view, values):
        """The view with these values."""
        view[...] = values
        return view

    def as_output(self, name, view, arrays, wanted):
        """Into the view, from other memory and in place; what is around it stays."""
        (x, dy, mean, rstd, gamma), (want, want_dx) = arrays, wanted
        base = view.base if view.base is not None else view
        inside = np.zeros(base.size, bool)
        first = (view.ctypes.data - base.ctypes.data) // 4
        np.lib.stride_tricks.as_strided(inside[first:], view.shape, [s // 4 for s in view.strides])[...] = True
        around = base.ravel()[~inside].copy()
        for way in "from dense", "in place":
            source = x if way == "from dense" else self.filled(view, x)
            y = self.of.forward("group:2", source, gamma, out=view).y
            self.report.result(f"out is {name}, {way}: is returned", y is view)
            self.same(f"out is {name}, {way}", view, want)
            source = dy if way == "from dense" else self.filled(view, dy)
            self.of.backward("group:2", x, source, mean, rstd, gamma, out=view)
            self.same(f"dx is {name}, {way}", view, want_dx)
        self.same(f"out is {name}: what is around it", base.ravel()[~inside], around)

    def copies(self):
        """What is allocated, beside the output: nothing of the size of a tensor, but where the docstrings say so."""
        x = self.tensor((2, 3, 300, 400))
        dy, out = self.tensor(x.shape), np.empty_like(x)
        padded = np.empty((2, 3, 300, 500), np.float32)[..., :400]
        padded[...] = x
        mean, rstd = self.of.forward("instance", x)[1:]
        for name, tensors, call in (
                ("forward", 1, lambda: self.of.forward("instance", x)),
                ("in place", 0, lambda: self.of.forward("batch", x, out=x)),
                ("forward to out", 0, lambda: self.of.forward("instance", x, out=out)),
                ("forward of padded rows", 1, lambda: self.of.forward("instance", padded)),
                ("padded rows in place", 0, lambda: self.of.forward("instance", padded, out=padded)),
                ("inference in place", 0, lambda: self.of.inference(x, [0, 0, 0], [1, 1, 1], out=x)),
                ("backward", 1, lambda: self.of.backward("instance", x, dy, mean, rstd)),
                ("backward to dy", 0, lambda: self.of.backward("instance", x, dy, mean, rstd, out=dy)),
                ("backward of padded rows", 2, lambda: self.of.backward("instance", padded, dy, mean, rstd))):
            tracemalloc.start()
            call()
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            self.report.result(f"copies: {name}", 0 <= peak - tensors * x.nbytes < 20000, f"{peak} bytes")

    # ---- errors -----------------------------------------------------------------------------------------------------

    def refused(self, name, kind, message, call, status=None):
        """The call raises that error, with a message that begins so and with the status."""
        try:
            call()
            self.report.result(f"refused: {name}", False, "is accepted")
        except Exception as error:  # pylint: disable=broad-except
            ok = isinstance(error, kind) and str(error).startswith(message)
            ok = ok and getattr(error, "status", None) == status
            self.report.result(f"refused: {name}", ok, f"{type(error).__name__}: {error}")

    def statuses(self):
        """Every status that arrays can cause."""
        of, status = self.of, self.of.Status
        x, m = self.tensor((2, 4, 3, 5)), np.zeros((2, 4))
        (mean, variance), gamma, single = m, [1, 2, np.nan, 4], (2, 4, 1, 1)
        as_strided = np.lib.stride_tricks.as_strided
        far = as_strided(x, (1, 3, 3, 5), (4, 2**63 - 4, 20, 4))
        close = as_strided(x.copy(), x.shape, (240, 60, 4, 4))
        cases = (
            ("NULL", "backward: a pointer is NULL", lambda: of.backward("instance", x, x, None, m)),
            ("KIND", "running: the function has no such kind",
             lambda: of.running("layer", x.shape, m[:, 0], m[:, 0], mean, variance)),
            ("NUMBER", "forward: a number is not finite", lambda: of.forward("instance", x, eps=-1)),
            ("NUMBER", "forward: a number is not finite", lambda: of.forward("instance", x, eps=np.nan)),
            ("NUMBER", "gamma: expected finite numbers", lambda: of.forward("instance", x, gamma)),
            ("NUMBER", "beta: expected finite numbers", lambda: of.forward("instance", x, beta=[1, 2, 3, 1e39])),
            ("NUMBER", "inference: a number is not finite", lambda: of.inference(x, mean, [1, 1, -1, 1])),
            ("NUMBER", "running: a number", lambda: of.running("instance", x.shape, m, m, mean, variance, momentum=2)),
            ("SHAPE", "forward: a dimension of the shape is 0", lambda: of.forward("instance", x[:, :, :0])),
            ("SHAPE", "running: a dimension of the", lambda: of.running("batch", (0, 4, 3, 5), *m, *m)),
            ("SIZE", "forward: the shape is too large", lambda: of.forward("instance", far, out=far)),
            ("OVERLAP", "forward: a stride is so small", lambda: of.forward("instance", x, out=close)),
            ("GROUPS", "forward: the groups do not divide", lambda: of.forward("group:3", x)),
            ("GROUPS", "forward: the groups do not divide", lambda: of.forward("group:0", x)),
            ("GROUPS", "forward: the groups do not divide", lambda: of.forward(f"group:{10**18 - 1}", x)),
            ("SINGLE", "running: one sample has no", lambda: of.running("instance", single, m, m, mean, variance)),
            ("EMPTY", "forward: there is no finite sample", lambda: of.forward("layer", x * np.float32(np.nan))),
            ("OVERFLOW", "inference: the map is too large",
             lambda: of.inference(x, 4 * [1e300], 4 * [1e-300], 4 * [1e38], eps=0)),
        )
        for name, message, call in cases:
            self.refused(name, of.Error, message, call, status[name])
        raised = {name for name, _, _ in cases}
        self.report.result("every status", raised == {s.name for s in status} - {"SINGULAR"}, f"{raised}")
        dgamma, dbeta = np.ones(4), np.ones(4)
        self.refused("gradients", of.Error, "backward: a number is not finite",
                     lambda: of.backward("instance", x, x, m, m - 1, dgamma=dgamma, dbeta=dbeta), status.NUMBER)
        self.report.result("gradients that were refused", (dgamma == 1).all() and (dbeta == 1).all())

    def arguments(self):
        """What is refused before the library is called."""
        of, x, m = self.of, self.tensor((2, 4, 3, 5)), np.zeros((2, 4))
        half, mask, mean = np.zeros((2, 8, 3, 5), np.float32), np.ma.masked_array(x, x > 3), m[0]
        every, still = np.zeros(8), x.copy()
        still.flags.writeable = False
        kinds = "kind: expected instance, layer, group:G or batch"
        for name, kind, message, call in (
                ("double", TypeError, "x: expected a float32", lambda: of.forward("instance", x.astype(np.float64))),
                ("big-endian", TypeError, "x: expected a float32", lambda: of.forward("instance", x.astype(">f4"))),
                ("a list", TypeError, "x: expected a float32", lambda: of.forward("instance", [[[[1.0]]]])),
                ("a mask", TypeError, "x: expected an array without", lambda: of.forward("instance", mask)),
                ("a picture", ValueError, "x: expected a shape [N, C, H, W], not [4, 3, 5]",
                 lambda: of.forward("instance", x[0])),
                ("dy", ValueError, "dy: expected the shape", lambda: of.backward("instance", x, x[:1], m, m)),
                ("mean", ValueError, "mean: expected the shape [2]", lambda: of.backward("layer", x, x, m, m)),
                ("gamma", ValueError, "gamma: expected the shape [4]", lambda: of.forward("instance", x, [1, 2, 3])),
                ("complex", TypeError, "Cannot cast", lambda: of.forward("instance", x, [1, 2, 3, 1j])),
                ("eps", TypeError, "float() argument", lambda: of.forward("instance", x, eps=None)),
                ("group without G", ValueError, kinds, lambda: of.forward("group", x)),
                ("layer:2", ValueError, kinds, lambda: of.forward("layer:2", x)),
                ("out", ValueError, "out: expected the shape", lambda: of.forward("instance", x, out=half)),
                ("read-only", ValueError, "out: expected a writeable", lambda: of.forward("instance", x, out=still)),
                ("shares", ValueError, "out: expected x or other memory",
                 lambda: of.forward("instance", half[:, 2:6], out=half[:, 3:7])),
                ("turned", ValueError, "out: expected x or other", lambda: of.forward("instance", x[::-1], out=x)),
                ("dgamma", TypeError, "dgamma: expected a float64",
                 lambda: of.backward("instance", x, x, m, m, dgamma=np.zeros(4, np.float32))),
                ("dbeta", ValueError, "dbeta: expected a writeable",
                 lambda: of.backward("instance", x, x, m, m, dbeta=every[::2])),
                ("gradients share", ValueError, "dgamma and dbeta: expected two arrays",
                 lambda: of.backward("instance", x, x, m, m, dgamma=every[:4], dbeta=every[3:7])),
                ("statistics share", ValueError, "running_mean and running_variance: expected two arrays",
                 lambda: of.running("batch", x.shape, mean, mean, mean, mean)),
                ("running", TypeError, "running_mean: expected a float64",
                 lambda: of.running("batch", x.shape, mean, mean, None, mean)),
                ("shape", ValueError, "shape: expected that of x",
                 lambda: of.running("batch", x.shape[1:], mean, mean, mean, mean))):
            self.refused(name, kind, message, call)
        half[:, :4] = x
        self.same("halves that lie side by side", of.forward("instance", half[:, :4], out=half[:, 4:]).y,
                  of.forward("instance", x).y)

    # ---- programs ---------------------------------------------------------------------------------------------------

    def threads(self):
        """Samples by four threads at once: the bytes of one call."""
        x = self.tensor((32, 3, 120, 130))
        want, got = self.of.forward("instance", x).y, np.empty_like(x)
        work = [threading.Thread(target=self.of.forward, args=("instance", x[i:i + 8]), kwargs={"out": got[i:i + 8]})
                for i in range(0, 32, 8)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        self.same("threads", got, want)

    def tool(self):
        """A photograph, and tensors, beside the tool."""
        picture, out, tensor = (os.path.join(self.folder, name) for name in ("in.jpg", "out.npy", "in.npy"))
        shutil.copy(os.path.join(ROOT, "samples/pictures/room.jpg"), picture)
        subprocess.run([f"{self.build}/instnorm-cli", "-Q", picture, out], check=True)
        x = (np.asarray(Image.open(picture)).astype(np.float32) / 255).transpose(2, 0, 1)[None]
        self.report.near("a photograph", self.of.forward("instance", x).y[0], np.load(out), 5e-7)
        saved = os.path.join(self.folder, "all.json")
        subprocess.run([f"{self.build}/instnorm-cli", "-Q", "--total", "--save-stats", saved, picture,
                        os.path.join(ROOT, "samples/pictures/fog.jpg")], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([f"{self.build}/instnorm-cli", "-Q", "--force", "--use-stats", saved, picture, out], check=True)
        both = self.statistics.read(saved)
        self.report.near("a photograph by a statistics file", self.of.inference(x, both.mean, both.variance, eps=0)[0],
                         np.load(out), 5e-7)
        np.save(tensor, self.tensor((3, 4, 70, 90)))
        for kind in KINDS + ("group:4",):
            subprocess.run([f"{self.build}/instnorm-cli", "-Q", "--force", "-N", kind, tensor, out], check=True)
            y = self.of.forward(kind, np.load(tensor, mmap_mode="r")).y
            self.same(f"{kind}: the bits of the tool", y, np.load(out))

    def readme(self):
        """The example of README.md as it stands there."""
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            example = file.read().partition("```python\n")[2].partition("```")[0]
        tool, scope, before = f"{self.build}/instnorm-cli", {}, os.getcwd()
        os.symlink(os.path.realpath(os.path.join(ROOT, "samples")), os.path.join(self.folder, "samples"))
        os.chdir(self.folder)
        for part, name in ("a", "dusk.jpg"), ("b", "tissue.png"):
            subprocess.run([tool, "-Q", "--total", "--save-stats", f"{part}.json", f"samples/pictures/{name}"],
                           check=True, stdout=subprocess.DEVNULL)
        subprocess.run([tool, "-Q", "samples/pictures/room.jpg", "room.npy"], check=True)
        exec(example, scope)  # pylint: disable=exec-used
        os.chdir(before)
        self.report.near("README: y", scope["y"][0], np.load(os.path.join(self.folder, "room.npy")), 5e-7)
        x, total = scope["x"].astype(np.float64), scope["total"]
        want = (x - total.mean[:, None, None]) / np.sqrt(total.variance[:, None, None] + 1e-5)
        self.report.near("README: z", scope["z"], want, 6e-7)
        rest = 1e-5 * scope["y"] * scope["rstd"][..., None, None] ** 3  # where dy is y, eps alone keeps dx from 0
        self.report.near("README: dx", scope["dx"], rest, 2e-6)

    def imported(self, name, module, expected, **environment):
        """Another process says which library it has, or why it has none."""
        code = "import instnorm; maps = open('/proc/self/maps'); " \
               "print(instnorm.version, [line.split()[5] for line in maps if 'libinstnorm' in line][0])"
        done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False,
                              env={**os.environ, "PYTHONPATH": os.path.dirname(module), **environment})
        said = done.stdout + done.stderr
        failed = "ImportError" in expected
        self.report.result(f"import: {name}", expected in said and failed == (done.returncode != 0), said)

    def loading(self):
        """Where the library is looked for."""
        library = os.path.realpath(f"{self.build}/libinstnorm.so")
        alone, inside, built = (os.path.join(os.path.realpath(self.folder), path) for path in (
            "alone/instnorm.py", "checkout/samples/python/instnorm.py", "checkout/build/libinstnorm.so"))
        for path, source in (alone, MODULE), (inside, MODULE), (built, library):
            os.makedirs(os.path.dirname(path))
            shutil.copy(source, path)
        version = self.of.version + " "
        self.imported("from the build folder", inside, version + built)
        self.imported("by INSTNORM_LIBRARY", alone, version + library, INSTNORM_LIBRARY=library)
        self.imported("none", alone, "ImportError: libinstnorm.so.1: cannot open", LD_LIBRARY_PATH="")
        self.imported("not there", MODULE, "ImportError: /nowhere.so: cannot open", INSTNORM_LIBRARY="/nowhere.so")
        self.imported("another library", MODULE, "ImportError: ", INSTNORM_LIBRARY="libm.so.6")
        shutil.copy(library, os.path.join(self.folder, "libinstnorm.so.1"))
        self.imported("by the loader", alone, version + os.path.realpath(self.folder), LD_LIBRARY_PATH=self.folder)


def main():
    if len(sys.argv) != 2:
        print("usage: python_library.py BUILD", file=sys.stderr)
        return 2
    os.environ["INSTNORM_LIBRARY"] = os.path.abspath(f"{sys.argv[1]}/libinstnorm.so")
    sys.path.insert(0, os.path.dirname(MODULE))
    import instnorm  # pylint: disable=import-outside-toplevel
    import instnorm_stats  # pylint: disable=import-outside-toplevel
    del os.environ["INSTNORM_LIBRARY"]
    with tempfile.TemporaryDirectory() as folder:
        oracle = Oracle(instnorm, instnorm_stats, os.path.abspath(sys.argv[1]), folder)
        for check in (oracle.pytorch, oracle.not_finite, oracle.layouts, oracle.copies, oracle.statuses,
                      oracle.arguments, oracle.threads, oracle.tool, oracle.readme, oracle.loading):
            check()
    for line, part in oracle.worst.items():
        print(f"  {line:32} {part:8.2g} of its bound")
    return oracle.report.total("python library oracle")


if __name__ == "__main__":
    sys.exit(main())
