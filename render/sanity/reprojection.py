"""How far joints of bodies are from those that the file has, and which mistake explains it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from render.sanity.alternatives import ALTERNATIVES, LAST_ALTERNATIVE, Alternative
from render.sanity.placed import Placed, find_bounds, project
from render.sanity.sample import Sample

# Of fewer joints nothing is said.
FEWEST_JOINTS = 4
# Of a person's size. Orders of joints differ by a few hundredths, and networks are off by as much.
LARGE_ERROR = 0.1
# Below it are the errors of joints themselves.
SMALL_ERROR = 0.01
# A mistake is named where a large error is so much smaller without it, and one that is not large.
EXPLAINED, WELL_EXPLAINED = 1 / 3, 1 / 5
# Of those that explain about the same, the first is named.
ABOUT_SAME = 1.25
# Squares that share so much of what they cover together are of the same person.
SAME_BOX = 0.3


class Errors(NamedTuple):
    """Reprojection errors of M people.

    Attributes:
        px: (M,) median over the joints; infinite where they are behind the camera, NaN where there are none.
        size_px: (M,) the longer side of the box around the joints on the photo.
    """

    px: np.ndarray
    size_px: np.ndarray

    @property
    def relative(self) -> np.ndarray:
        """(M,) of the person's size."""
        return self.px / self.size_px


class Cause(NamedTuple):
    """A mistake that explains what was found.

    Attributes:
        alternative: The mistake, undone.
        px: The median error without it, NaN where it is told by boxes.
        factor: How many times longer focal lengths are without it, or scales of weak perspective.
    """

    alternative: Alternative
    px: float
    factor: float


def measure_errors(placed: Placed, marks_px: np.ndarray, is_placed: np.ndarray) -> Errors:
    """Errors of joints.

    Args:
        placed: The joints (M, K, 3).
        marks_px: Where they are to be (M, K, 2), NaN where that is not known.
        is_placed: (M,) whose cameras are known.
    """
    seen = project(placed)
    is_known = np.isfinite(marks_px).all(2) & np.isfinite(placed.points_m).all(2)
    distance = np.hypot(*np.moveaxis(seen - marks_px, 2, 0))
    distance = np.where(np.isfinite(distance), distance, np.inf)
    bounds = find_bounds(np.where(is_known[..., None], marks_px, np.nan))
    size = (bounds[:, 2:] - bounds[:, :2]).max(1)
    px = np.full(len(marks_px), np.nan)
    for k in np.flatnonzero(is_placed & (is_known.sum(1) >= FEWEST_JOINTS) & (size > 0)):
        # The upper one of two in the middle: between a number and infinity there is none.
        px[k] = np.quantile(distance[k, is_known[k]], 0.5, method="higher")
    return Errors(px, size)


def middle_of(values: np.ndarray) -> float:
    """The median of those that are numbers or infinite; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(np.quantile(known, 0.5, method="higher")) if len(known) else np.nan


def find_cause(sample: Sample, errors: Errors) -> Cause | None:
    """The mistake that explains a reprojection error, None where none does.

    Conventions such as s (X + t) for s X + t may move people by a few hundredths only. Such an error is told
    from those of joints by that it vanishes.

    Args:
        sample: The people.
        errors: Of them as they are.
    """
    found = middle_of(errors.relative)
    # Written so that NaN, where there are no joints, is small.
    if not found > SMALL_ERROR:
        return None
    is_large = found > LARGE_ERROR
    most = found * (EXPLAINED if is_large else WELL_EXPLAINED)
    has_error = ~np.isnan(errors.px)

    def try_one(alternative: Alternative) -> tuple[float, Cause]:
        placed = alternative.apply(sample.joints, sample.marks_px)
        left = measure_errors(placed, sample.marks_px, sample.is_placed & has_error)
        # Whom it does not apply to, it does not explain.
        factor = find_factor(sample.joints, placed)
        return middle_of(left.relative), Cause(alternative, middle_of(left.px), factor)

    tried = [try_one(alternative) for alternative in ALTERNATIVES]
    least = min(relative for relative, _ in tried)
    if is_large and not least < min(most, LARGE_ERROR):
        tried = [try_one(LAST_ALTERNATIVE)]
        least = tried[0][0]
    if not least < min(most, LARGE_ERROR):
        return None
    return next(cause for relative, cause in tried if relative <= least * ABOUT_SAME)


def find_factor(placed: Placed, other: Placed) -> float:
    """How many times larger the others' cameras show people, the median; NaN where that is not known."""
    size, other_size = (np.where(one.is_pinhole, one.focal[:, 0], one.scale) for one in (placed, other))
    return middle_of(np.divide(other_size, size, where=size > 0, out=np.full(len(size), np.nan)))


