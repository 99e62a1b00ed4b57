"""The cameras of a batch's people, in pixels of their photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from render.types.fits import Fits, Unit

# Focal lengths and principal points of one camera, as files with few digits write them.
SAME_CAMERA = 1e-6


class PixelCameras(NamedTuple):
    """The cameras of M people in pixels of their photos, float64; see `Fits` for the formulas.

    Attributes:
        is_pinhole: (M,) or else weak perspective.
        is_framed: (M,) whether there is no camera, and the body is shown whole.
        scale: (M,) of weak perspective, pixels per metre.
        origin: (M, 2) of weak perspective, where the body's origin lies.
        focal: (M, 2) of a pinhole.
        center: (M, 2) of a pinhole.
        transl_m: (M, 3) of a pinhole.
        picture_px: (M, 2) width and height of the photo, or of what stands for it.
        shares_depth: (M,) whether all people of the sheet have one pinhole, under which depths are true.
    """

    is_pinhole: np.ndarray
    is_framed: np.ndarray
    scale: np.ndarray
    origin: np.ndarray
    focal: np.ndarray
    center: np.ndarray
    transl_m: np.ndarray
    picture_px: np.ndarray
    shares_depth: np.ndarray


def find_cameras(fits: Fits, first: np.ndarray, picture_hw: np.ndarray) -> PixelCameras:
    """The cameras of people in pixels.

    Args:
        fits: The people of all sheets, one after the other.
        first: (S + 1,), index of the first person of each sheet, and the end.
        picture_hw: (S, 2) height and width of the photos, or of what stands for one.
    """
    of_sheet = np.repeat(np.arange(len(first) - 1), np.diff(first))
    height, width = picture_hw[of_sheet].astype(np.float64).T
    lengths = {
        Unit.SIDE: np.maximum(width, height),
        Unit.HEIGHT: height,
        Unit.DIAGONAL: np.hypot(width, height),
    }
    unit_px = np.ones(len(fits))
    for unit, length in lengths.items():
        unit_px = np.where(fits.unit == unit, length, unit_px)
    middle = np.column_stack([width, height]) / 2
    start = np.where((fits.unit == Unit.PIXELS)[:, None], 0.0, middle)
    is_pinhole = fits.focal[:, 1] > 0
    focal = unit_px[:, None] * fits.focal
    center = start + unit_px[:, None] * fits.center
    return PixelCameras(
        is_pinhole=is_pinhole,
        is_framed=fits.unit == Unit.FRAMED,
        scale=unit_px * fits.scale,
        origin=start + unit_px[:, None] * fits.origin,
        focal=focal,
        center=center,
        transl_m=fits.transl_m,
        picture_px=np.column_stack([width, height]),
        shares_depth=_share_depth(np.hstack([focal, center]), is_pinhole & fits.is_metric, first, of_sheet),
    )


def need_picture_size(fits: Fits, people: tuple[int, ...], shows_crop: bool) -> bool:
    """Whether the people of a sheet are only placed beside each other once the size of their photo is known.

    Cameras in lengths of the picture are as good in a picture of any size; beside boxes and cameras in pixels
    they are not.

    Args:
        fits: All that there are.
        people: Their places there.
        shows_crop: Whether a panel shows their boxes.
    """
    who = list(people)
    units = set(fits.unit[who].tolist())
    has_boxes = shows_crop and bool(np.isfinite(fits.box_px[who, 2]).any())
    return units != {Unit.PIXELS} and (len(units) > 1 or has_boxes)


def has_lens(fits: Fits, people: Sequence[int] | np.ndarray) -> bool:
    """Whether anybody of these people, by their places in the fits, has a camera of a photo."""
    return bool((fits.unit[np.asarray(people, np.int64)] != Unit.FRAMED).any())


def _share_depth(
    camera: np.ndarray, is_metric: np.ndarray, first: np.ndarray, of_sheet: np.ndarray
) -> np.ndarray:
    # Without the sheets of nobody, of which `reduceat` would take the next one's people.
    has_people = np.diff(first) > 0
    begins = first[:-1][has_people]
    same = np.zeros(len(has_people), bool)
    if len(begins):
        low, high = np.minimum.reduceat(camera, begins), np.maximum.reduceat(camera, begins)
        is_same = (high - low <= SAME_CAMERA * np.abs(high)).all(1)
        same[has_people] = is_same & np.minimum.reduceat(is_metric, begins)
    return same[of_sheet]


class PersonCamera(NamedTuple):
    """The camera of one person, in pixels of the photo; see `PixelCameras`."""

    is_pinhole: bool
    is_framed: bool
    scale: float
    origin: np.ndarray
    focal: np.ndarray
    center: np.ndarray
    transl_m: np.ndarray

    def project(self, points_m: np.ndarray) -> np.ndarray:
        """Points of the body on its photo.

        Args:
            points_m: (K, 3) in the frame of the body's vertices.

        Returns:
            (K, 2) pixels; NaN for points that are not in front of a pinhole.
        """
        if not self.is_pinhole:
            return self.origin + self.scale * points_m[:, :2]
        q = points_m + self.transl_m
        depth = np.where(q[:, 2:] > 0, q[:, 2:], np.nan)
        return self.center + self.focal * q[:, :2] / depth


def take_camera(cameras: PixelCameras, person: int) -> PersonCamera:
    """The camera of one person of a batch.

    Args:
        cameras: Of the batch.
        person: Index of the person there.
    """
    return PersonCamera(
        bool(cameras.is_pinhole[person]),
        bool(cameras.is_framed[person]),
        float(cameras.scale[person]),
        cameras.origin[person],
        cameras.focal[person],
        cameras.center[person],
        cameras.transl_m[person],
    )


def project_to_photo(cameras: PixelCameras, person: int, points_m: np.ndarray) -> np.ndarray:
    """Points of a body on its photo, as `PersonCamera.project` has it.

    Args:
        cameras: Of the batch.
        person: Index of the body's person there.
        points_m: (K, 3) in the frame of the body's vertices.
    """
    return take_camera(cameras, person).project(points_m)
