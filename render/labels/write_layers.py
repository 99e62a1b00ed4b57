"""Writes layers of labels from the keys of a visibility buffer, in the types that files have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, Relaunch
from render.compute.transfer import upload
from render.errors import SheetError
from render.labels.layer import ALPHA, AMODAL, MOST, LayerSpec
from render.labels.layer_kernels import MOST_AT_ONCE, TYPES, make_write_layers
from render.labels.point import LabelBodies
from render.rasterize.kernel_views import Scene, view_shots
from render.types.buffer import Chunk, Layout

MOST_VALUES = 2**31 - 1


class Planes:
    """The values of one layer over all shots of a batch, one shot after the other.

    Args:
        spec: The layer; not of keypoints.
        sizes_px: (K, 2) width and height of the shots.
        device: Where they are.
        lend: Gives a buffer of so many bytes or more, all 0, on the device; left out, one is made.

    Raises:
        SheetError: They are more than kernels count in 32 bits.
    """

    def __init__(
        self,
        spec: LayerSpec,
        sizes_px: np.ndarray,
        device: torch.device,
        lend: Callable[[int], torch.Tensor] | None = None,
    ) -> None:
        self.spec = spec
        self._channels = len(spec.layer.channels)
        self._sizes = sizes_px
        areas = self._channels * sizes_px.prod(1, dtype=np.int64)
        self._start = np.append(0, np.cumsum(areas))
        # A batch's sheets with four bytes a pixel are less than 2 GB, and no layer has more channels. Masks
        # of each person by himself may be more.
        if self._start[-1] > MOST_VALUES:
            raise SheetError(
                f"layers: {spec.name} of {np.count_nonzero(areas)} pictures, {self._start[-1] / 1e9:.2f} GB, "
                f"is more than one batch can hold, {MOST_VALUES / 1e9:.2f} GB; leave that layer out"
            )
        count, kind = int(self._start[-1]), TYPES[spec.dtype][0]
        if lend is None:
            self.values = torch.zeros(count, dtype=kind, device=device)
        else:
            count_bytes = count * kind.itemsize
            self.values = lend(count_bytes)[:count_bytes].view(kind)
        self.start = upload(self._start[:-1].copy(), device)

    def cut(self, values: torch.Tensor) -> list[torch.Tensor]:
        """Views of (H, W, C) for each shot, of the layer's type.

        Args:
            values: These, or a copy of them elsewhere.
        """
        if self.spec.dtype == "uint16":
            values = values.view(torch.uint16)
        return [
            values[begin:end].view(height, width, self._channels)
            for begin, end, (width, height) in zip(
                self._start[:-1].tolist(), self._start[1:].tolist(), self._sizes.tolist(), strict=True
            )
        ]


def group_layers(specs: Sequence[LayerSpec]) -> list[tuple[LayerSpec, ...]]:
    """Layers that one kernel writes each, in the order in which it does.

    Coverage comes last, for finding edges marks the keys, and masks of people by themselves are of other
    shots; each is alone.

    Args:
        specs: Of the planes of a batch.
    """
    plain = sorted(
        (spec for spec in specs if spec.name not in (ALPHA, AMODAL)), key=lambda spec: (spec.name, spec.dtype)
    )
    groups = [tuple(plain[i : i + MOST_AT_ONCE]) for i in range(0, len(plain), MOST_AT_ONCE)]
    return groups + [(spec,) for name in (AMODAL, ALPHA) for spec in specs if spec.name == name]


def open_layers(
    planes: Sequence[Planes],
    keys: torch.Tensor,
    layout: Layout,
    scene: Scene,
    labels: LabelBodies,
    is_last: bool,
) -> Callable[[Chunk], None]:
    """What writes layers of a chunk from its keys.

    Args:
        planes: Of all shots of the batch, up to `MOST_AT_ONCE`.
        keys: int64, one for each sample of the chunk or more.
        layout: Of the batch's shots, with one sample a pixel.
        scene: Of the batch.
        labels: Of the batch.
        is_last: Whether the keys are to be EMPTY afterwards.

    Returns:
        A function that one thread may use.
    """
    device, missing = keys.device, MOST_AT_ONCE - len(planes)
    specs = [of.spec for of in planes]
    scale = [_spread(spec.store.scale) for spec in specs] + [[0.0] * 4] * missing
    # Rounded by adding a half and taking the next whole number below.
    halves = [0.5 if spec.precision in MOST and not spec.store.rounds_down else 0.0 for spec in specs]
    offset = [spec.store.offset + half for spec, half in zip(specs, halves, strict=True)] + [0.0] * missing
    # In 32 bits 2^31 - 1 is no float; ids are far below.
    most = [MOST.get(spec.precision, 0.0) for spec in specs] + [0.0] * missing
    starts = [of.start for of in planes] + [planes[0].start] * missing
    nothing = torch.zeros(0, dtype=torch.uint8, device=device)
    values = [of.values for of in planes] + [nothing] * missing
    lanes = CUDA_ROW_LANES if device.type == "cuda" else 1
    inputs = [lanes, is_last, wp.mat44f(*scale), wp.vec4f(*offset), wp.vec4f(*most), keys]
    inputs += [view_shots(layout), scene, labels.view(), *starts, *values]
    kernel = make_write_layers(tuple((spec.layer_name, spec.dtype) for spec in specs))
    write = Relaunch(kernel, 2, inputs, device)

    def fill(chunk: Chunk) -> None:
        write(len(chunk.rows) * lanes, chunk.rows.start, chunk.samples.start)

    return fill


def _spread(scale: tuple[float, ...]) -> list[float]:
    """Of four channels, of which the last may not be there."""
    return list(scale * 4 if len(scale) == 1 else (*scale, 1.0, 1.0, 1.0)[:4])
