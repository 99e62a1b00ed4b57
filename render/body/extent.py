"""Where bodies are and how large: what framing a view around them needs."""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes

wp.set_module_options(MODULE_OPTIONS)


# A lane takes every lanes-th vertex. The sums are in float64, so that rounding stays far below float32's.
@wp.kernel
def sum_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    weights: wp.array(dtype=wp.float64),
    lanes: wp.int32,
    total: wp.array2d(dtype=wp.vec4d),
    low: wp.array2d(dtype=wp.vec3f),
    high: wp.array2d(dtype=wp.vec3f),
):
    body, lane = wp.tid()
    least = verts[body, lane]
    most = least
    x, y, z, weight = wp.float64(0.0), wp.float64(0.0), wp.float64(0.0), wp.float64(0.0)
    for vertex in range(lane, verts.shape[1], lanes):
        v = verts[body, vertex]
        w = weights[vertex]
        least = wp.min(least, v)
        most = wp.max(most, v)
        x += w * wp.float64(v[0])
        y += w * wp.float64(v[1])
        z += w * wp.float64(v[2])
        weight += w
    total[body, lane] = wp.vec4d(x, y, z, weight)
    low[body, lane] = least
    high[body, lane] = most


# One thread a body, which takes the lanes in their order.
@wp.kernel
def merge_lanes(
    total: wp.array2d(dtype=wp.vec4d),
    lane_low: wp.array2d(dtype=wp.vec3f),
    lane_high: wp.array2d(dtype=wp.vec3f),
    center: wp.array(dtype=wp.vec3d),
    low: wp.array(dtype=wp.vec3d),
    high: wp.array(dtype=wp.vec3d),
):
    body = wp.tid()
    sum = total[body, 0]
    least = lane_low[body, 0]
    most = lane_high[body, 0]
    for lane in range(1, total.shape[1]):
        sum += total[body, lane]
        least = wp.min(least, lane_low[body, lane])
        most = wp.max(most, lane_high[body, lane])
    center[body] = wp.vec3d(sum[0], sum[1], sum[2]) / sum[3]
    low[body] = wp.vec3d(least)
    high[body] = wp.vec3d(most)


# The greatest number is the same in any order, so the lanes may be merged outside, by torch.
@wp.kernel
def reach_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    center: wp.array(dtype=wp.vec3d),
    lanes: wp.int32,
    reach: wp.array2d(dtype=wp.float64),
):
    body, lane = wp.tid()
    middle = center[body]
    farthest = wp.float64(0.0)
    for vertex in range(lane, verts.shape[1], lanes):
        farthest = wp.max(farthest, wp.length_sq(wp.vec3d(verts[body, vertex]) - middle))
    reach[body, lane] = wp.sqrt(farthest)


class Extents(NamedTuple):
    """Where bodies are and how large, in m, float64.

    Attributes:
        center: The mean vertex (M, 3).
        low: Least corner of the bounding box (M, 3).
        high: Greatest corner of the bounding box (M, 3).
        radius: The greatest distance of a vertex from the mean (M,).
    """

    center: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    radius: torch.Tensor


def measure_extents(verts: torch.Tensor, weights: torch.Tensor) -> Extents:
    """Extents of bodies.

    Sums run in an order that depends on nothing but the device, so they are the same bits in any batch.

    Args:
        verts: (M, V, 3) m.
        weights: (V,) float64, of the vertices in the mean.
    """
    (count, vert_count), device = verts.shape[:2], verts.device
    lanes = loop_lanes(device, vert_count)
    total = torch.empty(count, lanes, 4, dtype=torch.float64, device=device)
    lane_low, lane_high = (torch.empty(count, lanes, 3, dtype=torch.float32, device=device) for _ in range(2))
    launch(sum_lanes, (count, lanes), [verts, weights, lanes, total, lane_low, lane_high], device)
    center, low, high = (torch.empty(count, 3, dtype=torch.float64, device=device) for _ in range(3))
    launch(merge_lanes, count, [total, lane_low, lane_high, center, low, high], device)
    reach = torch.empty(count, lanes, dtype=torch.float64, device=device)
    launch(reach_lanes, (count, lanes), [verts, center, lanes, reach], device)
    return Extents(center, low, high, reach.amax(1))
