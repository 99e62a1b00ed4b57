"""Memory of a device that is not there, given out and taken back as torch's caching allocators do.

A block that Python lets go of is at once free for the next allocation on the stream that it was made on,
whatever other streams still do with it. What it holds is lost there, in that stream's order.
"""

from __future__ import annotations

import math
import weakref
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import torch

from tests.helpers.late_streams import LateStream, LateStreams

# What torch takes at least, and what blocks are multiples of.
STEP_BYTES = 512
# Of a large block so much is spoilt: to fill all of it would take longer than drawing.
MOST_SPOILT = 1 << 18


class Block:
    """Memory of some tensors, for as long as one of them is there."""

    def __init__(
        self, memory: LateMemory, array: np.ndarray, count: int, stream: LateStream, dtype: torch.dtype
    ) -> None:
        self.array = array
        # Of a larger one torch, too, leaves the rest to others.
        memory.count_bytes(count)
        weakref.finalize(self, memory.take_back, array, count, stream, dtype)


class LateMemory:
    """All memory of the device, and what is pinned for it.

    Attributes:
        asked: How many tensors were made.
        bytes: What all of them take now.
        peak_bytes: The most that they took.
        runs_out: Given how many were made and what they take, whether there is no room for the last.
    """

    def __init__(self, streams: LateStreams) -> None:
        self._streams = streams
        # Of each stream what it may use again, the last that came back at the end.
        self._free: dict[LateStream, list[np.ndarray]] = defaultdict(list)
        self._anyones: list[np.ndarray] = []
        self._pinned: set[int] = set()
        self.runs_out: Callable[[int, int], bool] = lambda asked, total: False
        self.asked = self.bytes = self.peak_bytes = 0

    def allocate(
        self, shape: tuple[int, ...], stride: tuple[int, ...], dtype: torch.dtype
    ) -> tuple[torch.Tensor, Block]:
        """Room for a tensor, on the current stream, with what may do the most harm in it.

        Raises:
            OutOfMemoryError: It is to be so.
        """
        streams, stream = self._streams, self._streams.current
        items = (
            1 + sum((n - 1) * step for n, step in zip(shape, stride, strict=True)) if math.prod(shape) else 0
        )
        count = max(-(-items * dtype.itemsize // STEP_BYTES), 1) * STEP_BYTES
        with streams.lock:
            self.asked += 1
            if self.runs_out(self.asked, self.bytes + count):
                raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {count} bytes.")
            array = self._reuse(count, self._free[stream]) or self._reuse(count, self._anyones)
            whole = np.empty(count, np.uint8) if array is None else array[0]
            block = Block(self, whole, count, stream, dtype)
        tensor = torch.from_numpy(block.array)[: items * dtype.itemsize].view(dtype)
        streams.give(stream, lambda: poison(tensor))
        return tensor.as_strided(shape, stride), block

    def take_back(self, array: np.ndarray, count: int, stream: LateStream, dtype: torch.dtype) -> None:
        """Makes a block, of which `count` bytes were asked for, free for the stream that it was made on."""
        with self._streams.lock:
            self.count_bytes(-count)
            self._free[stream].append(array)
            self._streams.give(stream, lambda: poison(torch.from_numpy(array).view(dtype)))

    def release(self) -> None:
        """As `torch.cuda.empty_cache`: waits for the device, and then any stream may have what is free."""
        with self._streams.lock:
            self._streams.drain()
            for free in self._free.values():
                self._anyones += free
                free.clear()

    def pin(self, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        """A tensor on the CPU that may be copied late. Copies that are under way keep it, as torch does."""
        with self._streams.lock:
            self.asked += 1
            if self.runs_out(self.asked, self.bytes):
                # Torch has no type of its own for it.
                raise RuntimeError("CUDA error: out of memory")
        array = np.empty(max(math.prod(shape) * dtype.itemsize, 1), np.uint8)
        tensor = torch.from_numpy(array)
        self._pinned.add(tensor.data_ptr())
        weakref.finalize(array, self._pinned.discard, tensor.data_ptr())
        tensor = tensor[: math.prod(shape) * dtype.itemsize].view(dtype).view(shape)
        poison(tensor)
        return tensor

    def is_pinned(self, tensor: torch.Tensor) -> bool:
        """Whether it is from `pin`, or a part of it."""
        return tensor.untyped_storage().data_ptr() in self._pinned

    def count_bytes(self, count: int) -> None:
        """So many are taken, or given back if it is below 0."""
        self.bytes += count
        self.peak_bytes = max(self.peak_bytes, self.bytes)

    def _reuse(self, count: int, free: list[np.ndarray]) -> tuple[np.ndarray] | None:
        for i in reversed(range(len(free))):
            # Torch, too, leaves large blocks for large tensors.
            if count <= len(free[i]) <= 4 * count:
                return (free.pop(i),)
        return None


def poison(tensor: torch.Tensor) -> None:
    """Writes what nobody has written: NaN, or numbers that most indices may have, so that tests go on."""
    if tensor.is_contiguous():
        tensor = tensor.view(-1)[:MOST_SPOILT]
    if tensor.dtype.is_floating_point:
        tensor.fill_(math.nan)
    else:
        tensor.fill_(0xA5 if tensor.dtype == torch.uint8 else 1)
