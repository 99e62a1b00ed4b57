"""Which way bodies stand and look, and how far they must be turned to fit their keypoints."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage, ReviewedPerson
from render.review.keypoints import choose_pairs
from render.review.measure import Column, Measure
from render.review.turned import LEAST_PAIRS, YAW_STEP_DEG, find_spin_deg, find_yaw_deg

FACING = ("front", "left", "back", "right")

COLUMNS = (
    Column(
        "tilt_deg",
        "Angle between the body's axis, from pelvis to neck, and the vertical of the picture; 180 is upside "
        "down.",
        "deg",
        "high",
        1,
    ),
    Column(
        "spin_deg",
        "By how much the joints must be turned in the picture to lie on the keypoints best, either way.",
        "deg",
        "high",
        1,
    ),
    Column(
        "yaw_deg",
        "By how much the body must be turned about its own axis or the vertical, either way, in steps of "
        f"{YAW_STEP_DEG}; 0 unless that makes the joints lie clearly nearer to the keypoints.",
        "deg",
        "high",
        0,
    ),
    Column(
        "facing",
        "Where the chest looks, as the viewer sees it; none for who looks up or down.",
        choices=FACING,
        digits=0,
    ),
)

# Where the ends of the body's axis are, for who has no such joint between two others.
_LOW = ("pelvis", "mid_hip", ("left_hip", "right_hip"))
_HIGH = ("neck", ("left_shoulder", "right_shoulder"))
_LEFT = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))


def measure_orientation(image: ReviewedImage) -> np.ndarray:
    """(P, 4) of the columns; NaN without the joints that they are of, and without keypoints or a camera."""
    rows = [_measure_person(person) for person in image.people]
    return np.array(rows, np.float64).reshape(-1, len(COLUMNS))


def _measure_person(person: ReviewedPerson) -> list[float]:
    low_m, high_m = _find_point(person, _LOW), _find_point(person, _HIGH)
    up = _normalize(high_m - low_m)
    # y is down.
    tilt_deg = float(np.degrees(np.arccos(np.clip(-up[1], -1, 1))))
    spin_deg, yaw_deg = _measure_turns(person, low_m, up)
    return [tilt_deg, spin_deg, yaw_deg, _find_facing(person, up)]


def _measure_turns(person: ReviewedPerson, low_m: np.ndarray, up: np.ndarray) -> tuple[float, float]:
    pairs = choose_pairs(person)
    seen_px = person.joints_px[pairs.joints]
    if len(pairs) < LEAST_PAIRS or not np.isfinite(seen_px).all() or not pairs.size_px > 0:
        return np.nan, np.nan
    yaw_deg = find_yaw_deg(person, pairs, low_m, up) if np.isfinite(up).all() else np.nan
    return abs(float(find_spin_deg(seen_px, pairs.targets_px))), abs(yaw_deg)


def _find_facing(person: ReviewedPerson, up: np.ndarray) -> float:
    # The front is square to what is up and to what is left: in SMPL's rest pose z is x times y.
    left = sum(
        (_take(person, left) - _take(person, right) for left, right in _LEFT if _has(person, left, right)),
        np.zeros(3),
    )
    front = _normalize(np.cross(left, up))
    if not abs(front[1]) <= np.sqrt(0.5):
        return np.nan
    # z is away from the viewer. A quarter of a turn each, from the front by the left of the picture.
    quarters = np.degrees(np.arctan2(-front[0], -front[2])) / 90
    return float(np.round(quarters) % 4)


def _find_point(person: ReviewedPerson, choices: tuple[str | tuple[str, str], ...]) -> np.ndarray:
    for names in choices:
        found = (names,) if isinstance(names, str) else names
        if _has(person, *found):
            return np.mean([_take(person, name) for name in found], axis=0)
    return np.full(3, np.nan)


def _has(person: ReviewedPerson, *names: str) -> bool:
    return set(names) <= set(person.joint_names)


def _take(person: ReviewedPerson, name: str) -> np.ndarray:
    return np.asarray(person.joints_m[person.joint_names.index(name)], np.float64)


def _normalize(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.full(3, np.nan)


MEASURE = Measure(COLUMNS, measure_orientation)
