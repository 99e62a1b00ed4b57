"""The volume that a closed surface goes around more than once: where a body goes through itself."""

from __future__ import annotations

import numpy as np
import torch

from render.compute.kernels import launch
from render.review.penetration.kernels import (
    MOST_CROSSINGS,
    MOST_TRIED,
    UNITS_PER_CELL,
    measure_rays,
    note_crossings,
)

CELL_M = 0.01
# Along each side of the grid. Bodies that are larger than so many cells have larger ones.
MOST_CELLS = 300

_LITRES = 1000.0
_CPU = torch.device("cpu")


def measure_penetration_l(verts_m: np.ndarray, faces: np.ndarray) -> float:
    """Litres in which the winding number of a closed surface is 2 or more, or -2 or less if it is inside out.

    Parallel rays, one through the middle of each cell of a grid, go along z. Where a ray has come in twice
    more often than out, it is in two parts of the body at once. Each volume counts once, however often it is
    covered. Rays that cross the surface more than `MOST_CROSSINGS` times, or that come in more often than out
    because the surface has a hole, are passed over. It is measured on the CPU in one thread, so the bits
    depend on nothing but the body.

    Args:
        verts_m: (V, 3), x right, y down, z away.
        faces: (F, 3) int32.

    Returns:
        The volume; NaN for vertices that are not finite, for a body without faces, and where faces are so
        large or so many that it would take long.
    """
    # A row of each axis, along which NumPy finds the ends ten times faster.
    verts = np.array(verts_m.T, np.float64, order="C")
    if not len(faces) or not np.isfinite(verts).all():
        return float("nan")
    verts -= verts.min(1)[:, None]
    cell_m = max(CELL_M, float(verts[:2].max()) / MOST_CELLS)
    grid = np.round(verts[:2] * (UNITS_PER_CELL / cell_m)).astype(np.int32)
    width, height = (grid.max(1) // UNITS_PER_CELL + 1).tolist()
    depth_m = verts[2].astype(np.float32)
    tried = torch.zeros(1, dtype=torch.int64)
    count = torch.zeros(width * height, dtype=torch.int32)
    crossings = torch.empty(width * height, MOST_CROSSINGS, 2)
    twice_m = torch.empty(width * height, dtype=torch.float64)
    arrays = [torch.from_numpy(np.ascontiguousarray(array)) for array in (faces, grid.T, depth_m)]
    launch(note_crossings, len(faces), [*arrays, width, tried, count, crossings], _CPU)
    if int(tried) > MOST_TRIED:
        return float("nan")
    launch(measure_rays, len(count), [count, crossings, twice_m], _CPU)
    return float(twice_m.numpy().sum()) * cell_m**2 * _LITRES
