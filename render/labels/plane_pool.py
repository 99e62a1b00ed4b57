"""Memory for the planes of batches, which is used again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from render.labels.layer import LayerSpec
from render.labels.write_layers import Planes
from render.types.buffer import Layout

# Buffers are whole multiples of it.
STEP_BYTES = 16 << 20


class PlanePool:
    """Lends planes that hold zeros.

    On the CPU their memory is kept: what is new to a process takes longer to be had than to be drawn into,
    and of a picture only what bodies cover need be cleared. On a GPU torch keeps it.

    Args:
        device: Where the planes are.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._lock = threading.Lock()
        # All zeros.
        self._free: list[torch.Tensor] = []

    @contextmanager
    def lend(self) -> Iterator[PlaneLoan]:
        """Planes for one batch, until the end of the block."""
        loan = PlaneLoan(self._device, self._take)
        yield loan
        # After an error anything may be in them, and they are left to the system.
        loan.clear()
        with self._lock:
            self._free += loan.buffers

    def _take(self, count: int) -> torch.Tensor:
        with self._lock:
            fitting = [i for i, buffer in enumerate(self._free) if len(buffer) >= count]
            # The smallest that is large enough, so that larger ones stay for those that need them.
            if fitting:
                return self._free.pop(min(fitting, key=lambda i: len(self._free[i])))
            # One that is too small now would be so again: a larger one takes its place.
            if self._free:
                self._free.pop()
        return torch.from_numpy(np.zeros(-(-count // STEP_BYTES) * STEP_BYTES, np.uint8))


class PlaneLoan:
    """The planes of one batch; made by `PlanePool`.

    Attributes:
        buffers: What they lie in, bytes; none on a GPU.
        layout: Of the batch's shots, as soon as it is known: nothing is written beyond its rectangles.
    """

    def __init__(self, device: torch.device, take: Callable[[int], torch.Tensor]) -> None:
        self._device = device
        self._take = take
        self._planes: list[Planes] = []
        self.buffers: list[torch.Tensor] = []
        self.layout: Layout | None = None

    def make(self, spec: LayerSpec, sizes_px: np.ndarray) -> Planes:
        """Planes of a layer, as `Planes` takes them."""
        if self._device.type != "cpu":
            return Planes(spec, sizes_px, self._device)
        planes = Planes(spec, sizes_px, self._device, self._lend)
        self._planes.append(planes)
        return planes

    def _lend(self, count: int) -> torch.Tensor:
        buffer = self._take(count)
        self.buffers.append(buffer)
        return buffer

    def clear(self) -> None:
        """Zeros where something was written."""
        if self.layout is None:
            return
        rects = self.layout.rect.tolist()
        for planes in self._planes:
            for plane, (x, y, w, h) in zip(planes.cut(planes.values), rects, strict=True):
                plane.numpy()[y : y + h, x : x + w] = 0
