"""How much light of the sky, the floor and the key light reaches points near a body, by depth maps."""

from __future__ import annotations

import numpy as np

from render.demo.light import Light
from render.demo.visibility import find_faces

# Of the depth maps.
TEXEL_M = 0.012
# Points are lifted off their surface, and hidden by what is so far in front: else they hide themselves.
LIFT_M, BIAS_M = 0.016, 0.012
SKY_COUNT, FLOOR_COUNT, KEY_COUNT = 12, 4, 5
GOLDEN_ANGLE_RAD = np.pi * (3 - np.sqrt(5))


def _spread_over_cap(count: int, axis: np.ndarray, least_cos: float) -> np.ndarray:
    """Directions (count, 3) that share a cap of the sphere evenly: a Fibonacci lattice about an axis."""
    number = np.arange(count)
    along = 1 - (1 - least_cos) * (number + 0.5) / count
    aside, turn = np.sqrt(1 - along**2), GOLDEN_ANGLE_RAD * number
    right = np.cross((0.0, 0.3, 1.0), axis)
    right /= np.linalg.norm(right)
    up = np.cross(axis, right)
    return (
        along[:, None] * axis + (aside * np.cos(turn))[:, None] * right + (aside * np.sin(turn))[:, None] * up
    )


def _see_along(basis: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (P, 3) in each of N frames, whose axes are rows of (N, 3, 3): (N, 3, P) float32."""
    x, y, z = points.T.astype(np.float32)
    axes = basis.astype(np.float32)[..., None]
    return axes[:, :, 0] * x + axes[:, :, 1] * y + axes[:, :, 2] * z


def find_shares(
    occluder_m: np.ndarray, faces: np.ndarray, points_m: np.ndarray, normals: np.ndarray, light: Light
) -> np.ndarray:
    """The shares of light that a body leaves to points.

    Args:
        occluder_m: Vertices of the body (V, 3), x right, y up, z to the viewer.
        faces: Its faces (F, 3).
        points_m: (P, 3), in the same frame.
        normals: Of the surfaces that they are on (P, 3).
        light: Of the scene.

    Returns:
        Of the sky's light, the floor's and the key light's (P, 3), 0 to 1 float32.
    """
    up = np.array([0.0, 1.0, 0.0])
    # Level directions give little to what stands on a floor, and find the floor's edge.
    toward = np.concatenate([
        _spread_over_cap(SKY_COUNT, up, 0.08),
        _spread_over_cap(FLOOR_COUNT, -up, 0.2),
        _spread_over_cap(KEY_COUNT, light.toward, np.cos(light.radius_rad)),
    ])  # fmt: skip
    right = np.cross(np.where(np.abs(toward[:, 1:2]) < 0.9, up, (0.0, 0.0, 1.0)), toward)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    basis = np.stack([right, np.cross(toward, right), -toward], 1)

    views = _see_along(basis, occluder_m)
    # A border of one texel is empty, and what lies beyond it is moved there.
    low = views[:, :2].min(2, keepdims=True) - np.float32(TEXEL_M)
    views[:, :2] = (views[:, :2] - low) / np.float32(TEXEL_M)
    ends = views[:, :2].max(2).astype(np.int32) + 2
    maps = find_faces(views.transpose(0, 2, 1), faces, [(height, width) for width, height in ends.tolist()])

    seen = _see_along(basis, points_m + LIFT_M * normals)
    texel = ((seen[:, :2] - low) / np.float32(TEXEL_M)).astype(np.int32)
    texel = np.clip(texel, 0, (ends - 1)[:, :, None])
    free = np.stack([
        depth[row, column] > z - np.float32(BIAS_M)
        for (_, depth), (column, row), z in zip(maps, texel, seen[:, 2], strict=True)
    ])  # fmt: skip
    # By the cosine law; the key light's share is of what faces it, so each direction counts alike.
    weight = np.maximum(_see_along(-basis, normals)[:, 2], 0)
    weight[SKY_COUNT + FLOOR_COUNT :] = 1
    kinds = np.split(np.arange(len(toward)), [SKY_COUNT, SKY_COUNT + FLOOR_COUNT])
    lit = weight * free
    # What faces away from all directions of a kind has none of its light to lose.
    return np.stack([(lit[kind].sum(0) + 1e-3) / (weight[kind].sum(0) + 1e-3) for kind in kinds], 1)
