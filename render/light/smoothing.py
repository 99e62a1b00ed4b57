"""Light at vertices, smoothed over their neighbours: few directions leave small steps between them."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch

wp.set_module_options(MODULE_OPTIONS)

# What a vertex takes of the mean of its neighbours.
SHARE = wp.constant(wp.float32(0.5))
# Sums are of whole numbers of this part, so that they are the same in any order.
STEPS = wp.constant(wp.float32(4096.0))


# A thread a face: each corner is told of the two others. The last number of a sum counts how often.
@wp.kernel
def tell_neighbours(
    faces: wp.array(dtype=wp.vec3i), values: wp.array3d(dtype=wp.float32), sums: wp.array3d(dtype=wp.int32)
):
    group, face = wp.tid()
    corners = faces[face]
    channels = values.shape[2]
    for channel in range(channels):
        a = wp.int32(values[group, corners[0], channel] * STEPS + 0.5)
        b = wp.int32(values[group, corners[1], channel] * STEPS + 0.5)
        c = wp.int32(values[group, corners[2], channel] * STEPS + 0.5)
        wp.atomic_add(sums, group, corners[0], channel, b + c)
        wp.atomic_add(sums, group, corners[1], channel, c + a)
        wp.atomic_add(sums, group, corners[2], channel, a + b)
    for i in range(3):
        wp.atomic_add(sums, group, corners[i], channels, 2)


@wp.kernel
def settle(sums: wp.array3d(dtype=wp.int32), values: wp.array3d(dtype=wp.float32)):
    group, vertex = wp.tid()
    channels = values.shape[2]
    count = wp.float32(sums[group, vertex, channels])
    # A vertex of no face has no neighbours.
    if count > 0.0:
        for channel in range(channels):
            mean = wp.float32(sums[group, vertex, channel]) / (count * STEPS)
            own = values[group, vertex, channel]
            values[group, vertex, channel] = own + SHARE * (mean - own)


def smooth(values: torch.Tensor, faces: torch.Tensor) -> None:
    """Draws shares of light at vertices towards those of their neighbours, in place.

    Args:
        values: (M, V, C) float32, of M bodies, 0 to 1.
        faces: (F, 3) int32.
    """
    count, vert_count, channels = values.shape
    sums = torch.zeros(count, vert_count, channels + 1, dtype=torch.int32, device=values.device)
    launch(tell_neighbours, (count, len(faces)), [faces, values, sums], values.device)
    launch(settle, (count, vert_count), [sums, values], values.device)
