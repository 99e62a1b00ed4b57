"""Whether bodies are in front of their cameras, on their photos, and on their joints."""

from __future__ import annotations

import numpy as np

from render.sanity.alternatives import CROP_SIDES_PX, Alternative
from render.sanity.bodies import ODD_SHARE
from render.sanity.placed import find_bounds, project
from render.sanity.remarks import Remark, count_odd, format_number, format_px
from render.sanity.reprojection import (
    LARGE_ERROR,
    SMALL_ERROR,
    Cause,
    Errors,
    are_beside_boxes,
    find_cause,
    find_cause_by_boxes,
    middle_of,
)
from render.sanity.sample import Sample

# Nobody's middle is nearer to a camera.
NEAREST_M = 0.1
# Around their own origin bodies reach no further.
AROUND_M = 0.6
# Of the photo's longer side, what bodies take.
LEAST_SHARE, MOST_SHARE = 0.005, 20.0
# Photos whose shorter side is so many crops are no crops.
LARGER_PHOTO = 1.5
# A body in a crop is near its middle, and takes this share of it.
_NEAR_MIDDLE, _LEAST_SHARE, _MOST_SHARE = 0.25, 0.25, 1.3
_LOOK = "None of the usual mistakes explains it; look at a few sheets before all are drawn"
_CROP = (
    "The camera is most likely that of the crop; give the camera of the whole photo, or the crop's camera "
    "with its box"
)


def check_cameras(sample: Sample, errors: Errors, options: frozenset[str]) -> Remark | None:
    """The first thing that is odd: further ones mostly follow from it.

    Args:
        sample: The people.
        errors: Of their joints.
        options: Names of those that the reader takes.
    """
    for check in (_check_front, _check_joints, _check_photos, _check_boxes, _check_corner, _check_lengths):
        text = check(sample, errors, options)
        if text is not None:
            return Remark("warn", text)
    return None


def _check_front(sample: Sample, errors: Errors, options: frozenset[str]) -> str | None:
    """Pinholes with bodies behind them."""
    verts = sample.verts
    z = verts.points_m[..., 2] + verts.transl_m[:, None, 2]
    middle = np.median(z, 1)
    # Written so that NaN is behind.
    is_behind = verts.is_pinhole & ~(middle > NEAREST_M)
    if not is_behind.any() or is_behind.sum() < ODD_SHARE * verts.is_pinhole.sum():
        return None
    said = (
        f"{count_odd(sample.fits, is_behind, verts.is_pinhole)} are behind their camera, or at it: expected "
        f"z > 0, found {middle[is_behind][0]:.3g} m in the middle of the first. "
    )
    cause = find_cause(sample, errors)
    if cause is not None:
        return said + _explain(cause, options)
    if middle_of(middle[is_behind]) > -AROUND_M:
        return f"{said}They are around the camera: their translations are most likely missing"
    return (
        f"{said}y and z are most likely those of another frame, with z towards the camera as in OpenGL; "
        f"{_advise_axes('opengl', options)}"
    )


def _check_joints(sample: Sample, errors: Errors, options: frozenset[str]) -> str | None:
    """Joints that are far from those of the file, or nearer to them without a mistake."""
    relative, off_px = errors.relative, middle_of(errors.px)
    cause = find_cause(sample, errors)
    # Written so that NaN, where there are no joints, is not large.
    is_large = middle_of(relative) > LARGE_ERROR
    if not is_large and cause is None:
        return None
    most = LARGE_ERROR if is_large else SMALL_ERROR
    is_off = np.nan_to_num(relative, nan=0.0) > most
    found = (
        f"a median of {format_px(off_px)}, {format_number(100 * middle_of(relative))} % of a person"
        if np.isfinite(off_px)
        else "that they are behind the camera"
    )
    return (
        f"{count_odd(sample.fits, is_off, ~np.isnan(relative))} have joints that are not where the file has "
        f"them on the photo: expected at most {100 * most:.0f} % of a person, found {found}. "
        f"{_explain(cause, options) if cause else _LOOK}"
    )


