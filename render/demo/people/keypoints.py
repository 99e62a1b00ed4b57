"""The 2D keypoints of a demo fit: SPIN's 49 joints and EFT's 18 validity flags, from smplx's joints."""

from __future__ import annotations

import numpy as np

# Index into smplx's joints: 24 of SMPL, then nose, eyes, ears, toes and heels. -1: the joint needs SPIN's own
# regressor (hips and neck of LSP, head top, pelvis and thorax of MPII, spine, jaw and head of H36M).
OPENPOSE_25 = (24, 12, 17, 19, 21, 16, 18, 20, 0, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34)
GROUND_TRUTH_24 = (8, 5, -1, -1, 4, 7, 21, 19, 17, 16, 18, 20, -1, -1, -1, -1, -1, -1, -1, 24, 26, 25, 28, 27)
SPIN_49 = np.array(OPENPOSE_25 + GROUND_TRUTH_24)
# OpenPose's 18 joints are its 25 without the middle of the hips and the feet.
OPENPOSE_18 = np.r_[0:8, 9:19]


def make_keypoints(joints_px: np.ndarray, hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The keypoints of a fit, from its joints.

    Args:
        joints_px: (45, >= 2), x, y in the picture.
        hw: Height and width of the picture.

    Returns:
        Keypoints (49, 3), x, y in px and confidence, and validity (18,). Confidence is 1 inside the picture;
        a joint without a source or outside has confidence 0 and lies at 0, 0.
    """
    # A joint without a source takes the last one here, and is left out by the next line.
    points = joints_px[SPIN_49, :2]
    inside = ((points >= 0) & (points < (hw[1], hw[0]))).all(1) & (SPIN_49 >= 0)
    keypoints = np.where(inside[:, None], np.column_stack([points, np.ones(49)]), 0.0)
    return keypoints, inside[OPENPOSE_18].astype(int)
