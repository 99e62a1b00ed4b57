"""The faces seen at the pixels of a picture, by the project's own rasterizer."""

from __future__ import annotations

import numpy as np
import torch

from render.fragments import read_fragments
from render.rasterize.layout import allocate_visibility
from render.rasterize.warp import rasterize
from render.types import Draws


def find_faces(verts_px: np.ndarray, faces: np.ndarray, hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The nearest face (H, W) int32, -1 where none, and its barycentric coordinates (H, W, 3) float32.

    verts_px: (V, 3), x, y in pixels and depth, smaller is nearer. faces: (F, 3). Sampled at pixel centres.
    """
    xyz = torch.from_numpy(verts_px.astype(np.float32))
    corners = torch.from_numpy(faces.astype(np.int32))
    one = torch.zeros(1, dtype=torch.int32)
    draws = Draws(
        verts=torch.cat([xyz, torch.ones(len(xyz), 1)], 1)[None],
        rotation=torch.eye(3)[None],
        body=one,
        panel=one,
        cull=one,
        low=xyz.amin(0)[None],
        high=xyz.amax(0)[None],
        faces=corners,
    )
    visibility = allocate_visibility(draws, torch.tensor([[hw[1], hw[0]]], dtype=torch.int32), one)
    rasterize(draws, visibility, range(1))
    fragments = read_fragments(draws, visibility)
    left, top, width, _ = visibility.rect[0].tolist()
    row, column = np.divmod(fragments.pixel.numpy(), max(width, 1))
    face = np.full(hw, -1, np.int32)
    bary = np.zeros((*hw, 3), np.float32)
    face[row + top, column + left] = fragments.face.numpy()
    bary[row + top, column + left] = fragments.bary.numpy()
    return face, bary
