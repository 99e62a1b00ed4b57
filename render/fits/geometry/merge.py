"""Fits of several sources of one file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from render.types.fits import Fits


def merge_sources(parts: Sequence[Fits]) -> Fits:
    """Fits whose rows are counted through all parts, in the order of their rows."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Fits.SHAPES}
    starts = np.cumsum([0, *(len(part.sources) for part in parts[:-1])])
    columns["source"] = np.concatenate(
        [part.source + np.int32(start) for part, start in zip(parts, starts, strict=True)]
    )
    merged = Fits(**columns, sources=tuple(source for part in parts for source in part.sources))
    return merged.take(np.argsort(merged.row, kind="stable"))
