"""Triangles to draw, and how fragments are compared."""

from dataclasses import fields
from typing import Any

import numpy as np
import torch

from render.rasterize.whole import rasterize_shots
from render.types.buffer import Layout, Visibility
from render.types.placements import Placements
from tests.helpers.drawing import make_placements

# Width and height, of shots that are not square, because PyTorch3D's coordinates go by the shorter side.
SIZE = (48, 31)


def triangles(seed: int, count: int = 25) -> np.ndarray:
    """Triangles in and around a picture of SIZE, in perspective, (3 count, 4) as in Placements; no sliver."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform([-4, -4], [SIZE[0] + 4, SIZE[1] + 4], (count, 1, 2))
    turn = rng.uniform(0, 2 * np.pi, (count, 1)) + np.array([0, 2, 4])
    xy = middle + rng.uniform(2, 14, (count, 1, 1)) * np.stack([np.cos(turn), np.sin(turn)], 2)
    z = rng.uniform(1.5, 4, 3 * count)
    return np.column_stack([xy.reshape(-1, 2), z, 1 / z])


def draw_triangles(
    shot: list[int], sizes: list[tuple[int, int]], bits: int = 0
) -> tuple[Placements, Layout, Visibility]:
    verts = np.stack([triangles(seed) for seed in range(len(shot))])
    verts[..., :2] *= 2**bits
    placements = make_placements(verts, np.arange(verts.shape[1]).reshape(-1, 3), shot=shot)
    return placements, *rasterize_shots(placements, sizes, bits)


def edge_px2(corners: np.ndarray, x: int, y: int) -> float:
    """Squared distance of the centre of a pixel from the nearest edge of a face, (3, 2) or more."""
    point, distances = np.array([x + 0.5, y + 0.5]), []
    for start, end in zip(corners[:, :2], np.roll(corners, -1, 0)[:, :2], strict=True):
        along = end - start
        share = np.clip((point - start) @ along / (along @ along), 0, 1)
        distances.append(((point - start - share * along) ** 2).sum())
    return min(distances)


def equal(a: Any, b: Any) -> None:
    """The same bits in all fields."""
    for field in fields(a):
        ours, theirs = getattr(a, field.name), getattr(b, field.name)
        if isinstance(ours, torch.Tensor):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=field.name)
        else:
            assert ours == theirs, field.name
