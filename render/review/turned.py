"""How far bodies must be turned for their joints to lie on keypoints."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from render.review.image import ReviewedPerson
from render.review.keypoints import Pairs

# Of turns about a body's axis that are tried.
YAW_STEP_DEG = 15
# A turn counts if it leaves less than this of the misses.
_BETTER = 0.7
# Of the size of a person: who misses by less is not turned.
_FITS = 0.02
# y is down.
_UPRIGHT = np.array([0.0, -1.0, 0.0])
# With fewer joints, one turn or another fits by chance.
LEAST_PAIRS = 5


def find_spin_deg(joints_px: np.ndarray, targets_px: np.ndarray) -> np.ndarray:
    """Rotations in the picture that lay joints over keypoints best, once their means are in one place.

    The angle of the 2D case of S. Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two
    Point Patterns", 1991; it is the same with a scale.

    Args:
        joints_px: (..., n, 2).
        targets_px: (n, 2).

    Returns:
        (...,) degrees from -180 to 180, positive from x to y, which is clockwise as one looks at a picture.
    """
    x, y = np.moveaxis(joints_px - joints_px.mean(-2, keepdims=True), -1, 0)
    u, v = (targets_px - targets_px.mean(0)).T
    return np.degrees(np.arctan2((x * v - y * u).sum(-1), (x * u + y * v).sum(-1)))


def measure_left_px(joints_px: np.ndarray, targets_px: np.ndarray) -> np.ndarray:
    """(...,) mean distances of joints (..., n, 2) from keypoints (n, 2) after the best rotation and shift."""
    angle = np.radians(find_spin_deg(joints_px, targets_px))
    turns = np.moveaxis(
        np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]), (0, 1), (-2, -1)
    )
    off = (joints_px - joints_px.mean(-2, keepdims=True)) @ turns - (targets_px - targets_px.mean(0))
    return np.linalg.norm(off, axis=-1).mean(-1)


def find_yaw_deg(person: ReviewedPerson, pairs: Pairs, root_m: np.ndarray, up: np.ndarray) -> float:
    """The turn of a body about its own axis, or the vertical, after which its joints miss keypoints least.

    Turns of so many whole steps are tried. Each time the joints are moved and turned in the picture to where
    they miss least, so that neither a camera that is off nor a turn in the picture hides such a turn.

    Args:
        person: Whose body it is.
        pairs: Joints and keypoints.
        root_m: (3,) a point of the axis.
        up: (3,) along it, a unit vector.

    Returns:
        Degrees from -165 to 180, right-handed about what is up; 0 unless a turn is clearly better than none.
    """
    steps_deg = np.arange(0, 360, YAW_STEP_DEG)
    turns_deg = np.concatenate([steps_deg, steps_deg])
    axes = np.repeat([up, _UPRIGHT], len(steps_deg), axis=0)
    joints_m = np.asarray(person.joints_m, np.float64)[pairs.joints] - root_m
    turns = Rotation.from_rotvec(np.radians(turns_deg)[:, None] * axes).as_matrix()
    turned_m = joints_m @ turns.transpose(0, 2, 1) + root_m
    turned_px = person.project(turned_m.reshape(-1, 3)).reshape(len(turns), -1, 2)
    misses = measure_left_px(turned_px, pairs.targets_px)
    # Who comes to lie behind the camera is not turned so.
    best = int(np.where(np.isfinite(misses), misses, np.inf).argmin())
    if not misses[best] < _BETTER * misses[0] or not misses[0] > _FITS * pairs.size_px:
        return 0.0
    return float((turns_deg[best] + 179) % 360 - 179)
