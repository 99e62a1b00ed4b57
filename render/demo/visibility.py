"""The faces seen at the pixels of pictures, by the project's own rasterizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from render.rasterize.buffer import unpack_keys
from render.rasterize.whole import rasterize_shots
from render.types.buffer import Visibility
from render.types.placements import Placements


class Seen(NamedTuple):
    """What a picture shows at the centres of its pixels.

    Attributes:
        face: The nearest face (H, W) int32, -1 where there is none.
        depth: Its depth (H, W) float32, infinite where there is none.
    """

    face: np.ndarray
    depth: np.ndarray


def find_faces(views_px: np.ndarray, faces: np.ndarray, sizes_hw: Sequence[tuple[int, int]]) -> list[Seen]:
    """Rasterizes a mesh as several pictures see it, in one go.

    Args:
        views_px: Its vertices in each picture (N, V, 3): x, y in pixels and depth, smaller is nearer.
        faces: (F, 3).
        sizes_hw: Height and width of each picture.
    """
    xyz = torch.from_numpy(views_px.astype(np.float32))
    number = torch.arange(len(xyz), dtype=torch.int32)
    placements = Placements(
        # The fourth is 1/w, which is 1 in orthographic views: depths are as linear as x and y.
        verts=torch.cat([xyz, torch.ones(*xyz.shape[:2], 1)], 2),
        rotation=torch.eye(3).repeat(len(xyz), 1, 1),
        body=number,
        shot=number,
        cull=torch.ones_like(number),
        low=xyz.amin(1),
        high=xyz.amax(1),
        faces=torch.from_numpy(faces.astype(np.int32)),
    )
    layout, visibility = rasterize_shots(placements, [(width, height) for height, width in sizes_hw])
    depth, ids = (part.numpy() for part in unpack_keys(visibility.keys))
    is_empty = (visibility.keys == Visibility.EMPTY).numpy()
    face = np.where(is_empty, -1, ids % len(faces)).astype(np.int32)
    depth = np.where(is_empty, np.float32(np.inf), depth)
    seen = []
    for start, stride, (height, width) in zip(
        layout.start.tolist(), layout.stride.tolist(), sizes_hw, strict=False
    ):
        shot = slice(start, start + stride * height)
        seen.append(Seen(*(part[shot].reshape(height, stride)[:, :width] for part in (face, depth))))
    return seen
