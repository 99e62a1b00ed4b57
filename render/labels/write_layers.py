"""Writes layers of labels from the keys of a visibility buffer, in the types that files have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, MODULE_OPTIONS, Relaunch, build_once, natural
from render.compute.transfer import upload
from render.errors import RenderError
from render.labels.layer import LAYERS, MOST, LayerSpec
from render.labels.point import LabelBodies, LabelScene, make_find_label_point
from render.rasterize.buffer import EMPTY, read_id
from render.rasterize.kernel_views import Scene, Shots, view_shots
from render.types.buffer import Chunk, Layout

wp.set_module_options(MODULE_OPTIONS)

# Warp takes no tensors of 16 bits without a sign: those with one hold the same bits.
TYPES = {
    "uint8": (torch.uint8, wp.uint8),
    "uint16": (torch.int16, wp.int16),
    "int32": (torch.int32, wp.int32),
    "float16": (torch.float16, wp.float16),
    "float32": (torch.float32, wp.float32),
}


MOST_VALUES = 2**31 - 1


@build_once
def make_write_layer(name: str, dtype: str) -> wp.Kernel:
    """The kernel that writes a layer: `lanes` threads a row of pixels.

    Args:
        name: One of LAYERS.
        dtype: NumPy's name of the type.
    """
    layer = LAYERS.load(name)
    value, find_point = layer.make_value(), make_find_label_point(layer)
    count, kind = len(layer.channels), TYPES[dtype][1]
    is_whole = not dtype.startswith("float")

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def write_layer(
        first_row: wp.int32,
        origin: wp.int64,
        lanes: wp.int32,
        empties: wp.bool,
        scale: wp.vec4f,
        offset: wp.float32,
        most: wp.float32,
        keys: wp.array(dtype=wp.int64),
        shots: Shots,
        scene: Scene,
        labels: LabelScene,
        start: wp.array(dtype=wp.int64),
        values: wp.array(dtype=kind),
    ):
        thread = wp.tid()
        row = first_row + thread / lanes
        p = shots.row_shot[row]
        r = shots.rect[p]
        y = row - shots.first_row[p]
        # No placement of this shot reaches this row.
        if y < r[1] or y >= r[1] + r[3]:
            return
        face_count = wp.uint32(scene.faces.shape[0])
        # 32 bits hold both: see `Planes` for the one, and chunks have fewer samples.
        at_row = wp.int32(start[p]) + y * shots.size[p][0] * wp.static(count)
        base = wp.int32(shots.start[p] - origin) + y * shots.stride[p]
        for x in range(r[0] + thread % lanes, r[0] + r[2], lanes):
            key = keys[natural(base + x)]
            if key != EMPTY:
                if empties:
                    keys[natural(base + x)] = EMPTY
                id = read_id(key)
                placement = wp.int32(id / face_count)
                face = wp.int32(id - wp.uint32(placement) * face_count)
                at_x, at_y = wp.float32(x) + 0.5, wp.float32(y) + 0.5
                found = value(find_point(scene, labels, shots.depth_range[p], placement, face, at_x, at_y))
                for channel in range(wp.static(count)):
                    stored = found[channel] * scale[channel] + offset
                    at = natural(at_row + wp.static(count) * x + channel)
                    if wp.static(is_whole):
                        values[at] = kind(wp.int32(wp.clamp(wp.floor(stored), 0.0, most)))
                    else:
                        values[at] = kind(stored)

    return write_layer


class Planes:
    """The values of one layer over all shots of a batch, one shot after the other.

    Args:
        spec: The layer; not of keypoints.
        sizes_px: (K, 2) width and height of the shots.
        device: Where they are.
        lend: Gives a buffer of so many bytes or more, all 0, on the device; left out, one is made.

    Raises:
        RenderError: They are more than kernels count in 32 bits.
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
            raise RenderError(
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


def open_layer(
    planes: Planes,
    keys: torch.Tensor,
    layout: Layout,
    scene: Scene,
    labels: LabelBodies,
    is_last: bool,
) -> Callable[[Chunk], None]:
    """What writes a layer of a chunk from its keys.

    Args:
        planes: Of all shots of the batch.
        keys: int64, one for each sample of the chunk or more.
        layout: Of the batch's shots, with one sample a pixel.
        scene: Of the batch.
        labels: Of the batch.
        is_last: Whether the keys are to be EMPTY afterwards.

    Returns:
        A function that one thread may use.
    """
    device, spec = keys.device, planes.spec
    store = spec.store
    is_whole = spec.precision in MOST
    # In 32 bits 2^31 - 1 is no float; ids are far below.
    most = MOST.get(spec.precision, 0.0)
    # Rounded by adding a half and taking the next whole number below.
    offset = store.offset + (0.5 if is_whole and not store.rounds_down else 0.0)
    lanes = CUDA_ROW_LANES if device.type == "cuda" else 1
    inputs = [lanes, is_last, _spread(store.scale), offset, most, keys]
    inputs += [view_shots(layout), scene, labels.view(), planes.start, planes.values]
    write = Relaunch(make_write_layer(spec.layer_name, spec.dtype), 2, inputs, device)

    def fill(chunk: Chunk) -> None:
        write(len(chunk.rows) * lanes, chunk.rows.start, chunk.samples.start)

    return fill


def _spread(scale: tuple[float, ...]) -> wp.vec4f:
    """Of four channels, of which the last may not be there."""
    return wp.vec4f(*(scale if len(scale) > 1 else scale * 4), *[1.0] * (len(scale) == 3))
