"""The faces seen at the pixels of a picture, by the project's own rasterizer."""

from __future__ import annotations

import numpy as np
import torch

from render.rasterize.fragments import read_fragments
from render.rasterize.whole import rasterize_shots
from render.types.placements import Placements


def find_faces(verts_px: np.ndarray, faces: np.ndarray, hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Which face is seen at each pixel, sampled at its centre.

    Args:
        verts_px: (V, 3), x, y in pixels and depth, smaller is nearer.
        faces: (F, 3).
        hw: Height and width of the picture.

    Returns:
        The nearest face (H, W) int32, -1 where there is none, and its barycentric coordinates (H, W, 3)
        float32, 0 where there is none.
    """
    xyz = torch.from_numpy(verts_px.astype(np.float32))
    corners = torch.from_numpy(faces.astype(np.int32))
    one = torch.zeros(1, dtype=torch.int32)
    placements = Placements(
        # The fourth is 1/w, which is 1 in orthographic views: depths are as linear as x and y.
        verts=torch.cat([xyz, torch.ones(len(xyz), 1)], 1)[None],
        rotation=torch.eye(3)[None],
        body=one,
        shot=one,
        cull=one,
        low=xyz.amin(0)[None],
        high=xyz.amax(0)[None],
        faces=corners,
    )
    layout, visibility = rasterize_shots(placements, [(hw[1], hw[0])])
    fragments = read_fragments(placements, layout, visibility)
    face = np.full(hw, -1, np.int32)
    bary = np.zeros((*hw, 3), np.float32)
    x, y = fragments.pixel.numpy().T
    face[y, x] = fragments.face.numpy()
    bary[y, x] = fragments.bary.numpy()
    return face, bary
