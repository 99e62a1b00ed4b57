"""DensePose's atlas of textures as a UV map of a body: the squares of its 24 parts in one picture."""

from __future__ import annotations

import numpy as np
import torch

from render.body.charts import PART_COUNT
from render.types.bodies import Charts

# Of squares. Parts 1 to 6 go down the first column, 7 to 12 the second: as the atlas of DensePose's notebook
# "Texture Transfer Using Estimated Dense Coordinates" has them, texture_from_SURREAL.png.
COLUMNS, ROWS = 4, PART_COUNT // 4
# Pixels of a square's side there. Its texture is read from the middle of the first to that of the last, so
# that nothing of the next square is seen at a seam; squares of other sizes are read nearly so.
SQUARE_PX = 200


def make_atlas(charts: Charts, faces: torch.Tensor) -> torch.Tensor:
    """The UV map of the atlas.

    Args:
        charts: Of the body.
        faces: (F, 3) int32 of the body.

    Returns:
        (F, 3, 2), float32, see `TextureMap`. A face without chart, of which SMPL has two, has one colour:
        that of a face with a chart at a vertex that both have.
    """
    part = charts.part.cpu().numpy().astype(np.int64)
    inside = (0.5 + (SQUARE_PX - 1) * charts.uv.cpu().numpy().astype(np.float64)) / SQUARE_PX
    column, row = np.divmod(part - 1, ROWS)
    u = (column[:, None] + inside[:, :, 0]) / COLUMNS
    # Rows go down, v goes up, in the picture and in each square.
    v = 1 - (row[:, None] + 1 - inside[:, :, 1]) / ROWS
    uv = np.stack([u, v], 2).astype(np.float32)
    _fill_bare(uv, part > 0, faces.cpu().numpy())
    return torch.from_numpy(uv).to(charts.uv.device)


def _fill_bare(uv: np.ndarray, has_chart: np.ndarray, faces: np.ndarray) -> None:
    """Gives the corners of faces without chart a place, in place."""
    bare = np.flatnonzero(~has_chart)
    of_verts = np.full((faces.max(initial=0) + 1, 2), np.nan, np.float32)
    of_verts[faces[has_chart]] = uv[has_chart]
    known = ~np.isnan(of_verts[faces[bare], 0])
    uv[bare] = np.nan_to_num(of_verts[faces[bare, known.argmax(1)]])[:, None]
