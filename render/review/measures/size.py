"""How large a body is and how far away, beside the other people of the image and beside its keypoints."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage, ReviewedPerson
from render.review.keypoints import choose_pairs
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "limbs_m",
        "Length of a leg and an arm together, from hip to ankle and from shoulder to wrist, the mean of both "
        "sides. It grows with stature, and does not depend on the pose.",
        "m",
        is_compared=True,
    ),
    Column(
        "depth_m",
        "How far the middle of the body lies in front of the camera, as its own camera has it; empty for "
        "weak perspective, which has no distance.",
        "m",
    ),
    Column("px_per_m", "How many pixels a metre has at the middle of the body.", "px", digits=1),
    Column(
        "depth_share",
        "How many times farther away it is than the others of the image, by pixels a metre: the median of "
        "theirs divided by its own.",
        is_compared=True,
        is_ratio=True,
    ),
    Column(
        "size_share",
        "How many times larger the body is drawn than its keypoints are, by how far both are spread; 1 is "
        "right.",
        is_compared=True,
        is_ratio=True,
    ),
)

_LIMBS = (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist"))
# Fewer points have no spread to speak of.
FEWEST_JOINTS = 3


def measure_size(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    depth_m, px_per_m = np.array([_measure_depth(person) for person in image.people]).T
    limbs_m = [_measure_limbs(person) for person in image.people]
    spreads = [_compare_spread(person) for person in image.people]
    shares = _find_medians_of_others(px_per_m) / px_per_m
    return np.column_stack([limbs_m, depth_m, px_per_m, shares, spreads])


def _find_medians_of_others(values: np.ndarray) -> np.ndarray:
    """(P,) for each of P values the median of the others; those that are NaN are nobody's."""
    ordered = np.sort(values[np.isfinite(values)])
    count = len(ordered) - 1
    if count < 1:
        return np.full(len(values), np.nan)
    # From each value's own place on, the others are one place farther.
    place = np.searchsorted(ordered, values)
    middles = [ordered[middle + (middle >= place)] for middle in ((count - 1) // 2, count // 2)]
    return np.mean(middles, axis=0)


def _measure_limbs(person: ReviewedPerson) -> float:
    places = {name: place for place, name in reversed(list(enumerate(person.joint_names)))}
    total = 0.0
    for side in ("left", "right"):
        for limb in _LIMBS:
            chain = [places[joint] for joint in (f"{side}_{name}" for name in limb) if joint in places]
            if len(chain) < len(limb):
                return np.nan
            total += float(np.linalg.norm(np.diff(person.joints_m[chain], axis=0), axis=1).sum())
    return total / 2


def _measure_depth(person: ReviewedPerson) -> tuple[float, float]:
    """Metres in front of the camera, and pixels a metre; NaN for what is not known."""
    camera = person.camera
    if camera.is_framed or not len(person.verts_m):
        return np.nan, np.nan
    if not camera.is_pinhole:
        return np.nan, camera.scale if camera.scale > 0 else np.nan
    depth_m = float(person.verts_m[:, 2].mean() + camera.transl_m[2])
    return depth_m, float(camera.focal.mean()) / depth_m if depth_m > 0 else np.nan


def _compare_spread(person: ReviewedPerson) -> float:
    """The drawn joints' root mean square distance from their middle, divided by that of their keypoints."""
    pairs = choose_pairs(person)
    joints_px = person.joints_px[pairs.joints]
    is_seen = np.isfinite(joints_px).all(1)
    if is_seen.sum() < FEWEST_JOINTS:
        return np.nan
    drawn, marked = (np.linalg.norm(one.std(0)) for one in (joints_px[is_seen], pairs.targets_px[is_seen]))
    return float(drawn / marked) if marked > 0 else np.nan


MEASURE = Measure(COLUMNS, measure_size)
