"""All people of an image beside each other: how far joints of one name are apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

Named = tuple[Sequence[Hashable], np.ndarray]


def stack_by_name(listed: Sequence[Named]) -> np.ndarray:
    """Sets of points in one array, in which points of one name have one place.

    Args:
        listed: Of L sets the names of their points, and (K, 2) the points, px; NaN is nowhere. Of two that
            have one name the first that is somewhere counts.

    Returns:
        (L, N, 2), NaN where a set has no point of that name.
    """
    places: dict[Hashable, int] = {}
    for names, _ in listed:
        for name in names:
            places.setdefault(name, len(places))
    stacked = np.full((len(listed), len(places), 2), np.nan)
    for row, (names, points_px) in zip(stacked, listed, strict=True):
        is_somewhere = np.isfinite(points_px).all(1)
        # Backwards, so that the first is what stays.
        at = np.array([places[name] for name in names], np.int64)[is_somewhere][::-1]
        row[at] = points_px[is_somewhere][::-1]
    return stacked


def measure_apart_px(of_px: np.ndarray, to_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each set of points is from each other set.

    Args:
        of_px: (P, N, 2) points as `stack_by_name` gives them.
        to_px: (Q, N, 2) others.

    Returns:
        (P, Q) mean distances of the points that both have, px, NaN where there are none; and (P, Q) how many
        these are.
    """
    is_used = np.isfinite(of_px[..., 0]).any(0) & np.isfinite(to_px[..., 0]).any(0)
    of_px, to_px = of_px[:, is_used], to_px[:, is_used]
    apart, count = np.full((2, len(of_px), len(to_px)), np.nan)
    # A row at a time, or the distances of a crowd would need more memory than its pictures.
    for i, points_px in enumerate(of_px):
        distances = np.hypot(to_px[..., 0] - points_px[:, 0], to_px[..., 1] - points_px[:, 1])
        is_shared = np.isfinite(distances)
        count[i] = is_shared.sum(1)
        np.divide(np.where(is_shared, distances, 0).sum(1), count[i], out=apart[i], where=count[i] > 0)
    return apart, count
