"""The box that a sitting person of a demo photo sits on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.demo import palette
from render.demo.brushes import sample_noise

WIDTH_M, DEPTH_M = 0.40, 0.36
# Of each side, so that light may differ over it.
CELLS = 6
STOOLS = palette.linear("b9925f", "cfc8bb", "6f7f86", "8a4b3a", "46505a")


class Stool(NamedTuple):
    """A box on the floor.

    Attributes:
        verts_m: (V, 3), y up, about the point of the floor under the person.
        normals: (V, 3).
        local_m: The vertices before the box was turned (V, 3), from the middle of its foot.
        faces: (F, 3) int64.
    """

    verts_m: np.ndarray
    normals: np.ndarray
    local_m: np.ndarray
    faces: np.ndarray


def make_stool(seat_m: np.ndarray, yaw_rad: float) -> Stool:
    """A box whose top carries a point.

    Args:
        seat_m: The point (3,), y up.
        yaw_rad: How far the box is turned about the vertical.
    """
    # A side as a grid of cells, over -0.5..0.5, in the plane of its first two axes.
    steps = np.linspace(-0.5, 0.5, CELLS + 1)
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
    corner = (np.arange(CELLS)[:, None] * (CELLS + 1) + np.arange(CELLS)).ravel()
    a, b, c, d = corner, corner + 1, corner + CELLS + 2, corner + CELLS + 1
    cells = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    sides = []
    for axis, sign in ((1, 1), (0, 1), (0, -1), (2, 1), (2, -1)):
        normal = np.zeros(3)
        normal[axis] = sign
        others = [k for k in range(3) if k != axis]
        points = np.zeros((len(u), 3))
        # Seen from outside, the cells of all sides are wound alike.
        flip = -1 if (axis == 1) == (sign > 0) else 1
        points[:, others] = np.stack([flip * u, v], 1)
        sides.append((points + 0.5 * normal, np.tile(normal, (len(u), 1))))
    local_m = np.concatenate([points for points, _ in sides]) + np.array([0, 0.5, 0])
    local_m *= (WIDTH_M, seat_m[1], DEPTH_M)
    normals = np.concatenate([normals for _, normals in sides])
    faces = np.concatenate([cells + k * len(u) for k in range(len(sides))])
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    verts_m = local_m @ turn.T + seat_m * (1, 0, 1)
    verts_m, normals, local_m = (array.astype(np.float32) for array in (verts_m, normals @ turn.T, local_m))
    return Stool(verts_m, normals, local_m, faces)


def paint_stool(colour: np.ndarray, local_m: np.ndarray, phase: float) -> tuple[np.ndarray, float, float]:
    """Painted wood: albedo (P, 3), relief and gloss of points (P, 3) of the box."""
    x, y, z = local_m.T
    grain = sample_noise((x + z) / 0.4, (y + 0.1 * z) / 0.03, phase)
    # Worn edges are paler.
    inset = np.minimum(WIDTH_M / 2 - np.abs(x), DEPTH_M / 2 - np.abs(z))
    tone = 1 + 0.03 * grain + 0.12 * (np.abs(inset) > 0.006) * (np.abs(inset) < 0.012)
    return colour * tone[:, None], 0.0, 0.03