def measure_overlap(bounds: np.ndarray, box_px: np.ndarray) -> np.ndarray:
    """(M,) of what two squares cover together, what both do; NaN where one is not known.

    Args:
        bounds: (M, 4) left, top, right, bottom; the square around them is taken.
        box_px: (M, 3) left, top, side.
    """
    middle, half = (bounds[:, :2] + bounds[:, 2:]) / 2, (bounds[:, 2:] - bounds[:, :2]).max(1)[:, None] / 2
    bounds = np.concatenate([middle - half, middle + half], 1)
    other = np.concatenate([box_px[:, :2], box_px[:, :2] + box_px[:, 2:]], 1)
    low, high = np.maximum(bounds[:, :2], other[:, :2]), np.minimum(bounds[:, 2:], other[:, 2:])
    shared = (high - low).clip(min=0).prod(1)
    areas = [(one[:, 2:] - one[:, :2]).prod(1) for one in (bounds, other)]
    return shared / (areas[0] + areas[1] - shared)


def share_boxes(placed: Placed, is_placed: np.ndarray) -> float:
    """Which part bodies share with their boxes, the median; NaN where nobody has a box.

    Args:
        placed: Vertices of the bodies.
        is_placed: (M,) whose cameras are known.
    """
    found = measure_overlap(find_bounds(project(placed)), placed.box_px)
    # Who has a box and is nowhere is not in it.
    has_box = is_placed & np.isfinite(placed.box_px).all(1)
    return middle_of(np.where(has_box, np.nan_to_num(found), np.nan))


def are_beside_boxes(sample: Sample) -> np.ndarray:
    """(M,) whether bodies, as boxes around them, do not hold the middle of their own box.

    Who has a box of the head or of what is seen of the body is not beside it.
    """
    bounds, box_px = find_bounds(project(sample.verts)), sample.verts.box_px
    middle = box_px[:, :2] + box_px[:, 2:] / 2
    # Written so that NaN, which is nowhere, does not hold it.
    holds = ((bounds[:, :2] <= middle) & (middle <= bounds[:, 2:])).all(1)
    return np.isfinite(middle).all(1) & sample.is_placed & ~holds


def find_cause_by_boxes(sample: Sample) -> Cause | None:
    """The mistake without which most bodies are in their boxes; None where they are, or for no usual one."""
    is_beside = are_beside_boxes(sample)
    if is_beside.sum() <= (sample.is_placed & np.isfinite(sample.verts.box_px).all(1)).sum() / 2:
        return None

    marks_px = _mark_middles(sample.verts)

    def try_one(alternative: Alternative) -> tuple[float, Cause]:
        placed = alternative.apply(sample.verts, marks_px)
        return share_boxes(placed, sample.is_placed), Cause(
            alternative, np.nan, find_factor(sample.verts, placed)
        )

    # Without joints, turned bodies are in the same boxes.
    tried = [try_one(alternative) for alternative in ALTERNATIVES]
    most = max(share for share, _ in tried)
    if not most > SAME_BOX:
        return None
    return next(cause for share, cause in tried if share * ABOUT_SAME >= most)


def _mark_middles(placed: Placed) -> np.ndarray:
    """(M, V, 2) of the vertex in the middle of each body the middle of its box; NaN of all others."""
    seen = project(placed)
    bounds = find_bounds(seen)
    distance = np.hypot(*np.moveaxis(seen - ((bounds[:, :2] + bounds[:, 2:]) / 2)[:, None], 2, 0))
    marks_px = np.full(seen.shape, np.nan)
    nearest = np.where(np.isfinite(distance), distance, np.inf).argmin(1)
    marks_px[np.arange(len(seen)), nearest] = placed.box_px[:, :2] + placed.box_px[:, 2:] / 2
    return marks_px
