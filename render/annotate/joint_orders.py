"""OpenPose's 18 joints, picked from those of bodies and of files."""

from __future__ import annotations

import numpy as np

from render.fits.joint_orders import OPENPOSE_18, find_places


def pick_joints(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Some of the joints of a body.

    Args:
        points: (J, C).
        places: (K,) which; -1 for joints that it lacks.

    Returns:
        (K, C), NaN for those.
    """
    if not len(points):
        return np.full((len(places), *points.shape[1:]), np.nan, points.dtype)
    return np.where(places[:, None] >= 0, points[places], np.nan)


def openpose18_from_marks(points: np.ndarray, order: str) -> np.ndarray:
    """OpenPose's 18 joints out of the keypoints of a file.

    An order may hold a joint twice, as SPIN's does: as OpenPose found it, and as the dataset has it. Where
    the first has confidence 0, the second is taken, as EFT does (facebookresearch/eft, jointorders.py).

    Args:
        points: (K, 3) x, y, confidence.
        order: Their order, as `Marks` has it.

    Returns:
        (18, 3) x, y, confidence; 0 for what the order lacks.
    """
    found = np.zeros((len(OPENPOSE_18), 3), points.dtype)
    for joint, places in enumerate(find_places(order, OPENPOSE_18)):
        for place in places:
            found[joint] = points[place]
            if found[joint, 2] > 0:
                break
    return found
