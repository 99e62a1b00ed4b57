"""Bodies in metres, each from its own middle, for what hides light."""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes

wp.set_module_options(MODULE_OPTIONS)


class PlacedBodies(NamedTuple):
    """M bodies in the spaces of their sheets, see `Stage`, in metres: y down along gravity.

    Attributes:
        verts: (M, V, 3) float32, from the body's middle.
        middle: (M, 3) float64, of the box around it.
        half: (M, 3) float32, half of the box's sides; 0 of bodies that are nowhere.
    """

    verts: torch.Tensor
    middle: torch.Tensor
    half: torch.Tensor


@wp.func
def place(vert: wp.vec3f, matrix: wp.mat33d, shift: wp.vec3d, unit: wp.float64) -> wp.vec3d:
    """Where a vertex is on its stage, m."""
    return (matrix * wp.vec3d(vert) + shift) / unit


@wp.kernel
def bound_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    unit: wp.array(dtype=wp.float64),
    lanes: wp.int32,
    low: wp.array2d(dtype=wp.vec3d),
    high: wp.array2d(dtype=wp.vec3d),
):
    body, lane = wp.tid()
    least = wp.vec3d(wp.float64(wp.inf), wp.float64(wp.inf), wp.float64(wp.inf))
    most = -least
    for vertex in range(lane, verts.shape[1], lanes):
        at = place(verts[body, vertex], matrix[body], shift[body], unit[body])
        # Passes over NaN, so that a lost vertex costs no more than its faces.
        for axis in range(3):
            if at[axis] < least[axis]:
                least[axis] = at[axis]
            if at[axis] > most[axis]:
                most[axis] = at[axis]
    low[body, lane] = least
    high[body, lane] = most


@wp.kernel
def center(
    verts: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    unit: wp.array(dtype=wp.float64),
    middle: wp.array(dtype=wp.vec3d),
    placed: wp.array2d(dtype=wp.vec3f),
):
    body, vertex = wp.tid()
    placed[body, vertex] = wp.vec3f(
        place(verts[body, vertex], matrix[body], shift[body], unit[body]) - middle[body]
    )


def bound_bodies(
    verts: torch.Tensor, matrix: torch.Tensor, shift: torch.Tensor, unit: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(M, 3) float64, the least and the greatest x, y and z of bodies on their stages, m.

    Args:
        verts: As `place_bodies` takes it, as is all that follows. Vertices that are nowhere are passed over.
        matrix: Of each body.
        shift: Of each body.
        unit: Of each body.
    """
    device, count = verts.device, len(verts)
    lanes = max(loop_lanes(device, verts.shape[1]), 1)
    low, high = torch.empty(2, count, lanes, 3, dtype=torch.float64, device=device)
    placed = [verts, matrix.contiguous(), shift.contiguous(), unit.contiguous()]
    launch(bound_lanes, (count, lanes), [*placed, lanes, low, high], device)
    return low.amin(1), high.amax(1)


def place_bodies(
    verts: torch.Tensor, matrix: torch.Tensor, shift: torch.Tensor, unit: torch.Tensor
) -> PlacedBodies:
    """Bodies where they are on their stages.

    Args:
        verts: (M, V, 3) float32.
        matrix: (M, 3, 3) float64: a vertex v lies at matrix v + shift in the space of its sheet.
        shift: (M, 3) float64.
        unit: (M,) float64, lengths of the space in a metre.
    """
    placed = [verts, matrix.contiguous(), shift.contiguous(), unit.contiguous()]
    least, most = bound_bodies(*placed)
    is_somewhere = ((most - least) < 1e6).all(1, keepdim=True) & (least.abs() < 1e9).all(1, keepdim=True)
    middle = torch.where(is_somewhere, (least + most) / 2, 0.0)
    half = torch.where(is_somewhere, (most - least) / 2, 0.0).float()
    centered = torch.empty_like(verts)
    launch(center, tuple(verts.shape[:2]), [*placed, middle, centered], verts.device)
    return PlacedBodies(centered, middle, half)


@wp.kernel
def turn(
    normals: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    turned: wp.array2d(dtype=wp.vec3f),
):
    body, vertex = wp.tid()
    at = matrix[body] * wp.vec3d(normals[body, vertex])
    turned[body, vertex] = wp.vec3f(at / wp.max(wp.length(at), wp.float64(1.0e-30)))


def turn_normals(normals: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Normals of bodies where they are on their stages.

    Args:
        normals: (M, V, 3) float32, of any length.
        matrix: (M, 3, 3) float64, as `place_bodies` takes it: a rotation, and a factor.

    Returns:
        (M, V, 3) float32 unit vectors.
    """
    turned = torch.empty_like(normals)
    launch(turn, tuple(normals.shape[:2]), [normals, matrix.contiguous(), turned], normals.device)
    return turned
