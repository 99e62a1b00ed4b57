"""The camera of a demo photo, and EFT's weak-perspective camera of one person in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CROP_MARGIN = 1.2
# SMPL's y up, z out of the chest, to the picture's y down, z away.
Y_UP_TO_PICTURE = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class PhotoView:
    """A level pinhole above a flat floor: image size, row of the horizon, focal length, height of the lens.

    What stands on the floor at row r is drawn with (r - horizon_px) / camera_height_m pixels a metre.
    """

    hw: tuple[int, int]
    horizon_px: float
    focal_px: float
    camera_height_m: float

    def floor_row(self, px_per_m: float) -> float:
        """Row of the floor where a metre across the view measures `px_per_m`."""
        return self.horizon_px + px_per_m * self.camera_height_m


@dataclass(frozen=True)
class Placement:
    """Where a person stands: a point of the floor in the picture, the size there, and the view's dip there.

    Near that point the pinhole is replaced by its weak perspective: orthographic, looking down by `tilt_rad`.
    """

    x_px: float
    floor_px: float
    px_per_m: float
    tilt_rad: float

    @property
    def to_picture(self) -> np.ndarray:
        """Rotation (3, 3) from the scene (x right, y up, z to the viewer) to x right, y down, z away."""
        cos, sin = np.cos(self.tilt_rad), np.sin(self.tilt_rad)
        return Y_UP_TO_PICTURE @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])

    def project(self, points_m: np.ndarray) -> np.ndarray:
        """Pixels and depth (N, 3) of scene points (N, 3), metres from the point of the floor."""
        return points_m @ self.to_picture.T * self.px_per_m + (self.x_px, self.floor_px, 0.0)


@dataclass(frozen=True)
class CropCamera:
    """A fit's camera: s, tx, ty in the square crop around `center_px` of side 200 px x `bbox_scale`."""

    cam: tuple[float, float, float]
    center_px: tuple[float, float]
    bbox_scale: float


def fit_crop_camera(
    rng: np.random.Generator, box_px: np.ndarray, px_per_m: float, origin_px: np.ndarray
) -> CropCamera:
    """The camera under which EFT's formula draws the fit's origin at `origin_px` with `px_per_m`.

    box_px: left, top, right, bottom of the drawn person. The formula, with corners truncated towards zero, is
    x_px = ul.x + (1 + s X + tx) hc / 2 and the same in y (facebookresearch/eft, cropping and projection).
    """
    low, high = box_px[:2], box_px[2:]
    side = int(np.ceil(CROP_MARGIN * (high - low).max()))
    # The fraction stays clear of 0 and 1, so that readers in float32 and float64 truncate alike.
    upper_left = np.floor((low + high - side) / 2) + rng.uniform(0.25, 0.75, 2).round(2)
    center = (upper_left + side / 2).round(2)
    corner = np.trunc(center - side / 2)
    half_crop = (np.trunc(center[1] + side / 2) - corner[1]) / 2
    shift = (origin_px - corner) / half_crop - 1
    return CropCamera((px_per_m / half_crop, *shift.tolist()), tuple(center.tolist()), side / 200)
