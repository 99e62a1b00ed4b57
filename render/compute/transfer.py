"""Between the CPU and a device: uploads, downloads, and buffers that may be copied without waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch

from render.compute.buffer_pool import BufferPool


def upload(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """The array on the device; to CUDA without waiting for it, through pinned memory.

    On the CPU it shares the array's memory.
    """
    tensor = torch.from_numpy(array)
    # Warp wants strides of all arrays, and NumPy gives none to those without numbers.
    if not array.size:
        tensor = torch.empty(tensor.shape, dtype=tensor.dtype)
    if device.type != "cuda":
        return tensor
    with on_gpu(device):
        # Torch keeps pinned memory until the copy is done, so it may be dropped here.
        return tensor.pin_memory().to(device, non_blocking=True)


def on_gpu(device: torch.device) -> AbstractContextManager[Any]:
    """Makes a GPU the current one of this thread.

    Memory is pinned for the current one, and threads begin with the first: with another, as device=cuda:1,
    the first would be opened too, and would give half a gigabyte for nothing.
    """
    return torch.cuda.device(device) if device.index else nullcontext()


class PixelPool:
    """Buffers of bytes on the CPU that may be copied to and from the device without waiting.

    Args:
        device: To and from which they are copied; their memory is pinned if it is a GPU.
    """

    def __init__(self, device: torch.device) -> None:
        # Not by a method of this object: whoever lets go of it lets go of the buffers at once.
        self._buffers = BufferPool(partial(_make_pinned, device) if device.type == "cuda" else _make_plain)

    @contextmanager
    def lend(self, count: int) -> Iterator[torch.Tensor]:
        """`count` bytes with anything in them, until the end of the block."""
        buffer = self._buffers.take(count)
        try:
            yield buffer[:count]
        finally:
            self._buffers.give_back(buffer)


def _make_pinned(device: torch.device, count: int) -> torch.Tensor:
    with on_gpu(device):
        return torch.empty(count, dtype=torch.uint8, pin_memory=True)


def _make_plain(count: int) -> torch.Tensor:
    # NumPy asks the system for large pages, torch does not.
    return torch.from_numpy(np.empty(count, np.uint8))


class DeviceQueue:
    """The order of one batch's work on a device: on CUDA a stream of its own, so that batches overlap.

    On the CPU everything is done when it is called.

    Args:
        device: The device.
    """

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls `function`, from any thread, with what it queues on the device in this queue.

        Returns:
            What `function` returns.
        """
        if self._stream is None:
            return function(*args, **kwargs)
        # Which stream is current is known to each thread for itself.
        with torch.cuda.stream(self._stream):
            return function(*args, **kwargs)

    def download(self, source: torch.Tensor, pinned: torch.Tensor | None = None) -> torch.Tensor:
        """Queues a copy to the CPU.

        Args:
            source: What is copied; on the CPU it is returned as it is.
            pinned: Where to; new pinned memory if left out.

        Returns:
            The copy, whole after `wait`.
        """
        if self._stream is None:
            return source
        if pinned is None:
            with on_gpu(source.device):
                pinned = torch.empty(source.shape, dtype=source.dtype, pin_memory=True)
        return self.call(pinned.copy_, source, non_blocking=True)

    def wait(self) -> None:
        """Returns when all that was queued is done; other threads go on meanwhile."""
        if self._stream is not None:
            # Whoever waits for the stream itself asks without a pause, and takes a core from those that
            # decode; for such an event the system wakes the thread.
            event = torch.cuda.Event(blocking=True)
            event.record(self._stream)
            event.synchronize()
