"""All placements of a batch in one visibility buffer, for those who want to see it whole."""

from __future__ import annotations

import numpy as np

from render.rasterize.backends import warp
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.rasterizer import Rasterizer
from render.types.buffer import Layout, Visibility
from render.types.placements import Placements


def rasterize_shots(
    placements: Placements,
    size_px: list[tuple[int, int]],
    sample_bits: int = 0,
    rasterizer: type[Rasterizer] = warp.Rasterizer,
) -> tuple[Layout, Visibility]:
    """Rasterizes placements in one go.

    Args:
        placements: In the order of their shots.
        size_px: Width and height of each shot.
        sample_bits: b for 2^b x 2^b samples a pixel, on all shots.
        rasterizer: Which.

    Returns:
        Where the shots lie, and what is in front.
    """
    bits = np.full(len(size_px), sample_bits)
    rows = ShotRows(np.array(size_px), bits, placements.shot.cpu().numpy(), len(placements.faces))
    layout = lay_out(placements, rows)
    # Limits that all shots fit into make one chunk of them.
    everything = int(rows.start[-1])
    (chunk,) = rows.split(range(len(size_px)), everything, everything)
    visibility = allocate_visibility(chunk, placements.verts.device)
    rasterizer(placements, layout).open(sample_bits > 0, visibility.keys)(chunk)
    return layout, visibility
