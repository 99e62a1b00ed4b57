"""How far bodies reach: along directions, and from an upright axis."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes, natural

wp.set_module_options(MODULE_OPTIONS)


# Directions whose products with a vertex are found at once; views have five or six.
AT_ONCE = 8
numbers = wp.types.vector(length=AT_ONCE, dtype=wp.float64)


# A lane takes every lanes-th vertex; the greatest number is the same in any order.
@wp.kernel
def reach_along_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    body: wp.array(dtype=wp.int32),
    directions: wp.array2d(dtype=numbers),
    lanes: wp.int32,
    reach: wp.array2d(dtype=numbers),
):
    row, lane = wp.tid()
    own = natural(body[row])
    x, y, z = directions[row, 0], directions[row, 1], directions[row, 2]
    farthest = numbers(wp.float64(-wp.inf))
    for vertex in range(lane, verts.shape[1], lanes):
        v = wp.vec3d(verts[own, natural(vertex)])
        farthest = wp.max(farthest, v[0] * x + v[1] * y + v[2] * z)
    reach[row, lane] = farthest


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
    reach = []
    for part in directions.split(AT_ONCE, 1):
        # The last numbers of the last part are of no direction.
        filled = torch.zeros(count, 3, AT_ONCE, dtype=torch.float64, device=device)
        filled[:, :, : part.shape[1]] = part.mT
        found = torch.empty(count, lanes, AT_ONCE, dtype=torch.float64, device=device)
        launch(reach_along_lanes, (count, lanes), [verts, body, filled, lanes, found], device)
        reach.append(found.amax(1))
    return torch.cat(reach, 1)[:, :kinds]


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
