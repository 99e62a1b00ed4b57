"""Mistakes with cameras and bodies, undone: functions from placed people to placed people.

Where something is not known that one of them needs, such as the person's box, its people are nowhere: NaN.
"""

from __future__ import annotations

import numpy as np

from render.review.camera_mistakes import centre_points, fit_factor
from render.sanity.placed import Placed, project

# Beside what is told by fewer joints there are always bodies that fit.
FEWEST_JOINTS = 6
# What so many people's own factors differ by at most is one factor of all: boxes are not quite around people.
SAME_FACTOR, COMMON_SHARE = 0.2, 0.5

_SWAP_XY = [1, 0, 2]


def turn_points(placed: Placed, signs: np.ndarray) -> Placed:
    """Axes of the bodies turned, and their translation as it is."""
    root_m = placed.root_m[:, None]
    return placed._replace(points_m=root_m + (placed.points_m - root_m) * signs)


def turn_frame(placed: Placed, signs: np.ndarray) -> Placed:
    """Axes of the camera's frame turned, bodies and translation."""
    return placed._replace(points_m=placed.points_m * signs, transl_m=placed.transl_m * signs)


def shrink_points(placed: Placed, factor: float) -> Placed:
    """Bodies so many times smaller."""
    return placed._replace(points_m=placed.points_m / factor)


def shrink_transl(placed: Placed, factor: float) -> Placed:
    """Translations so many times shorter."""
    return placed._replace(transl_m=placed.transl_m / factor)


def swap_shift(placed: Placed) -> Placed:
    """x and y of the translation exchanged."""
    corner, half = placed.frame_px[:, :2], placed.frame_px[:, 2:] / 2
    return placed._replace(
        origin=corner + half + (placed.origin - corner - half)[:, ::-1],
        transl_m=placed.transl_m[:, _SWAP_XY],
    )


def add_before_scaling(placed: Placed) -> Placed:
    """s (X + t) in place of s X + t, in weak perspective."""
    return _scale_shift(placed, placed.scale / (placed.frame_px[:, 2] / 2))


def add_after_scaling(placed: Placed) -> Placed:
    """s X + t in place of s (X + t), in weak perspective."""
    # Of a pinhole the scale is 0.
    factor = np.divide(placed.frame_px[:, 2] / 2, placed.scale, where=placed.scale > 0, out=_nan(placed))
    return _scale_shift(placed, factor)


def _scale_shift(placed: Placed, factor: np.ndarray) -> Placed:
    middle = placed.frame_px[:, :2] + placed.frame_px[:, 2:] / 2
    origin = middle + (placed.origin - middle) * factor[:, None]
    return placed._replace(origin=np.where(placed.is_pinhole[:, None], np.nan, origin), center=_nan2(placed))


def leave_crop(placed: Placed, crop_px: float) -> Placed:
    """The camera of a crop of that many pixels, taken to where the crop is in the photo."""
    return _leave_crop(placed, placed.box_px[:, 2] / crop_px, np.full(2, crop_px / 2))


def leave_scaled_crop(placed: Placed) -> Placed:
    """Translations in crops, under focal lengths of whole photos, taken to where the crops are."""
    factor = placed.box_px[:, 2] / placed.picture_px.max(1)
    return _leave_crop(placed, np.where(placed.is_pinhole, factor, np.nan), np.full(2, np.nan))


def _leave_crop(placed: Placed, factor: np.ndarray, middle: np.ndarray) -> Placed:
    to = placed.box_px[:, :2] + placed.box_px[:, 2:] / 2
    return placed._replace(
        scale=placed.scale * factor,
        origin=to + (placed.origin - middle) * factor[:, None],
        focal=placed.focal * factor[:, None],
        # Its principal point was the middle of the crop, whatever the file has.
        center=to,
    )


def count_from_middle(placed: Placed) -> Placed:
    """Principal points that count from the middle of the photo, taken to count from its corner."""
    return _centre(placed, 0)


def count_from_corner(placed: Placed) -> Placed:
    """Principal points that were taken to count from the middle, and count from the corner."""
    return _centre(placed, 1)


def _centre(placed: Placed, which: int) -> Placed:
    origin, center = (centre_points(of, placed.picture_px)[which] for of in (placed.origin, placed.center))
    return placed._replace(origin=origin, center=center)


def rescale_focal(placed: Placed, marks_px: np.ndarray) -> Placed:
    """Pinholes with a focal length that is longer or shorter by one factor, found from the joints."""
    around = placed.center[:, None]
    factor = _find_factor(project(placed) - around, marks_px - around)
    return placed._replace(focal=placed.focal * factor, origin=_nan2(placed))


def rescale_picture(placed: Placed, marks_px: np.ndarray) -> Placed:
    """Cameras of pictures that are larger or smaller by one factor, which is found from the joints."""
    # Of one point of a person, larger is the same as farther to the right and down.
    is_told = np.isfinite(marks_px).all(2).sum(1) > 1
    factor = _find_factor(project(placed), np.where(is_told[:, None, None], marks_px, np.nan))
    return placed._replace(
        scale=placed.scale * factor,
        origin=placed.origin * factor,
        focal=placed.focal * factor,
        center=placed.center * factor,
    )


def _find_factor(of: np.ndarray, to: np.ndarray) -> float:
    """The factor that most people have in common, the median of their own; NaN where there is none.

    Negative ones are none: points would change sides, which no camera does.
    """
    factors = np.array([fit_factor(*pair) for pair in zip(of, to, strict=True)])
    known = factors[np.isfinite(factors)]
    factor = float(np.median(known)) if len(known) else np.nan
    is_common = (np.abs(known / factor - 1) <= SAME_FACTOR).mean() if factor > 0 else 0.0
    return factor if is_common >= COMMON_SHARE else np.nan


def move(placed: Placed, marks_px: np.ndarray) -> Placed:
    """Bodies under pinholes moved to where their joints are, by least squares; others are nowhere."""
    transl = _nan3(placed)
    for k in np.flatnonzero(placed.is_pinhole):
        points, marks = placed.points_m[k], marks_px[k]
        known = np.flatnonzero(np.isfinite(points).all(1) & np.isfinite(marks).all(1))
        if len(known) < FEWEST_JOINTS:
            continue
        # focal (X + t) = (mark - center) (Z + tz), for x and for y, in pixels.
        rays = (marks[known] - placed.center[k]) / placed.focal[k]
        one, zero = np.ones(len(known)), np.zeros(len(known))
        left = np.concatenate(
            [np.column_stack([one, zero, -rays[:, 0]]), np.column_stack([zero, one, -rays[:, 1]])]
        )
        right = (rays * points[known, 2:] - points[known, :2]).T.ravel()
        transl[k] = np.linalg.lstsq(left, right, rcond=None)[0]
    return placed._replace(transl_m=transl)


def _nan(placed: Placed) -> np.ndarray:
    return np.full(len(placed.scale), np.nan)


def _nan2(placed: Placed) -> np.ndarray:
    return np.full((len(placed.scale), 2), np.nan)


def _nan3(placed: Placed) -> np.ndarray:
    return np.full((len(placed.scale), 3), np.nan)
