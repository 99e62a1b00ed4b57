"""How much of edge pixels bodies cover, from the keys of their samples."""

from __future__ import annotations

from collections.abc import Callable

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, Relaunch, build_once, natural
from render.labels.layer import MOST
from render.labels.layer_kernels import TYPES
from render.labels.write_layers import Planes
from render.rasterize.buffer import EMPTY
from render.rasterize.edge_pixels.edge_pixels import Slots
from render.rasterize.edge_pixels.samples import SAMPLES
from render.rasterize.kernel_views import Shots, view_shots
from render.types.buffer import Chunk, Layout

wp.set_module_options(MODULE_OPTIONS)


@build_once
def make_write_coverage(dtype: str) -> wp.Kernel:
    """The kernel that writes the coverage of edge pixels, a thread each, and empties their keys and samples.

    Args:
        dtype: NumPy's name of the type.
    """
    kind, is_whole = TYPES[dtype][1], not dtype.startswith("float")

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def write_coverage(
        first: wp.int32,
        origin: wp.int64,
        most: wp.float32,
        places: wp.array(dtype=wp.vec2i),
        samples: wp.array(dtype=wp.int64),
        keys: wp.array(dtype=wp.int64),
        bits: wp.array(dtype=wp.int32),
        shots: Shots,
        start: wp.array(dtype=wp.int64),
        values: wp.array(dtype=kind),
    ):
        slot = wp.tid()
        place = places[natural(first + slot)]
        p = shots.row_shot[place[0]]
        x, y = place[1], place[0] - shots.first_row[p]
        at_key = wp.int32(shots.start[p] - origin) + y * shots.stride[p] + x
        keys[natural(at_key)] = EMPTY
        # Of all pixels in the word at once, for none of them keeps its mark.
        bits[natural(at_key >> 5)] = wp.int32(0)
        covered = wp.int32(0)
        for i in range(SAMPLES):
            at = natural(slot * SAMPLES + i)
            if samples[at] != EMPTY:
                covered += 1
                samples[at] = EMPTY
        at_pixel = natural(wp.int32(start[p]) + y * shots.size[p][0] + x)
        share = most * wp.float32(covered) / wp.float32(SAMPLES)
        if wp.static(is_whole):
            values[at_pixel] = kind(wp.int32(share + 0.5))
        else:
            values[at_pixel] = kind(share)

    return write_coverage


def open_coverage(
    planes: Planes, keys: torch.Tensor, slots: Slots, layout: Layout
) -> Callable[[Chunk, range], None]:
    """What writes the coverage of edge pixels of a chunk; their keys are EMPTY afterwards.

    Args:
        planes: Of alpha, of all shots of the batch.
        keys: int64, one for each pixel of the chunk or more.
        slots: Of `keys`.
        layout: Of the batch's shots, with one sample a pixel.

    Returns:
        A function from the chunk and which of the places are filled, that one thread may use.
    """
    kernel, most = make_write_coverage(planes.spec.dtype), MOST.get(planes.spec.precision, 1.0)
    shots = view_shots(layout)
    places, write = None, None

    def fill(chunk: Chunk, part: range) -> None:
        nonlocal places, write
        # A chunk may have more of them than there was room for.
        if write is None or places is not slots.places:
            places = slots.places
            own = [places, slots.samples, keys, slots.bits]
            write = Relaunch(kernel, 2, [most, *own, shots, planes.start, planes.values], keys.device)
        write(len(part), part.start, chunk.samples.start)

    return fill
