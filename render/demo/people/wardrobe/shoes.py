"""Shoes: the feet's vertices moved onto the outline of a shoe in the T-pose, carried along with the feet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.demo.people.wardrobe.outfit import Landmarks

# Height of the collar above the ankle. Between the next two a foot bends: from the middle of it to its toes.
COLLAR_M = 0.012
BEND_Z_M = (0.115, 0.145)
SLICE_M = 0.008
# How far off the foot a shoe lies at its sides, its top, its tip and its sole.
SIDE_M, TOP_M, TIP_M, SOLE_M = 0.008, 0.011, 0.012, 0.006
# Exponents of the ovals that its upper and its sole are parts of.
UPPER_POWER, SOLE_POWER = 2.6, 8.0


class Shoes(NamedTuple):
    """The shape of both shoes.

    Attributes:
        rest_m: Where the body's vertices lie on them in the T-pose (V, 3); those of the feet alone count.
        normals: Of the shoes there (V, 3).
        parts: Of each foot, its rear and its toes: the numbers of vertices whose motion it follows, and how
            much each vertex does so (V, 1).
    """

    rest_m: np.ndarray
    normals: np.ndarray
    parts: list[tuple[np.ndarray, np.ndarray]]

    @classmethod
    def of(cls, rest_m: np.ndarray, normals: np.ndarray, marks: Landmarks) -> Shoes:
        """Makes them for a body.

        Args:
            rest_m: Its vertices in the T-pose (V, 3).
            normals: Theirs (V, 3).
            marks: Of the body.
        """
        x, y, z = rest_m.T
        is_foot = y < marks.ankle_y + 0.03
        toes = np.clip((z - BEND_Z_M[0]) / (BEND_Z_M[1] - BEND_Z_M[0]), 0, 1)
        shape_m, turned = rest_m + SIDE_M * normals, normals.copy()
        parts = []
        for side in (1, -1):
            foot = is_foot & (side * x > 0)
            where = np.flatnonzero(foot)
            mirror = (side, 1, 1)
            outline_m, outward = _shape_shoe(rest_m[where] * mirror, marks.ankle_y + COLLAR_M)
            blend = np.clip((z[where] - 0.04) / 0.045, 0, 1)[:, None]
            shape_m[where] += blend * (outline_m * mirror - shape_m[where])
            turned[where] += blend * (outward * mirror - turned[where])
            on_side = side * x > 0
            parts.append((np.flatnonzero(foot & (z < BEND_Z_M[1])), (on_side * (1 - toes))[:, None]))
            parts.append((np.flatnonzero(foot & (z > BEND_Z_M[0])), (on_side * toes)[:, None]))
        return cls(shape_m, turned, parts)

    def follow(self, rest_m: np.ndarray, posed_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The shoes on posed feet.

        Args:
            rest_m: The body's vertices in the T-pose (V, 3).
            posed_m: And as it is posed (V, 3).

        Returns:
            Vertices, and normals of about unit length (V, 3).
        """
        verts, normals = np.zeros((2, *posed_m.shape))
        for numbers, weight in self.parts:
            # The affine map that comes nearest to what the feet's own vertices do.
            known = np.column_stack([rest_m[numbers], np.ones(len(numbers))])
            moved, *_ = np.linalg.lstsq(known, posed_m[numbers], rcond=None)
            verts += weight * (self.rest_m @ moved[:3] + moved[3])
            # Feet turn and hardly stretch, so normals go with them as points do.
            normals += weight * (self.normals @ moved[:3])
        return verts, normals


def _shape_shoe(foot_m: np.ndarray, collar_y: float) -> tuple[np.ndarray, np.ndarray]:
    """The vertices of a left foot on a shoe's outline, and its normals there."""
    x, y, z = foot_m.T
    slices = np.arange(0.02, z.max(), SLICE_M)
    within = [foot_m[np.abs(z - middle) < 1.5 * SLICE_M] for middle in slices]
    low_x = _smooth_line(np.array([part[:, 0].min() for part in within])) - SIDE_M
    high_x = _smooth_line(np.array([part[:, 0].max() for part in within])) + SIDE_M
    high_y = _smooth_line(np.array([part[:, 1].max() for part in within])) + TOP_M
    high_y = np.minimum(high_y, collar_y)
    floor = y.min() - SOLE_M
    # The tip is round: the outline narrows over its last centimetres.
    tip = np.sqrt(np.clip((z.max() + TIP_M - z) / 0.05, 0.0, 1.0).clip(0.06))
    middle = np.interp(z, slices, (low_x + high_x) / 2)
    half = np.interp(z, slices, (high_x - low_x) / 2)
    top = np.interp(z, slices, high_y)
    across = np.clip((x - middle) / (half - SIDE_M), -1, 1)
    upper = (1 - np.abs(across) ** UPPER_POWER) ** (1 / UPPER_POWER)
    lower = (1 - np.abs(across) ** SOLE_POWER) ** (1 / SOLE_POWER)
    waist = floor + 0.018
    is_upper = y > np.interp(z, slices, (high_y - TOP_M + y.min()) / 2)
    rise = (top - waist) * upper * (0.5 + 0.5 * tip)
    new_y = waist + np.where(is_upper, rise, (floor - waist) * lower)
    new_z = z + TIP_M * np.clip((z - 0.15) / 0.08, 0, 1)
    outline = np.stack([middle + half * tip * across, new_y, new_z], 1)
    # The gradient of the oval, which also falls towards the tip.
    power = np.where(is_upper, UPPER_POWER, SOLE_POWER)
    height = np.where(is_upper, top - waist, floor - waist)
    aside = np.sign(across) * np.abs(across) ** (power - 1) / half
    upward = np.where(is_upper, upper, lower) ** (power - 1) / height
    fall = np.interp(z, slices, -np.gradient(high_y, SLICE_M))
    ahead = np.abs(upward) * np.maximum(fall, 0) * is_upper + (1 - tip) / 0.03
    outward = np.stack([aside, upward, ahead], 1)
    return outline, outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)


def _smooth_line(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 2, mode="edge")
    return np.convolve(padded, np.full(5, 0.2), mode="valid")
