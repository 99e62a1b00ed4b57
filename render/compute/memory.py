"""How much of a run is under way at once, and what to do when that was too much."""

from __future__ import annotations

import contextlib
import gc
import os
import traceback
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import torch

from render.compute.control_group import read_free_bytes

MB = 1_000_000
# On the CPU, some thirty photos of 640x480 with a panel beside: enough to make little of what is done once a
# batch. On a GPU three hundred of them, millions of threads a launch; more would not fill it better, and the
# first and the last batch of a run, beside which nothing is done, would take longer.
MOST_BATCH_BYTES = {"cpu": 128 * MB, "cuda": 1000 * MB}
# Less would hold a sheet or two, and a batch costs something whatever it holds.
LEAST_BATCH_BYTES = 16 * MB
# Of the memory that is free, what batches may take together.
SHARE = 0.25
# Of a GPU's own, beside what is reserved there.
CUDA_SHARE = 0.5
# On a GPU: two batches are decoded, two uploaded and drawn, two encoded and written. With one of each, a
# batch that takes longer than the others in one place would leave the other places idle.
CUDA_BATCHES = 6
# And what is not weighed by sheets: a visibility buffer of 0.5 GB for each of them, posing, edge pixels, the
# workspaces of the libraries.
CUDA_RESERVED_BYTES = 6000 * MB


class MemoryPlan(NamedTuple):
    """How many bytes batches may take.

    Attributes:
        batch_bytes: One batch.
        capacity_bytes: All that are under way together.
        most_batches: How many these are at most, None where only memory bounds them. On a GPU each has a
            queue of its own, so that none waits for another's work there.
    """

    batch_bytes: int
    capacity_bytes: int
    most_batches: int | None = None


def plan_memory(
    device: torch.device, threads: int, sharers: int = 1, on_host: int | None = None, batch: int = 0
) -> MemoryPlan:
    """The plan for a run: one batch for each thread and one to follow, if memory allows.

    Args:
        device: What the run draws on; on a GPU there are CUDA_BATCHES of them, whatever the threads.
        threads: How many work on the CPU.
        sharers: How many processes plan on the device as this one does, none of which has taken much so far.
        on_host: The same of this machine, whichever device they draw on; None where these are all.
        batch: How many sheets a batch is asked to have, 0 for what is best. A GPU's may then be as large as
            its memory allows.
    """
    free = _available_bytes()
    # What is free on the machine may be more than this process is given of it.
    in_group = read_free_bytes()
    free = (free if in_group is None else min(free, in_group)) // (on_host or sharers)
    if device.type != "cuda":
        batches = threads + 1
        batch_bytes = min(MOST_BATCH_BYTES["cpu"], max(int(SHARE * free / batches), LEAST_BATCH_BYTES))
        return MemoryPlan(batch_bytes, batches * batch_bytes)
    on_device = torch.cuda.mem_get_info(device)[0] // sharers
    # A small GPU keeps half of what is free for batches, whatever should be reserved.
    on_device -= min(CUDA_RESERVED_BYTES, on_device // 2)
    batch_bytes = max(int(min(SHARE * free, CUDA_SHARE * on_device) / CUDA_BATCHES), LEAST_BATCH_BYTES)
    if not batch:
        batch_bytes = min(MOST_BATCH_BYTES["cuda"], batch_bytes)
    return MemoryPlan(batch_bytes, CUDA_BATCHES * batch_bytes, CUDA_BATCHES)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this is what torch, NumPy or OpenCV raise when memory runs out."""
    if isinstance(error, cv2.error):
        # Its `code` is that of the last error of any thread.
        return f"({cv2.Error.StsNoMem}:" in str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    # Torch has no type of its own for the CPU's memory, nor for what is pinned for a GPU.
    texts = ("DefaultCPUAllocator", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(text in str(error) for text in texts)


def settle(device: torch.device) -> None:
    """Waits until a device has done all that is queued.

    Before that, torch's tensors may be let go of; but Warp frees its meshes, and nvImageCodec its pictures,
    at once, whatever is still queued with them.

    Args:
        device: Any; the CPU has nothing queued.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def let_go(error: BaseException, device: torch.device) -> None:
    """Lets go of what tasks held until they failed, once the device has no more to do with it.

    Args:
        error: Why they failed; where that was is no longer known of it.
        device: What they worked on.
    """
    settle(device)
    traceback.clear_frames(error.__traceback__)
    # A frame that is cleared keeps what its functions have of it, and one that still runs may have the error:
    # then nothing but Python's collector would ever find them.
    error.__traceback__ = None


def release_cached(device: torch.device) -> None:
    """Gives back what torch keeps on the device for later."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


@contextlib.contextmanager
def spare_collector() -> Iterator[None]:
    """Keeps Python's collector from what is there already, which stays: each look at it takes 0.2 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _available_bytes() -> int:
    """What the host can still give, without swapping."""
    try:
        with open("/proc/meminfo") as file:
            lines = dict(line.split(":") for line in file)
        return int(lines["MemAvailable"].split()[0]) * 1024
    # Not Linux.
    except (OSError, LookupError, ValueError):
        # What is free is not known there: half of what there is.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
