"""Buffers on the CPU that are used again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable

import torch

# Buffers are whole multiples of it: batches differ by a sheet or two, and what is taken for one is to serve
# the next.
STEP_BYTES = 16 << 20


class BufferPool:
    """Keeps buffers of bytes: memory that is new to a process costs as much time as decoding a photo into it.

    Args:
        make: Makes a buffer of so many bytes.
    """

    def __init__(self, make: Callable[[int], torch.Tensor]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._free: list[torch.Tensor] = []

    def take(self, count: int) -> torch.Tensor:
        """A buffer of `count` bytes or more, as it was given back or made."""
        with self._lock:
            fitting = [i for i, buffer in enumerate(self._free) if len(buffer) >= count]
            # The smallest that is large enough, so that larger ones stay for those that need them.
            if fitting:
                return self._free.pop(min(fitting, key=lambda i: len(self._free[i])))
            # One that is too small now would be so again: a larger one takes its place.
            if self._free:
                self._free.pop()
        return self._make(-(-count // STEP_BYTES) * STEP_BYTES)

    def give_back(self, buffer: torch.Tensor) -> None:
        """Keeps a buffer for those who come next."""
        with self._lock:
            self._free.append(buffer)
