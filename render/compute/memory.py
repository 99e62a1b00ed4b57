"""How much of a run is under way at once, and what to do when that was too much."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import torch

from render.compute.control_group import read_free_bytes

MB = 1_000_000
# On the CPU, some thirty photos of 640x480 with a panel beside: enough to make little of what is done once a
# batch. On a GPU a thousand of them.
MOST_BATCH_BYTES = {"cpu": 128 * MB, "cuda": 4000 * MB}
# Less would hold a sheet or two, and a batch costs something whatever it holds.
LEAST_BATCH_BYTES = 16 * MB
# Of the memory that is free, what batches may take together.
SHARE = 0.25
# On a GPU: one batch is decoded, one drawn, one encoded.
CUDA_BATCHES = 3
# And what is not weighed by sheets: two visibility buffers of 1 GB, posing, the workspaces of the libraries.
CUDA_RESERVED_BYTES = 4000 * MB


class MemoryPlan(NamedTuple):
    """How many bytes batches may take.

    Attributes:
        batch_bytes: One batch.
        capacity_bytes: All that are under way together.
    """

    batch_bytes: int
    capacity_bytes: int


def plan_memory(device: torch.device, threads: int, sharers: int = 1) -> MemoryPlan:
    """The plan for a run: one batch for each thread and one to follow, if memory allows.

    Args:
        device: What the run draws on; on a GPU there are CUDA_BATCHES of them, whatever the threads.
        threads: How many work on the CPU.
        sharers: How many processes plan there as this one does, none of which has taken much so far.
    """
    free, batches = _available_bytes(), threads + 1
    # What is free on the machine may be more than this process is given of it.
    in_group = read_free_bytes()
    free = (free if in_group is None else min(free, in_group)) // sharers
    if device.type == "cuda":
        # A small GPU keeps half of what is free for batches, whatever should be reserved.
        on_device = torch.cuda.mem_get_info(device)[0] // sharers
        free, batches = min(free, on_device - min(CUDA_RESERVED_BYTES, on_device // 2)), CUDA_BATCHES
    share = int(SHARE * free / batches)
    batch_bytes = min(MOST_BATCH_BYTES[device.type], max(share, LEAST_BATCH_BYTES))
    return MemoryPlan(batch_bytes, batches * batch_bytes)


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
