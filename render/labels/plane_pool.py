"""Memory for the planes of batches, which is used again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from render.compute.buffer_pool import BufferPool
from render.labels.layer import LayerSpec
from render.labels.write_layers import Planes
from render.types.buffer import Layout


class PlanePool:
    """Lends planes that hold zeros.

    On the CPU their memory is kept: what is new to a process takes longer to be had than to be drawn into,
    and of a picture only what bodies cover need be cleared. On a GPU torch keeps it.

    Args:
        device: Where the planes are.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        # All zeros.
        self._buffers = BufferPool(lambda count: torch.from_numpy(np.zeros(count, np.uint8)))

    @contextmanager
    def lend(self) -> Iterator[PlaneLoan]:
        """Planes for one batch, until the end of the block."""
        loan = PlaneLoan(self._device, self._buffers.take)
        yield loan
        # After an error anything may be in them, and they are left to the system.
        loan.clear()
        for buffer in loan.buffers:
            self._buffers.give_back(buffer)


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
