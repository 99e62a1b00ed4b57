"""Points of people under their cameras, which questions of what would be if are asked of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.sheet.photo_cameras import PixelCameras


class Placed(NamedTuple):
    """Points of M people and the cameras that they are seen by, float64.

    Attributes:
        points_m: (M, K, 3) in the axes of the camera, before the translation; NaN where there is none.
        root_m: (M, 3) what poses turn bodies about: their first joint, and the origin of meshes.
        is_pinhole: (M,) or else weak perspective.
        scale: (M,) of weak perspective, pixels per metre.
        origin: (M, 2) of weak perspective, px.
        focal: (M, 2) of a pinhole, px.
        center: (M, 2) of a pinhole, px.
        transl_m: (M, 3) of a pinhole.
        frame_px: (M, 3) left, top and side of the square that cameras of crops count in: the person's box, or
            where there is none the photo, padded to a square.
        box_px: (M, 3) left, top and side of the person's box, NaN where there is none.
        picture_px: (M, 2) width and height of the photo, NaN where they are not known.
    """

    points_m: np.ndarray
    root_m: np.ndarray
    is_pinhole: np.ndarray
    scale: np.ndarray
    origin: np.ndarray
    focal: np.ndarray
    center: np.ndarray
    transl_m: np.ndarray
    frame_px: np.ndarray
    box_px: np.ndarray
    picture_px: np.ndarray


def place(
    points_m: np.ndarray,
    root_m: np.ndarray,
    cameras: PixelCameras,
    box_px: np.ndarray,
    picture_px: np.ndarray,
) -> Placed:
    """Points under the cameras of their rows.

    Args:
        points_m: (M, K, 3).
        root_m: (M, 3).
        cameras: Of the rows.
        box_px: (M, 3) as `Fits` has them.
        picture_px: (M, 2) sizes of photos, NaN where they are not known.
    """
    side = picture_px.max(1, keepdims=True)
    padded = np.concatenate([(picture_px - side) / 2, side], 1)
    return Placed(
        points_m=points_m,
        root_m=root_m,
        is_pinhole=cameras.is_pinhole,
        scale=cameras.scale,
        origin=cameras.origin,
        focal=cameras.focal,
        center=cameras.center,
        transl_m=cameras.transl_m,
        frame_px=np.where(np.isfinite(box_px).all(1, keepdims=True), box_px, padded),
        box_px=box_px,
        picture_px=picture_px,
    )


def project(placed: Placed) -> np.ndarray:
    """(M, K, 2) pixels of the points; NaN for those that are not in front of a pinhole."""
    flat = placed.origin[:, None] + placed.scale[:, None, None] * placed.points_m[..., :2]
    q = placed.points_m + placed.transl_m[:, None]
    depth = np.where(q[..., 2:] > 0, q[..., 2:], np.nan)
    deep = placed.center[:, None] + placed.focal[:, None] * q[..., :2] / depth
    return np.where(placed.is_pinhole[:, None, None], deep, flat)


def find_bounds(points_px: np.ndarray) -> np.ndarray:
    """(M, 4) left, top, right and bottom of points (M, K, 2); NaN for people with none."""
    is_known = np.isfinite(points_px).all(2, keepdims=True)
    low = np.where(is_known, points_px, np.inf).min(1, initial=np.inf)
    high = np.where(is_known, points_px, -np.inf).max(1, initial=-np.inf)
    return np.where(is_known.any((1, 2))[:, None], np.concatenate([low, high], 1), np.nan)
