"""Where bodies are and how large: what framing a view around them needs."""

from __future__ import annotations

import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, launch

wp.set_module_options(MODULE_OPTIONS)


@wp.kernel
def find_extents(
    verts: wp.array2d(dtype=wp.vec3f), center: wp.array(dtype=wp.vec3d), extent: wp.array(dtype=wp.float64)
):
    body = wp.tid()
    low = verts[body, 0]
    high = low
    total = wp.vec3d()
    for vertex in range(verts.shape[1]):
        v = verts[body, vertex]
        low = wp.min(low, v)
        high = wp.max(high, v)
        total += wp.vec3d(v)
    center[body] = total / wp.float64(verts.shape[1])
    extent[body] = wp.float64(wp.max(high - low))


def measure_extents(verts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """verts: (M, V, 3) m. Returns the mean vertex (M, 3) m and the longest side of the box (M,) m, float64.

    The sum runs in the order of the vertices, so it is the same bits in any batch.
    """
    center = torch.empty(len(verts), 3, dtype=torch.float64, device=verts.device)
    extent = torch.empty(len(verts), dtype=torch.float64, device=verts.device)
    launch(find_extents, len(verts), [verts, center, extent], verts.device)
    return center, extent
