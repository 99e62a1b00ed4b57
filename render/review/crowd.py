"""All people of an image beside each other: how far joints of one name are apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

# No picture shows as many. A file that names one picture in all of its rows would take hours.
MOST_PEOPLE = 1000

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


def measure_apart_px(
    of_px: np.ndarray, to_px: np.ndarray, is_laid_over: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """How far each set of points is from each other set.

    Args:
        of_px: (P, N, 2) points as `stack_by_name` gives them.
        to_px: (Q, N, 2) others.
        is_laid_over: Whether points are first moved and scaled so that, of those that both have, the middle
            and the mean square distance from it are the same.

    Returns:
        (P, Q) mean distances of the points that both have, px, NaN where there are none; and (P, Q) how many
        these are.
    """
    is_used = np.isfinite(of_px[..., 0]).any(0) & np.isfinite(to_px[..., 0]).any(0)
    # x + iy: one pass over a crowd instead of two.
    of, to = (points[:, is_used] @ np.array([1, 1j]) for points in (of_px, to_px))
    apart, count = np.full((2, len(of), len(to)), np.nan)
    # A row at a time, or the distances of a crowd would need more memory than its pictures.
    for i, points in enumerate(of):
        is_shared = np.isfinite(points - to)
        count[i] = is_shared.sum(1)
        placed = _lay_over(points, to, is_shared) if is_laid_over else points
        total = np.where(is_shared, np.abs(placed - to), 0).sum(1)
        np.divide(total, count[i], out=apart[i], where=count[i] > 0)
    return apart, count


def _lay_over(points: np.ndarray, to: np.ndarray, is_shared: np.ndarray) -> np.ndarray:
    """(Q, N) the points, moved and scaled onto Q sets; NaN where there is nothing to scale by."""
    count = np.maximum(is_shared.sum(1, keepdims=True), 1)
    (middle, spread), (middle_to, spread_to) = (
        _measure_spread(one, is_shared, count) for one in (points[None], to)
    )
    scale = np.full_like(spread, np.nan)
    np.divide(spread_to, spread, out=scale, where=spread > 0)
    return middle_to + scale * (points - middle)


def _measure_spread(
    points: np.ndarray, is_shared: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(Q, 1) the middle of those points that are shared, and their root mean square distance from it."""
    middle = np.where(is_shared, points, 0).sum(1, keepdims=True) / count
    away = np.where(is_shared, points - middle, 0)
    return middle, np.sqrt((away.real**2 + away.imag**2).sum(1, keepdims=True) / count)
