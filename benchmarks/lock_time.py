"""Time under the interpreter's lock a sheet: python -m benchmarks.lock_time [BEFORE AFTER] [--settings ...]

One thread of a process at a time runs Python, and so a process makes at most 1 / (this time) sheets a second,
however many cores and GPUs there are. Measured are overlay and side view of the demo body on 640x480 photos,
as JPEG.

How: each thread is asked at each tick of its own processor time whether it has the lock (`lock_clock.c`,
which the system's C compiler makes). So neither native code that has let go of it counts, nor what else the
machine does. For enough ticks in a short time, such native code does nothing here: decoders and encoders give
what is ready, kernels are launched as ever and return at once, large products, fills, copies and hashes are
left out. `--real` leaves all of it in and takes ten times as long. It says more, probably because Python is
slower after native code that has filled the processor's caches, and because some native code keeps the lock.
So stand-ins tell two checkouts apart, and what bounds a process is nearer to `--real`. `--gpu` has batches
and chunks be as large as on a GPU, beside which what is done once a batch is little. A difference of two runs
of different lengths leaves out what is done once, and only what is between the first sheet and the last
counts.

Times of several runs are their medians. With two checkouts, such as a worktree of an earlier commit and this
one, each with a `.venv`, both are measured in turns. A busy machine makes all of it slower, so numbers of one
call compare, and those of different hours do not.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# Lengths of the two runs, and of those with `--gpu`, whose batches are of hundreds of sheets.
LENGTHS, GPU_LENGTHS = (1000, 4000), (4000, 8000)
REPEATS = 5
# Numbers of a tensor that take longer to be filled than a call takes.
LARGE = 1 << 16
PLANNING = "survey and batches"


class LockClock:
    """The processor time of a thread, and for how much of it the thread had the lock.

    Args:
        library: Made from `lock_clock.c`.
    """

    def __init__(self, library: Path) -> None:
        # Which keeps the lock in its calls.
        self._library = ctypes.PyDLL(str(library))
        self._library.read_held.restype = ctypes.c_double
        self._thread = threading.local()

    def read(self) -> complex:
        """Seconds of the processor, and as the imaginary part seconds under the lock."""
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

    # Not in the batch's own memory: a page of it is cleared when it is first touched, here under the lock.
    def paint_corner(view: np.ndarray, sheet: Any, photo: np.ndarray | None, crop: Any) -> None:
        corner = np.empty((1, 1, view.shape[2]), np.uint8)
        paint(corner, sheet, None if photo is None else photo[:1, :1], crop)

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
    """Adds up what a run takes by stage, as `LockClock.read` has it."""
    from render.run import executor

    clock = LockClock(library)
    # By this clock the executor adds up the time of each stage.
    executor.time = SimpleNamespace(perf_counter=clock.read)
    run = executor.ThreadExecutor.run

    def run_and_add(self: executor.ThreadExecutor, jobs: Any) -> None:
        # Not before, for a rasterizer is tried on a triangle.
        if not found and not is_real:
            stand_in()
        told, begun = self.seconds, clock.read()
        run(self, jobs)
        parts = {name: used - told.get(name, 0) for name, used in self.seconds.items()}
        parts[PLANNING] = clock.read() - begun
        for name, used in parts.items():
            found[name] = found.get(name, 0) + used

    executor.ThreadExecutor.run = run_and_add


def run_child(settings: list[str], library: Path, is_real: bool, is_gpu: bool) -> dict[str, Any]:
    """One run in this process: by stage seconds of the processor, and under the lock."""
    from benchmarks.child import render

    found: dict[str, complex] = {}
    if is_gpu:
        plan_as_gpu()
    watch(found, library, is_real)
    told = render(settings)
    stages = {name: [complex(used).real, complex(used).imag] for name, used in found.items()}
    return {"stages": stages, "sheets": told["pictures"]}


def start_child(checkout: Path, told: dict[str, Any]) -> dict[str, Any]:
    """What a child finds that runs the code of a checkout, whatever this file belongs to.

    Raises:
        RuntimeError: It fails; the message is what it said.
    """
    python = checkout.absolute() / ".venv" / "bin" / "python"
    executable = str(python) if python.exists() else sys.executable
    done = subprocess.run(
        [executable, str(Path(__file__).absolute()), "child", json.dumps(told)],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout.absolute())},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the run of {checkout} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(checkout: Path, runs: list[dict[str, Any]], output_dir: Path) -> dict[str, list[float]]:
    """By stage microseconds a sheet of the processor, and under the lock: a long run's less a short one's."""
    found = []
    for told in runs:
        shutil.rmtree(output_dir, ignore_errors=True)
        found.append(start_child(checkout, told))
    few, many = found
    sheets = many["sheets"] - few["sheets"]
    stages = {
        name: [1e6 * (long - short) / sheets for long, short in zip(used, few["stages"][name], strict=True)]
        for name, used in many["stages"].items()
    }
    return stages | {"all": [sum(column) for column in zip(*stages.values(), strict=True)]}


def name_commit(checkout: Path) -> str:
    """What is checked out there."""
    command = ["git", "-C", str(checkout), "rev-parse", "--short=8", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(run_child(**json.loads(sys.argv[2]))), flush=True)
        return
    from benchmarks.coco_like import make_coco_like
    from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
    from benchmarks.results import REPOSITORY, print_table, show_spread, spread, write_json
    from benchmarks.workspace import open_workspace

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", type=Path, nargs="*", default=[REPOSITORY])
    parser.add_argument("--settings", nargs="*", default=[], help="such as people=together output=png")
    parser.add_argument("--people-an-image", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--lengths", type=int, nargs=2)
    parser.add_argument("--real", action="store_true", help="with all native code")
    parser.add_argument("--gpu", action="store_true", help="batches as large as on a GPU")
    options = parser.parse_args()
    lengths = options.lengths or (GPU_LENGTHS if options.gpu else LENGTHS)
    # By their commits: folders are of one machine.
    names = {one: name_commit(one) for one in options.checkouts}
    found: dict[str, list[dict[str, list[float]]]] = {name: [] for name in names.values()}
    with open_workspace(2 * max(lengths) * SHEET_BYTES) as folder:
        library, output_dir, runs = folder / "lock_clock.so", folder / "sheets", []
        source = Path(__file__).with_name("lock_clock.c")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        more = [f"threads={options.threads}", "device=cpu", *["batch=1000"] * options.gpu, *options.settings]
        for count in lengths:
            people = count * options.people_an_image
            data = make_coco_like(folder / str(count), people, people_an_image=options.people_an_image)
            settings = overlay_settings(data, output_dir, *more)
            told = {"settings": settings, "library": str(library)}
            runs.append(told | {"is_real": options.real, "is_gpu": options.gpu})
        # The first compiles what kernels are missing, and keeps the fits in the cache.
        for _ in range(options.repeats + 1):
            for checkout in options.checkouts:
                found[names[checkout]].append(measure(checkout, runs, output_dir))
    results = {}
    for name, repeats in found.items():
        results[name] = {
            stage: {
                clock: spread([one[stage][number] for one in repeats[1:]])
                for number, clock in enumerate(("processor", "lock"))
            }
            for stage in repeats[-1]
        }
        rows = [
            [stage, *(show_spread(of_clock, 0) for of_clock in clocks.values())]
            for stage, clocks in sorted(results[name].items(), key=lambda one: -one[1]["lock"]["median"])
        ]
        print_table(f"{name}: us a sheet", ["stage", "of the processor", "under the lock"], rows)
    told = {"settings": more, "lengths": list(lengths), "is_real": options.real, "us_a_sheet": results}
    print(f"\n{write_json('lock_time', told)}")


if __name__ == "__main__":
    main()
