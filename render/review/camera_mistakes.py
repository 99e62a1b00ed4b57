"""Mistakes with cameras that audits and the log of a run name alike: what finds them, and what to do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class CameraMistake(NamedTuple):
    """A mistake with the camera of a photo.

    Attributes:
        name: In a word or two.
        without: What is tried, behind "if"; {factor} is what is fitted.
        advice: What to do, a sentence.
    """

    name: str
    without: str
    advice: str


PRINCIPAL_POINT = CameraMistake(
    "principal point",
    "their camera counts from the middle of the photo instead of its corner, or the reverse",
    "Add half the width and height of the photo to the principal point, or take them away.",
)
PHOTO_SIZE = CameraMistake(
    "photo size",
    "what their camera places in the photo is multiplied by {factor:.2f}, as if it had been resized",
    "Camera and keypoints are of photos of two sizes: multiply boxes and cameras by that factor, or divide "
    "the keypoints by it.",
)
FOCAL_LENGTH = CameraMistake(
    "focal length",
    "their focal length is multiplied by {factor:.2f}",
    "Look up the focal length that the fits were made with (often 5000 px of a crop, or the diagonal of the "
    "photo) and set it.",
)


def fit_factor(of: np.ndarray, to: np.ndarray) -> float:
    """The factor of points (n, 2) that brings them nearest to others, by least squares.

    Points that are not known in both are passed over; NaN where none is left.
    """
    is_known = np.isfinite(of) & np.isfinite(to)
    known, targets = of[is_known], to[is_known]
    squared = float((known * known).sum())
    return float((known * targets).sum()) / squared if squared > 0 else np.nan


def centre_points(points_px: np.ndarray, photo_wh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points as they were if their principal point counted from the middle, and as if from the corner.

    Args:
        points_px: (..., 2) on the photo, or principal points.
        photo_wh: Width and height of the photo, as `points_px` or one for all.
    """
    half = np.asarray(photo_wh, np.float64) / 2
    return points_px + half, points_px - half
