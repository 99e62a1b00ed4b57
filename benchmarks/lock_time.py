"""Time under the interpreter's lock a sheet: python -m benchmarks.lock_time [BEFORE AFTER] [--settings ...]

One thread of a process at a time runs Python, and so a process makes at most 1 / (this time) sheets a second,
however many cores and GPUs there are. Measured are overlay and side view of the demo body on 640x480 photos, as
JPEG, with one thread.

How: each thread is asked at each tick of its own processor time whether it has the lock (`lock_clock.c`, which
the system's C compiler makes), so neither what native code does without the lock counts, nor what the machine
does besides. That is a share of few ticks, and to have enough of them soon, the native code that works without
the lock does nothing here: decoders and encoders give what is ready, kernels are launched as ever and return at
once, large products, fills, copies and hashes are left out. `--real` leaves all of it in, and gives the same
time under the lock, within the error of its ticks, in ten times the time. A difference of two runs of different
lengths leaves out what is done once, and only what is between the first sheet and the last counts.

With two checkouts, such as a worktree of an earlier commit and this one, each with a `.venv`, both are
measured in turns.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# Lengths of the two runs.
FEW, MANY = 1000, 4000
REPEATS = 5
# Numbers of a tensor that take longer to be filled than a call takes.
LARGE = 1 << 16
ALL, PLANNING, REST = "all", "survey and batches", "executor"


class LockClock:
    """The processor time of a thread, and how much of it the thread had the lock.

    Args:
        library: Made from `lock_clock.c`.
    """

    def __init__(self, library: Path) -> None:
        # Which keeps the lock in its calls.
        self._library = ctypes.PyDLL(str(library))
        self._thread = threading.local()

    def read(self) -> complex:
        """Seconds of the processor, and as the imaginary part ticks under the lock."""
        if not hasattr(self._thread, "is_counted"):
            self._thread.is_counted = True
            if self._library.count_ticks():
                raise OSError("the system has no timers of threads")
        return complex(time.thread_time(), self._library.read_held())


def stand_in() -> None:
    """Has all native code that works without the lock do nothing, in this process."""
    import cv2
    import numpy as np
    import simplejpeg
    import torch
    from warp._src import context

    import render.files.digest as digest
    import render.run.pipelines as pipelines

    pixels = np.full((480, 640, 3), 128, np.uint8)
    file = cv2.imencode(".jpg", pixels)[1]
    simplejpeg.decode_jpeg = lambda *_, **__: pixels
    cv2.cvtColor = lambda given, _: given
    cv2.imencode = lambda *_: (True, file)
    # Ctypes lets go of the lock for it, and takes it again, as for a kernel.
    nothing = ctypes.CDLL(None).getppid
    begin = context.KernelHooks.__init__

    def begin_without(self: Any, _: Any, *more: Any, **named: Any) -> None:
        begin(self, nothing, *more, **named)

    context.KernelHooks.__init__ = begin_without
    for hooks in gc.get_objects():
        if isinstance(hooks, context.KernelHooks):
            hooks.forward = nothing
    fill, multiply = torch.full, torch.Tensor.__matmul__

    # Kernels would have put the bounds of bodies into small ones: at 0, they are on the picture.
    def fill_small(size: Any, value: float, **named: Any) -> torch.Tensor:
        nought = fill([1], type(value)(0), **named)
        return nought.expand(size).contiguous() if np.prod(size) < LARGE else nought.new_empty(size)

    def multiply_small(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        is_large = a.ndim == 2 and b.numel() > LARGE
        return torch.empty(len(a), b.shape[1], dtype=a.dtype) if is_large else multiply(a, b)

    torch.full, torch.Tensor.__matmul__ = fill_small, multiply_small
    # Kernels would have counted the edge pixels of a chunk into it; where there are any, others are launched.
    torch.Tensor.zero_ = lambda self: self.fill_(1)
    hash_bytes, paint = digest.hash_bytes, pipelines.paint_backgrounds
    digest.hash_bytes = lambda *pieces: hash_bytes(*(piece[:2047] for piece in pieces))

    def paint_corner(view: np.ndarray, sheet: Any, photo: np.ndarray | None, crop: Any) -> None:
        paint(view[:1, :1], sheet, None if photo is None else photo[:1, :1], crop)

    pipelines.paint_backgrounds = paint_corner


def plan_as_gpu() -> None:
    """Has batches and their chunks be as large as on a GPU, in this process."""
    from render.compute import memory
    from render.library import poser
    from render.sheet import staging

    for most in (memory.MOST_BATCH_BYTES, staging.SMALL_CHUNK, staging.LARGE_CHUNK):
        most["cpu"] = most["cuda"]
    poser.TASK_SAMPLES = 1 << 40


def watch(found: dict[str, complex], library: Path, is_real: bool) -> None:
    """Adds up what a run takes of the processor by stage, as `LockClock.read` has it."""
    from render.run import executor

    clock = LockClock(library)
    # By this clock the executor adds up the time of each stage.
    executor.time = SimpleNamespace(perf_counter=clock.read)
    run = executor.ThreadExecutor.run

    def run_and_add(self: executor.ThreadExecutor, jobs: Any) -> None:
        # Not before, for a rasterizer is tried on a triangle.
        if not found and not is_real:
            stand_in()
        told, begun, processor = self.seconds, clock.read(), time.process_time()
        run(self, jobs)
        parts = {name: used - told.get(name, 0) for name, used in self.seconds.items()}
        parts[PLANNING] = clock.read() - begun
        found["processor"] = found.get("processor", 0) + time.process_time() - processor
        for name, used in parts.items():
            found[name] = found.get(name, 0) + used

    executor.ThreadExecutor.run = run_and_add


def run_child(settings: list[str], library: Path, is_real: bool) -> dict[str, Any]:
    """One run in this process: by stage seconds of the processor and ticks under the lock."""
    from benchmarks.child import render

    found: dict[str, complex] = {}
    if os.environ.get("LOCK_GPU"):
        plan_as_gpu()
    watch(found, library, is_real)
    told = render(settings)
    stages = {name: [complex(used).real, complex(used).imag] for name, used in found.items()}
    return {"stages": stages, "sheets": told["pictures"]}


if __name__ == "__main__":
    if sys.argv[1] in ("child", "real"):
        told = run_child(json.loads(sys.argv[2]), Path("/tmp/lock/c/lock_clock.so"), sys.argv[1] == "real")
        n = told["sheets"]
        print(
            {k: (round(1e6 * a / n), round(4000 * b / n)) for k, (a, b) in told["stages"].items()},
            round(sum(4000 * b / n for a, b in told["stages"].values())),
        )