def _check_photos(sample: Sample, errors: Errors, options: frozenset[str]) -> str | None:
    """Bodies, boxes or joints that do not meet their photos."""
    verts, picture = sample.verts, sample.verts.picture_px
    has_size = sample.is_placed & np.isfinite(picture).all(1)
    is_off = has_size & ~_meets(find_bounds(project(verts)), picture)
    if not is_off.any() or is_off.sum() < ODD_SHARE * has_size.sum():
        return None
    said = f"{count_odd(sample.fits, is_off, has_size)} are not on their photos at all. "
    cause = find_cause_by_boxes(sample)
    if cause is not None:
        return said + _explain(cause, options)
    marked = find_bounds(sample.marks_px)
    box = np.concatenate([verts.box_px[:, :2], verts.box_px[:, :2] + verts.box_px[:, 2:]], 1)
    told = np.where(np.isfinite(marked), marked, box)
    if (is_off & np.isfinite(told).all(1) & ~_meets(told, picture)).sum() > is_off.sum() / 2:
        return (
            f"{said}Neither are their boxes and joints: the photos are most likely others than those that "
            f"were fitted, or of another size; check dataset.image_dir"
        )
    return (
        f"{said}Check that the photos are those that were fitted, in their size, and that the cameras are of "
        f"whole photos"
    )


def _meets(bounds: np.ndarray, picture_px: np.ndarray) -> np.ndarray:
    # Written so that NaN, which is nowhere, does not.
    return np.logical_and((bounds[:, 2:] > 0).all(1), (bounds[:, :2] < picture_px).all(1))


def _check_boxes(sample: Sample, errors: Errors, options: frozenset[str]) -> str | None:
    """Bodies beside their own boxes; not where joints have told that they are where they should be."""
    has_box = sample.is_placed & np.isfinite(sample.verts.box_px).all(1)
    is_beside = are_beside_boxes(sample)
    if not np.isnan(errors.px).all() or is_beside.sum() <= has_box.sum() / 2:
        return None
    cause = find_cause_by_boxes(sample)
    return (
        f"{count_odd(sample.fits, is_beside, has_box)} are beside their boxes. "
        f"{_explain(cause, options) if cause else _LOOK}"
    )


def _check_corner(sample: Sample, errors: Errors, options: frozenset[str]) -> str | None:
    """Bodies that are all in the corner of their photos, as large as in a crop; told by nothing else."""
    has_size = sample.is_placed & np.isfinite(sample.verts.picture_px).all(1)
    has_box = np.isfinite(sample.verts.box_px).all(1)
    if not has_size.any() or has_box.any() or not np.isnan(errors.px).all():
        return None
    bounds = find_bounds(project(sample.verts))[has_size]
    middle, length = (bounds[:, :2] + bounds[:, 2:]) / 2, (bounds[:, 2:] - bounds[:, :2]).max(1)
    shorter = sample.verts.picture_px[has_size].min(1)
    for crop in CROP_SIDES_PX:
        is_in_corner = (
            (np.abs(middle - crop / 2) < _NEAR_MIDDLE * crop).all(1)
            & (length > _LEAST_SHARE * crop)
            & (length < _MOST_SHARE * crop)
            & (shorter > LARGER_PHOTO * crop)
        )
        if is_in_corner.all():
            who = count_odd(sample.fits, has_size, has_size)
            return (
                f"{who} are in the upper left corner of their photos, as large as in a crop of {crop:.0f} "
                f"px. {_CROP}"
            )
    return None


def _check_lengths(sample: Sample, errors: Errors, options: frozenset[str]) -> str | None:
    """Bodies that are dots on their photos, or far larger than they are."""
    if not np.isnan(errors.px).all():
        return None
    bounds, side = find_bounds(project(sample.verts)), sample.verts.picture_px.max(1)
    length = np.where(sample.is_placed, (bounds[:, 2:] - bounds[:, :2]).max(1), np.nan)
    share = middle_of(length / side)
    # Written so that NaN, where no photo is there, is within.
    if not (share < LEAST_SHARE or share > MOST_SHARE):
        return None
    is_odd = (length < LEAST_SHARE * side) | (length > MOST_SHARE * side)
    return (
        f"{count_odd(sample.fits, is_odd, np.isfinite(length / side))} are a median of "
        f"{format_px(middle_of(length))} long on photos of {format_px(middle_of(side))}: their translations "
        f"are most likely not in the unit of their bodies, or their focal lengths not in pixels"
    )


def _explain(cause: Cause, options: frozenset[str]) -> str:
    alternative: Alternative = cause.alternative
    result = (
        "They would be in their boxes"
        if np.isnan(cause.px)
        else f"Joints would be off by {format_px(cause.px)}"
    )
    advice = alternative.advice
    if alternative.axes:
        advice += f"; {_advise_axes(alternative.axes, options)}"
    return f"{result} if {alternative.condition.format(factor=cause.factor)}: {advice}"


def _advise_axes(axes: str, options: frozenset[str]) -> str:
    if "axes" not in options:
        return "convert them before they are written"
    return f"set dataset.options.axes to the other of opencv and {axes}"
