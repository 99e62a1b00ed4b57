"""How far bodies must be turned for their joints to lie on keypoints."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from render.review.image import ReviewedPerson
from render.review.keypoints import Pairs

# Of turns about a body's axis that are tried.
YAW_STEP_DEG = 15
# A turn counts if it leaves less than this of the misses. Turns of people who fit leave more than all.
_BETTER = 0.7
# Of the size of a person: who misses by less is not turned.
_FITS = 0.02
# Fewer joints lie near keypoints after one turn or another.
LEAST_PAIRS = 5


def find_spin_deg(joints_px: np.ndarray, targets_px: np.ndarray) -> float:
    """The rotation in the picture that lays joints over keypoints best, once their means are in one place.

    The angle of the 2D case of S. Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two
    Point Patterns", 1991; it is the same with a scale.

    Args:
        joints_px: (n, 2).
        targets_px: (n, 2).

    Returns:
        Degrees from -180 to 180, positive from x to y, which is clockwise as one looks at a picture.
    """
    x, y = (joints_px - joints_px.mean(0)).T
    u, v = (targets_px - targets_px.mean(0)).T
    return float(np.degrees(np.arctan2((x * v - y * u).sum(), (x * u + y * v).sum())))


def find_yaw_deg(person: ReviewedPerson, pairs: Pairs, root_m: np.ndarray, up: np.ndarray) -> float:
    """The turn of a body about its own axis after which its joints miss keypoints least.

    Turns of so many whole steps are tried. Both have their means in one place each time, so that a camera
    that is off is no turn, and misses are mean distances.

    Args:
        person: Whose body it is.
        pairs: Joints and keypoints.
        root_m: (3,) a point of the axis.
        up: (3,) along it, a unit vector.

    Returns:
        Degrees from -165 to 180 by the right hand about `up`; 0 unless a turn is clearly better than none.
    """
    turns_deg = np.arange(0, 360, YAW_STEP_DEG)
    joints_m = np.asarray(person.joints_m, np.float64)[pairs.joints] - root_m
    turns = Rotation.from_rotvec(np.radians(turns_deg)[:, None] * up).as_matrix()
    turned_m = joints_m @ turns.transpose(0, 2, 1) + root_m
    turned_px = person.project(turned_m.reshape(-1, 3)).reshape(len(turns), -1, 2)
    targets_px = pairs.targets_px - pairs.targets_px.mean(0)
    misses = np.linalg.norm(turned_px - turned_px.mean(1, keepdims=True) - targets_px, axis=2).mean(1)
    # Who comes to lie behind the camera is not turned so.
    best = int(np.where(np.isfinite(misses), misses, np.inf).argmin())
    if not misses[best] < _BETTER * misses[0] or not misses[0] > _FITS * pairs.size_px:
        return 0.0
    return float((turns_deg[best] + 179) % 360 - 179)
