"""Where bodies meet the ground."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.sheet.ground.silhouettes import OnFloor, stand

wp.set_module_options(MODULE_OPTIONS)

# Above what is lowest of a body, as a share of its height: a foot that is on the ground.
SOLE = wp.constant(wp.float64(0.03))


# A thread a placement: they are few.
@wp.kernel
def find_nearest(
    verts: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    floor: wp.array(dtype=wp.float64),
    unit: wp.array(dtype=wp.float64),
    body: wp.array(dtype=wp.int32),
    ahead: wp.array(dtype=wp.vec2d),
    contact: wp.array(dtype=wp.vec2d),
):
    placement = wp.tid()
    own = body[placement]
    low, high = wp.float64(wp.inf), wp.float64(-wp.inf)
    for vertex in range(verts.shape[1]):
        at = stand(verts[own, vertex], matrix[own], shift[own], floor[own], unit[own])
        low, high = wp.min(low, at[2]), wp.max(high, at[2])
    nearest = wp.float64(wp.inf)
    total = wp.vec2d(wp.float64(0.0), wp.float64(0.0))
    count = wp.int32(0)
    for vertex in range(verts.shape[1]):
        at = stand(verts[own, vertex], matrix[own], shift[own], floor[own], unit[own])
        if at[2] <= low + SOLE * (high - low):
            place = wp.vec2d(at[0], at[1])
            nearest = wp.min(nearest, wp.dot(ahead[placement], place))
            total += place
            count += 1
    middle = total / wp.float64(count)
    contact[placement] = middle + ahead[placement] * (nearest - wp.dot(ahead[placement], middle))


def find_contacts(bodies: OnFloor, body: torch.Tensor, ahead: torch.Tensor) -> torch.Tensor:
    """Where bodies meet the ground, as near to the viewer as they do.

    Args:
        bodies: M of them.
        body: (D,) int32, whose placements they are.
        ahead: (D, 2) float64 unit vectors, x and z of where the viewers look.

    Returns:
        (D, 2) float64, x and z, m; NaN where a body is nowhere.
    """
    contact = torch.empty_like(ahead)
    launch(find_nearest, len(contact), [*bodies, body, ahead, contact], contact.device)
    return contact
