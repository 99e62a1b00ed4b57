"""OpenPose's 18 joints, picked from SMPL's 45 and from SPIN's 49.

Both maps are those of EFT (facebookresearch/eft, jointorders.py), found there by the joints' names.
"""

from __future__ import annotations

import numpy as np

OPENPOSE_18 = (
    *("nose", "neck"),
    *("right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
    *("right_eye", "left_eye", "right_ear", "left_ear"),
)

# Into smplx's joints of a SMPL body: 24 of the skeleton, then nose, right eye, left eye, right ear, left ear.
_IN_SMPL = np.array([24, 12, 17, 19, 21, 16, 18, 20, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28])
# SPIN's 49 are OpenPose's 25 joints, whose first 19 are these 18 and the middle of the hips, then 24 joints
# as the datasets annotate them.
_DETECTED = np.r_[0:8, 9:19]
_ANNOTATED = np.array([44, 37, 33, 32, 31, 34, 35, 36, 27, 26, 25, 28, 29, 30, 46, 45, 48, 47])


def openpose18_from_smpl(joints: np.ndarray) -> np.ndarray:
    """OpenPose's 18 joints of an SMPL body; the neck is SMPL's own.

    Args:
        joints: smplx's joints (..., 45, C).

    Returns:
        The joints (..., 18, C).
    """
    return joints[..., _IN_SMPL, :]


def openpose18_from_spin49(keypoints: np.ndarray) -> np.ndarray:
    """OpenPose's 18 joints out of SPIN's keypoints.

    SPIN holds these joints twice. Where OpenPose's has confidence 0, the dataset's own annotation is taken.

    Args:
        keypoints: SPIN's 49 (..., 49, 3): x, y, confidence.

    Returns:
        The joints (..., 18, 3): x, y, confidence.
    """
    detected, annotated = keypoints[..., _DETECTED, :], keypoints[..., _ANNOTATED, :]
    return np.where(detected[..., 2:] > 0, detected, annotated)
