"""How far bodies reach: along directions, and from an upright axis."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes

wp.set_module_options(MODULE_OPTIONS)


# A lane takes every lanes-th vertex; the greatest number is the same in any order. Directions are few, and
# the last loop index would be known to no compiler, so they go outside.
@wp.kernel
def reach_along_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    body: wp.array(dtype=wp.int32),
    directions: wp.array2d(dtype=wp.vec3d),
    lanes: wp.int32,
    reach: wp.array3d(dtype=wp.float64),
):
    row, lane = wp.tid()
    own = body[row]
    for k in range(directions.shape[1]):
        direction = directions[row, k]
        farthest = wp.float64(-wp.inf)
        for vertex in range(lane, verts.shape[1], lanes):
            farthest = wp.max(farthest, wp.dot(direction, wp.vec3d(verts[own, vertex])))
        reach[row, lane, k] = farthest


@wp.kernel
def reach_aside_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    lanes: wp.int32,
    reach: wp.array2d(dtype=wp.float64),
):
    body, lane = wp.tid()
    turn, offset = matrix[body], shift[body]
    farthest = wp.float64(0.0)
    for vertex in range(lane, verts.shape[1], lanes):
        place = turn * wp.vec3d(verts[body, vertex]) + offset
        farthest = wp.max(farthest, place[0] * place[0] + place[2] * place[2])
    reach[body, lane] = wp.sqrt(farthest)


def reach_along(verts: torch.Tensor, body: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
    """The greatest dot product of each direction with a body's vertices.

    Args:
        verts: (M, V, 3) m.
        body: (D,) int32, which of them.
        directions: (D, K, 3), of any length, float64.

    Returns:
        (D, K) float64.
    """
    device, lanes = verts.device, loop_lanes(verts.device, verts.shape[1])
    count, kinds = directions.shape[:2]
    reach = torch.empty(count, lanes, kinds, dtype=torch.float64, device=device)
    launch(reach_along_lanes, (count, lanes), [verts, body, directions.contiguous(), lanes, reach], device)
    return reach.amax(1)


def reach_aside(verts: torch.Tensor, matrix: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """The greatest distance of bodies from the y axis of a space.

    Args:
        verts: (M, V, 3) m.
        matrix: (M, 3, 3), a vertex v of a body lies at matrix v + shift there, float64.
        shift: (M, 3), float64.

    Returns:
        (M,) float64.
    """
    device, lanes = verts.device, loop_lanes(verts.device, verts.shape[1])
    reach = torch.empty(len(verts), lanes, dtype=torch.float64, device=device)
    launch(
        reach_aside_lanes,
        (len(verts), lanes),
        [verts, matrix.contiguous(), shift.contiguous(), lanes, reach],
        device,
    )
    return reach.amax(1)
