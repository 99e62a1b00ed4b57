"""Where bodies are and how large: what framing a view around them needs."""

from __future__ import annotations

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
    center[body] = total / weight
    low[body] = wp.vec3d(least)
    high[body] = wp.vec3d(most)


def measure_extents(
    verts: torch.Tensor, weights: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean vertex, and least and greatest corner of the bounding box, each (M, 3) m, float64.

    verts: (M, V, 3) m. weights: (V,) float64, of the vertices in the mean. Sums run in the order of the
    vertices, so they are the same bits in any batch.
    """
    results = [torch.empty(len(verts), 3, dtype=torch.float64, device=verts.device) for _ in range(3)]
    launch(find_extents, len(verts), [verts, weights, *results], verts.device)
    return tuple(results)
