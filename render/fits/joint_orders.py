"""Orders of joints in files of fits, by the name that `Marks.order` has: each joint's name in its place.

Where orders share a joint they share its name, so that one skeleton can be drawn of any of them.
"""

from __future__ import annotations

OPENPOSE_18 = (
    *("nose", "neck"),
    *("right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
    *("right_eye", "left_eye", "right_ear", "left_ear"),
)
OPENPOSE_25 = (
    *OPENPOSE_18[:8],
    "mid_hip",
    *OPENPOSE_18[8:],
    *("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel"),
)
COCO_17 = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
)
# The 24 of SPIN's that datasets annotate. Its neck is LSP's, which EFT draws where OpenPose found none.
SPIN_24 = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    *("neck", "top_of_head_lsp", "pelvis_mpii", "thorax_mpii", "spine_h36m", "jaw_h36m", "head_h36m"),
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
)
# SPIN's 49: OpenPose's 25 as detected, then the 24 as annotated. A joint that is there twice is taken from
# where it has a confidence, the detected one first.
SPIN_49 = (*OPENPOSE_25, *SPIN_24)
SMPL_24 = (
    *("pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2"),
    *("left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck"),
    *("left_collar", "right_collar", "head", "left_shoulder", "right_shoulder"),
    *("left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand"),
)
_FINGERS = ("thumb", "index", "middle", "ring", "pinky")


def _name_finger_joints(side: str) -> tuple[str, ...]:
    """From the tip of the thumb on, each finger from its tip inwards."""
    joints = ("tip", "first_joint", "second_joint", "third_joint")
    return tuple(f"{side}_{finger}_{joint}" for finger in _FINGERS for joint in joints)


# The first 70 of MHR's 308 keypoints, which SAM-3D-Body predicts.
MHR_70 = (
    *COCO_17[:9],
    *COCO_17[11:],
    *OPENPOSE_25[19:],
    *(*_name_finger_joints("right"), "right_wrist", *_name_finger_joints("left"), "left_wrist"),
    *("left_olecranon", "right_olecranon", "left_cubital_fossa", "right_cubital_fossa"),
    *("left_acromion", "right_acromion", "neck"),
)
# ROMP's and BEV's: SMPL's joints, chosen vertices, and joints that are regressed as SPIN's and H3.6M's are.
ROMP_71 = (
    *SMPL_24,
    *("nose", "right_eye", "left_eye", "right_ear", "left_ear"),
    *OPENPOSE_25[19:],
    *(f"{side}_{finger}_tip" for side in ("left", "right") for finger in _FINGERS),
    *("right_hip", "left_hip", *SPIN_24[12:19]),
    *SPIN_24[:14],
    *("pelvis_h36m", "spine_h36m", "jaw_h36m"),
)

ORDERS: dict[str, tuple[str, ...]] = {
    "openpose18": OPENPOSE_18,
    "openpose25": OPENPOSE_25,
    "coco17": COCO_17,
    "spin24": SPIN_24,
    "spin49": SPIN_49,
    "smpl24": SMPL_24,
    "mhr70": MHR_70,
    "romp71": ROMP_71,
    # The first of SMPL-X's, up to the wrists.
    "smplx22": SMPL_24[:22],
}


def find_places(order: str, names: tuple[str, ...]) -> list[list[int]]:
    """Where joints are in an order.

    Args:
        order: A name of ORDERS; another one, which has no joints that we know, gives none.
        names: Of the joints.

    Returns:
        For each name its places, the one to be preferred first.
    """
    known = ORDERS.get(order, ())
    return [[place for place, joint in enumerate(known) if joint == name] for name in names]
