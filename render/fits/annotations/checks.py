"""What a segmentation must hold before C code may see it: of that code nothing is known to be safe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from render.containers.json_values import RowFault

KEY = "segmentation"
# Of one person; COCO's largest has some thousands.
MOST_NUMBERS = 100_000
# COCO's have some tens. To join them takes the longer the more there are.
MOST_POLYGONS = 1000
# Of all people of a file; those of COCO's largest have some 20 million.
MOST_IN_FILE = 100_000_000
# As photos have it.
LONGEST_SIDE_PX, MOST_PIXELS = 65_535, 100_000_000
# Polygons are traced in memory, point by point and each pixel five times; those of COCO have some thousands.
LONGEST_OUTLINE_PX = 200_000
# No picture comes near it.
LARGEST_NUMBER = 1e6


def check_polygons(polygons: Sequence[np.ndarray]) -> None:
    """Raises RowFault where polygons are none, vast, or not of finite numbers.

    Args:
        polygons: Each (k,) float64, x and y in turn.
    """
    if not 1 <= len(polygons) <= MOST_POLYGONS:
        raise RowFault(KEY, f"1 to {MOST_POLYGONS} polygons", str(len(polygons)))
    outline = 0.0
    for polygon in polygons:
        if len(polygon) < 6 or len(polygon) % 2:
            raise RowFault(
                KEY, "polygons of three points or more, x and y of each", f"{len(polygon)} numbers"
            )
        # Written so that NaN is a fault.
        fits = np.abs(polygon) <= LARGEST_NUMBER
        if not fits.all():
            found = str(polygon[~fits][0])
            raise RowFault(KEY, f"finite numbers up to {LARGEST_NUMBER:g}", found)
        points = polygon.reshape(-1, 2)
        outline += float(np.abs(points - np.roll(points, 1, axis=0)).max(1).sum())
    if outline > LONGEST_OUTLINE_PX:
        raise RowFault(KEY, f"outlines of at most {LONGEST_OUTLINE_PX} px together", f"{outline:.0f} px")


def check_counts(counts: np.ndarray, hw: tuple[int, int]) -> None:
    """Raises RowFault where run lengths are none of a picture of this size.

    Args:
        counts: (k,) float64.
        hw: Height and width.
    """
    check_size(hw)
    fits = (counts >= 0) & (counts <= MOST_PIXELS) & (counts == np.floor(counts))
    if not fits.all():
        raise RowFault(KEY, "whole run lengths of 0 or more", str(counts[~fits][0]))
    if counts.sum() != hw[0] * hw[1]:
        raise RowFault(KEY, f"run lengths of {hw[0] * hw[1]} pixels together", f"{counts.sum():.0f}")


def check_size(hw: tuple[int, int]) -> None:
    """Raises RowFault where no photo has this height and width."""
    if not (min(hw) >= 1 and max(hw) <= LONGEST_SIDE_PX and hw[0] * hw[1] <= MOST_PIXELS):
        raise RowFault(
            KEY,
            f"sides of 1 to {LONGEST_SIDE_PX} px, at most {MOST_PIXELS} pixels",
            f"{hw[1]!r:.20} x {hw[0]!r:.20}",
        )
