"""The two cameras of this field, from what files say of theirs.

In files of fits there are a dozen conventions, but only two cameras: weak perspective in a square box, and an
OpenCV pinhole in the full picture. See `Fits` for their formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from render.types.fits import Unit


@dataclass(frozen=True)
class PhotoCameras:
    """Where M people are in their photos: the camera columns of `Fits`, float64."""

    unit: np.ndarray
    scale: np.ndarray
    origin: np.ndarray
    focal: np.ndarray
    center: np.ndarray
    transl_m: np.ndarray
    rotation: np.ndarray
    is_metric: np.ndarray

    def __len__(self) -> int:
        return len(self.scale)


@dataclass(frozen=True)
class World:
    """How the world of a sequence lies: the columns `world_rotation` and `world_m` of `Fits`.

    Attributes:
        rotation: (M, 3, 3) from the camera's frame, NaN where it is not known.
        transl_m: (M, 3) NaN where it is not known.
    """

    rotation: np.ndarray
    transl_m: np.ndarray

    @staticmethod
    def unknown(count: int) -> World:
        """Of so many people of whom nothing is known."""
        return World(np.full((count, 3, 3), np.nan), np.full((count, 3), np.nan))


def weak_perspective(scale: npt.ArrayLike, origin: npt.ArrayLike, unit: Unit = Unit.PIXELS) -> PhotoCameras:
    """Cameras of people whose point X lies at origin + scale * X.xy.

    Args:
        scale: (M,), units per metre.
        origin: (M, 2), units.
        unit: Of both.
    """
    scale = np.asarray(scale, np.float64)
    count = len(scale)
    return PhotoCameras(
        unit=np.full(count, unit, np.int8),
        scale=scale,
        origin=np.asarray(origin, np.float64),
        focal=np.zeros((count, 2)),
        center=np.zeros((count, 2)),
        transl_m=np.zeros((count, 3)),
        rotation=np.tile(np.eye(3), (count, 1, 1)),
        is_metric=np.zeros(count, bool),
    )


def framed(count: int) -> PhotoCameras:
    """No cameras: so many bodies are shown whole, in the middle of the picture."""
    return weak_perspective(np.zeros(count), np.zeros((count, 2)), Unit.FRAMED)


def weak_in_box(
    cam: npt.ArrayLike,
    center: npt.ArrayLike,
    side: npt.ArrayLike,
    unit: Unit = Unit.PIXELS,
    *,
    adds_before_scaling: bool,
) -> PhotoCameras:
    """Weak perspective in a square box, whose camera gives -1 to 1 from one side to the other.

    Args:
        cam: (M, 3) s, tx, ty.
        center: (M, 2) of the box.
        side: (M,) of the box.
        unit: Of the box.
        adds_before_scaling: For s (X + t), as SPIN, HMR, VIBE and PARE have it; else s X + t, as EFT and ROMP
            have it.
    """
    cam, center, side = (np.asarray(value, np.float64) for value in (cam, center, side))
    shift = cam[:, 1:] * cam[:, :1] if adds_before_scaling else cam[:, 1:]
    half = side / 2
    return weak_perspective(half * cam[:, 0], center + half[:, None] * shift, unit)


def weak_in_picture(cam: npt.ArrayLike) -> PhotoCameras:
    """Weak perspective of a whole picture with a scale for each side, as VIBE's `orig_cam` has it.

    A point lies at x = W/2 (1 + sx (X + tx)), y = H/2 (1 + sy (Y + ty)). A body has one scale in pixels, so
    sx W = sy H: the smaller of sx and sy is that of the longer side, and half of it the scale in its lengths.

    Args:
        cam: (M, 4) sx, sy, tx, ty.
    """
    cam = np.asarray(cam, np.float64)
    scale = cam[:, :2].min(1) / 2
    return weak_perspective(scale, scale[:, None] * cam[:, 2:], Unit.SIDE)


def pinhole(
    focal: npt.ArrayLike,
    center: npt.ArrayLike,
    transl_m: npt.ArrayLike,
    rotation: npt.ArrayLike | None = None,
    unit: Unit = Unit.PIXELS,
    *,
    is_metric: bool,
) -> PhotoCameras:
    """OpenCV pinholes in the full picture.

    Args:
        focal: (M,), or (M, 2) for x and y, units.
        center: (M, 2) principal point, units.
        transl_m: (M, 3) in the camera's frame, added after the rotation.
        rotation: (M, 3, 3) from the bodies' frame to the camera's; left out, they are the same.
        unit: Of focal length and principal point. All units but PIXELS count from the picture's centre, where
            a principal point of 0 is.
        is_metric: Whether people who share a camera share true depth.
    """
    transl_m = np.asarray(transl_m, np.float64)
    count = len(transl_m)
    focal = np.asarray(focal, np.float64)
    focal = (focal if focal.ndim == 2 else focal[:, None]) * np.ones(2)
    turned = np.eye(3) if rotation is None else np.asarray(rotation, np.float64)
    return PhotoCameras(
        unit=np.full(count, unit, np.int8),
        scale=np.zeros(count),
        origin=np.zeros((count, 2)),
        focal=focal,
        center=np.asarray(center, np.float64) * np.ones((count, 1)),
        transl_m=transl_m,
        rotation=np.broadcast_to(turned, (count, 3, 3)).copy(),
        is_metric=np.full(count, is_metric),
    )


def has_no_skew(cam_int: np.ndarray) -> np.ndarray:
    """Whether camera matrices (N, 3, 3) are of no more than two focal lengths and a principal point, (N,)."""
    others = cam_int[:, (0, 1, 2, 2), (1, 0, 0, 1)]
    return (others == 0).all(1) & (cam_int[:, 2, 2] == 1)


def crop_to_full(
    cam: npt.ArrayLike,
    center_px: npt.ArrayLike,
    side_px: npt.ArrayLike,
    picture_wh: npt.ArrayLike,
    focal_px: npt.ArrayLike,
) -> np.ndarray:
    """The translation that puts a body of a crop's weak perspective under a pinhole of the full picture.

    CLIFF's rule (Li et al., CLIFF, 2022, equation 5): t = (tx + 2 (cx - W / 2) / (s b), ty + ...,
    2 f / (s b)). At the depth of the body's origin both cameras agree.

    Args:
        cam: (M, 3) s, tx, ty of s (X + t).
        center_px: (M, 2) of the square crop, in the photo.
        side_px: (M,) of the crop.
        picture_wh: (M, 2) width and height of the photo.
        focal_px: (M,) of the pinhole, whose principal point is the photo's centre.

    Returns:
        (M, 3) m.
    """
    cam, center_px, side_px, picture_wh, focal_px = (
        np.asarray(value, np.float64) for value in (cam, center_px, side_px, picture_wh, focal_px)
    )
    px_per_m = cam[:, 0] * side_px / 2
    shift = cam[:, 1:] + (center_px - picture_wh / 2) / px_per_m[:, None]
    return np.column_stack([shift, focal_px / px_per_m])


def join_cameras(parts: list[PhotoCameras]) -> PhotoCameras:
    """Cameras one after the other."""
    names = PhotoCameras.__dataclass_fields__
    return PhotoCameras(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
