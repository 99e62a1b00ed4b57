"""The camera of a demo photo, and EFT's weak-perspective camera of one person in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Side of a crop, to the longer side of the person's box.
CROP_MARGIN = 1.2
# SMPL's y up, z out of the chest, to the picture's y down, z away.
Y_UP_TO_PICTURE = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class PhotoView:
    """A level pinhole above a flat floor.

    What stands on the floor at row r is drawn with (r - horizon_px) / camera_height_m pixels a metre.

    Attributes:
        hw: Height and width of the picture.
        horizon_px: Row of the horizon.
        focal_px: Focal length.
        camera_height_m: Of the lens above the floor.
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
    """Where a person stands.

    Near that point the pinhole is replaced by its weak perspective: orthographic, looking down by `tilt_rad`.

    Attributes:
        x_px: Column of a point of the floor.
        floor_px: Its row.
        px_per_m: How large a metre across the view is there.
        tilt_rad: How far down the view looks there.
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
        """Draws points.

        Args:
            points_m: (N, 3) of the scene, from the point of the floor.

        Returns:
            x, y in pixels of the picture and depth (N, 3), all in px.
        """
        return points_m @ self.to_picture.T * self.px_per_m + (self.x_px, self.floor_px, 0.0)


@dataclass(frozen=True)
class CropCamera:
    """A fit's camera, in a square crop of the picture.

    Attributes:
        cam: s, tx, ty: scale and translation in the crop.
        center_px: x, y of the crop's middle.
        bbox_scale: The crop's side / 200 px.
    """

    cam: tuple[float, float, float]
    center_px: tuple[float, float]
    bbox_scale: float


def fit_crop_camera(
    rng: np.random.Generator, box_px: np.ndarray, px_per_m: float, origin_px: np.ndarray
) -> CropCamera:
    """The camera under which EFT's formula draws a fit where and as large as it is in the picture.

    The formula, with corners truncated towards zero, is x_px = ul.x + (1 + s X + tx) hc / 2 and the same in y
    (facebookresearch/eft, cropping and projection).

    Args:
        rng: For the fractions of the crop's corner.
        box_px: Left, top, right, bottom of the drawn person.
        px_per_m: How large a metre is to be drawn.
        origin_px: x, y of the fit's origin.
    """
    low, high = box_px[:2], box_px[2:]
    side = int(np.ceil(CROP_MARGIN * (high - low).max()))
    # The fraction stays clear of 0 and 1, so that readers in float32 and float64 truncate alike.
    upper_left = np.floor((low + high - side) / 2) + rng.uniform(0.25, 0.75, 2).round(2)
    center = (upper_left + side / 2).round(2)
    corner = np.trunc(center - side / 2)
    # EFT truncates both corners, so the crop that it computes with may be a pixel smaller.
    half_crop = (np.trunc(center[1] + side / 2) - corner[1]) / 2
    shift = (origin_px - corner) / half_crop - 1
    return CropCamera((px_per_m / half_crop, *shift.tolist()), tuple(center.tolist()), side / 200)
