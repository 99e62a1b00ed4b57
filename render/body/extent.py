"""Where bodies are and how large: what framing a view around them needs."""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, launch

wp.set_module_options(MODULE_OPTIONS)


@wp.kernel
def find_extents(
    verts: wp.array2d(dtype=wp.vec3f),
    weights: wp.array(dtype=wp.float64),
    center: wp.array(dtype=wp.vec3d),
    low: wp.array(dtype=wp.vec3d),
    high: wp.array(dtype=wp.vec3d),
    radius: wp.array(dtype=wp.float64),
):
    body = wp.tid()
    least = verts[body, 0]
    most = least
    total = wp.vec3d()
    weight = wp.float64(0.0)
    for vertex in range(verts.shape[1]):
        v = verts[body, vertex]
        least = wp.min(least, v)
        most = wp.max(most, v)
        total += weights[vertex] * wp.vec3d(v)
        weight += weights[vertex]
    middle = total / weight
    farthest = wp.float64(0.0)
    for vertex in range(verts.shape[1]):
        farthest = wp.max(farthest, wp.length(wp.vec3d(verts[body, vertex]) - middle))
    center[body] = middle
    radius[body] = farthest
    low[body] = wp.vec3d(least)
    high[body] = wp.vec3d(most)


class Extents(NamedTuple):
    """Mean vertex, least and greatest corner of the bounding box, each (M, 3) m, float64.

    radius: the greatest distance of a vertex from the mean, (M,) m.
    """

    center: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    radius: torch.Tensor


def measure_extents(verts: torch.Tensor, weights: torch.Tensor) -> Extents:
    """Extents of bodies.

    verts: (M, V, 3) m. weights: (V,) float64, of the vertices in the mean. Sums run in the order of the
    vertices, so they are the same bits in any batch.
    """
    count, on = len(verts), {"dtype": torch.float64, "device": verts.device}
    extents = Extents(*(torch.empty(count, 3, **on) for _ in range(3)), torch.empty(count, **on))
    launch(find_extents, count, [verts, weights, *extents], verts.device)
    return extents
