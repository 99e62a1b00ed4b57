"""The demo people's poses, written by hand, and the jitter that makes no two of them alike.

A pose names SMPL's joints and turns them by (x, y, z) degrees, as R = Rx @ Ry @ Rz: z first, so that an arm
is lowered before it swings. Axes are those of the T-pose: x to the body's left, y up, z out of its chest. So
+x on a knee bends it, -x on a hip lifts the thigh, -z on the left shoulder lowers the arm (+z on the right),
and -y on the left elbow brings the hand forward (+y on the right).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

JOINTS = (
    "pelvis", "l_hip", "r_hip", "spine1", "l_knee", "r_knee", "spine2", "l_ankle", "r_ankle", "spine3",
    "l_foot", "r_foot", "neck", "l_collar", "r_collar", "head", "l_shoulder", "r_shoulder", "l_elbow",
    "r_elbow", "l_wrist", "r_wrist", "l_hand", "r_hand",
)  # fmt: skip
_MIRRORED = tuple(JOINTS.index({"l": "r", "r": "l"}[n[0]] + n[1:] if n[1] == "_" else n) for n in JOINTS)
_LEGS = tuple(k for k, n in enumerate(JOINTS) if n[2:] in ("hip", "knee", "ankle", "foot"))

Turns = dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Pose:
    """A pose of the demo people.

    Attributes:
        turns: Of joints, x, y, z in deg.
        yaw_deg: The range of turns away from facing the viewer that suit it, to either side.
        lift_m: Height of the lowest vertex above the floor.
        seat: Whether a stool stands under the pelvis.
        jitter_deg: Spread of its variations, where limbs must stay on the floor a small one.
    """

    turns: Turns
    yaw_deg: tuple[float, float] = (0, 130)
    lift_m: float = 0.0
    seat: bool = False
    jitter_deg: float = 3.0


# SMPL's hands are flat in the T-pose; relaxed ones are bent a little.
_HANDS: Turns = {"l_hand": (0, 0, -25), "r_hand": (0, 0, 25)}

POSES: dict[str, Pose] = {
    "walk": Pose({
        "pelvis": (2, 0, 0), "l_hip": (-24, 0, 2), "l_knee": (6, 0, 0), "l_ankle": (6, 0, 0),
        "r_hip": (14, 0, -2), "r_knee": (28, 0, 0), "r_ankle": (-4, 0, 0), "r_foot": (-28, 0, 0),
        "spine1": (2, -4, 0), "spine3": (0, -5, 0), "head": (2, 6, 0),
        "l_shoulder": (24, 0, -74), "r_shoulder": (-24, 0, 74), "l_elbow": (0, -18, 0), "r_elbow": (0, 34, 0),
    }),
    "run": Pose({
        "pelvis": (10, 0, 0), "r_hip": (-68, 0, 0), "r_knee": (82, 0, 0), "r_ankle": (5, 0, 0),
        "l_hip": (16, 0, 2), "l_knee": (18, 0, 0), "l_ankle": (14, 0, 0), "l_foot": (-38, 0, 0),
        "spine1": (4, 6, 0), "spine3": (2, 8, 0), "head": (-12, -10, 0),
        "l_shoulder": (-30, -10, -68), "r_shoulder": (46, 0, 66), "l_elbow": (0, -88, 0),
        "r_elbow": (0, 86, 0),
    }, yaw_deg=(25, 120)),
    "hands_on_hips": Pose({
        "l_hip": (0, 8, 7), "r_hip": (0, -8, -7), "spine2": (-3, 0, 0),
        "l_shoulder": (0, 16, -42), "r_shoulder": (0, -16, 42), "l_elbow": (0, -22, -96),
        "r_elbow": (0, 22, 96), "l_wrist": (0, 0, 40), "r_wrist": (0, 0, -40),
    }),
    "sit": Pose({
        "pelvis": (-4, 0, 0), "l_hip": (-84, 0, 8), "r_hip": (-84, 0, -8), "l_knee": (86, 0, 0),
        "r_knee": (86, 0, 0), "spine1": (4, 0, 0), "spine2": (4, 0, 0), "head": (4, 10, 0),
        "l_shoulder": (-10, 0, -72), "r_shoulder": (-14, 0, 72), "l_elbow": (0, -60, -20),
        "r_elbow": (0, 56, 20),
    }, yaw_deg=(15, 80), seat=True),
    "squat": Pose({
        "pelvis": (28, 0, 0), "l_hip": (-122, 0, 22), "r_hip": (-122, 0, -22), "l_knee": (118, 0, 0),
        "r_knee": (118, 0, 0), "l_ankle": (-24, 0, 0), "r_ankle": (-24, 0, 0), "spine1": (8, 0, 0),
        "head": (-24, 0, 0), "l_shoulder": (-10, -72, -10), "r_shoulder": (-10, 72, 10),
        "l_elbow": (0, -14, 0), "r_elbow": (0, 14, 0),
    }, yaw_deg=(20, 110)),
    "cheer": Pose({
        "l_hip": (0, 0, 8), "r_hip": (0, 0, -8), "spine2": (-6, 0, 0), "head": (-14, 0, 0),
        "l_collar": (0, 0, 14), "r_collar": (0, 0, -14), "l_shoulder": (0, -8, 46),
        "r_shoulder": (0, 8, -46), "l_elbow": (0, -20, 14), "r_elbow": (0, 20, -14),
    }),
    "throw": Pose({
        "pelvis": (-4, -30, 0), "l_hip": (-24, 14, 6), "l_knee": (12, 0, 0), "l_ankle": (14, 0, 0),
        "r_hip": (8, -14, -12), "r_knee": (22, 0, 0), "r_ankle": (-20, 0, 0), "spine2": (-4, -14, 0),
        "spine3": (0, -12, 6), "head": (0, 44, 0), "l_shoulder": (0, -34, 6), "l_elbow": (0, -12, 0),
        "r_shoulder": (0, -22, -12), "r_elbow": (0, 24, -88), "r_wrist": (0, 0, 20),
    }, yaw_deg=(20, 110)),
    "kick": Pose({
        "pelvis": (-12, 0, 0), "r_hip": (-66, 0, -4), "r_knee": (14, 0, 0), "r_ankle": (28, 0, 0),
        "l_hip": (6, 0, 3), "l_knee": (12, 0, 0), "l_ankle": (-6, 0, 0), "spine1": (10, 8, 0),
        "spine2": (6, 6, 0), "head": (6, 0, 0), "l_shoulder": (0, -38, -22), "r_shoulder": (22, -10, 46),
        "l_elbow": (0, -20, 0), "r_elbow": (0, 26, 0),
    }, yaw_deg=(30, 110)),
    "wave": Pose({
        "l_hip": (0, 4, 3), "r_hip": (0, -4, -3), "spine2": (0, 0, 3), "head": (0, 0, -6),
        "r_collar": (0, 0, -10), "r_shoulder": (0, 10, -22), "r_elbow": (0, 10, -62), "r_wrist": (0, 0, -12),
        "l_shoulder": (4, 0, -74), "l_elbow": (0, -16, 0),
    }, yaw_deg=(0, 60)),
    "lie": Pose({
        "pelvis": (-90, 0, 0), "l_hip": (-47, 0, 6), "l_knee": (92, 0, 0), "l_ankle": (0, 0, 0),
        "r_hip": (-2, 0, -6), "r_knee": (4, 0, 0), "r_ankle": (24, 0, 0), "neck": (-8, 0, 0),
        "head": (-4, 14, 0),
        "l_shoulder": (5, 2, -48), "r_shoulder": (5, -2, 56), "l_elbow": (0, -4, 0), "r_elbow": (0, 4, 0),
    }, yaw_deg=(60, 115), jitter_deg=1.0),
    "lunge": Pose({
        "pelvis": (4, 0, 0), "l_hip": (-80, 0, 4), "l_knee": (78, 0, 0), "l_ankle": (-2, 0, 0),
        "r_hip": (22, 0, -4), "r_knee": (58, 0, 0), "r_ankle": (-11, 0, 0), "r_foot": (-34, 0, 0),
        "head": (-4, 0, 0), "l_shoulder": (0, 12, -44), "r_shoulder": (0, -12, 44),
        "l_elbow": (0, -22, -92), "r_elbow": (0, 22, 92), "l_wrist": (0, 0, 36), "r_wrist": (0, 0, -36),
    }, yaw_deg=(25, 120)),
    "pick_up": Pose({
        "pelvis": (62, 0, 0), "l_hip": (-84, 0, 6), "r_hip": (-84, 0, -6), "l_knee": (38, 0, 0),
        "r_knee": (38, 0, 0), "l_ankle": (-16, 0, 0), "r_ankle": (-16, 0, 0), "spine1": (14, 0, 0),
        "spine2": (14, 0, 0), "spine3": (8, 0, 0), "head": (-16, 0, 0), "l_shoulder": (-84, 0, -66),
        "r_shoulder": (-96, 0, 70), "l_elbow": (0, -16, 0), "r_elbow": (0, 8, 0),
    }, yaw_deg=(40, 110)),
    "jump": Pose({
        "pelvis": (4, 0, 0), "l_hip": (-18, 0, 22), "r_hip": (-30, 0, -20), "l_knee": (62, 0, 0),
        "r_knee": (84, 0, 0), "l_ankle": (30, 0, 0), "r_ankle": (30, 0, 0), "spine2": (-8, 0, 0),
        "head": (-8, 0, 0), "l_shoulder": (0, -6, 42), "r_shoulder": (0, 6, -32), "l_elbow": (0, -18, 10),
        "r_elbow": (0, 24, -14),
    }, lift_m=0.3),
    "look_out": Pose({
        "pelvis": (0, 0, -2), "l_hip": (-4, 10, 4), "r_hip": (2, -6, -8), "l_knee": (10, 0, 0),
        "l_ankle": (-6, 0, 0), "spine2": (0, 0, -4), "head": (-4, 10, 0), "r_shoulder": (-38, 36, 7),
        "r_elbow": (0, 116, -25), "r_wrist": (0, 10, 0), "l_shoulder": (6, 0, -70), "l_elbow": (0, -30, 0),
    }),
    "side_stretch": Pose({
        "l_hip": (0, 0, 12), "r_hip": (0, 0, -12), "spine1": (0, 0, 12), "spine2": (0, 0, 14),
        "spine3": (0, 0, 10), "head": (0, 0, 6), "l_collar": (0, 0, 16), "l_shoulder": (0, 0, 78),
        "l_elbow": (0, -14, 46), "r_shoulder": (-6, 0, 54), "r_elbow": (0, 14, 0),
    }, yaw_deg=(0, 45)),
    "kneel": Pose({
        "l_hip": (-98, 0, 6), "l_knee": (98, 0, 0), "r_hip": (4, 0, -4), "r_knee": (88, 0, 0),
        "r_ankle": (52, 0, 0), "spine1": (6, 0, 0), "head": (-6, 0, 0), "l_shoulder": (-18, 0, -68),
        "l_elbow": (0, -60, -34), "r_shoulder": (0, 0, 74), "r_elbow": (0, 16, 0),
    }, yaw_deg=(20, 110)),
}  # fmt: skip


def pose_rotmat(pose: Pose, rng: np.random.Generator) -> np.ndarray:
    """A variation of a pose: half the time mirrored, each joint jittered.

    Args:
        pose: To be varied.
        rng: What chooses.

    Returns:
        Rotations (24, 3, 3), y up.
    """
    turns = np.zeros((24, 3))
    for name, turn in (_HANDS | pose.turns).items():
        turns[JOINTS.index(name)] = turn
    if rng.random() < 0.5:
        # Across the plane of y and z: left and right change places, and turns about y and z their sign.
        turns = turns[list(_MIRRORED)] * (1, -1, -1)
    jitter = np.clip(rng.normal(0, 1, (24, 3)), -2, 2) * pose.jitter_deg
    # A leg's error grows down to the foot, which must stay on the floor; the pelvis carries the whole body.
    jitter[list(_LEGS)] *= 0.3
    jitter[0] = 0
    return turns_to_rotmat(np.radians(turns + jitter))


def turns_to_rotmat(turns_rad: np.ndarray) -> np.ndarray:
    """The rotations Rx @ Ry @ Rz.

    Args:
        turns_rad: About x, y, z (J, 3).

    Returns:
        A rotation for each row (J, 3, 3).
    """
    cos, sin = np.cos(turns_rad).T, np.sin(turns_rad).T
    one, zero = np.ones(len(turns_rad)), np.zeros(len(turns_rad))
    rows = (
        ((one, zero, zero), (zero, cos[0], -sin[0]), (zero, sin[0], cos[0])),
        ((cos[1], zero, sin[1]), (zero, one, zero), (-sin[1], zero, cos[1])),
        ((cos[2], -sin[2], zero), (sin[2], cos[2], zero), (zero, zero, one)),
    )
    rot_x, rot_y, rot_z = (np.moveaxis(np.array(r), 2, 0) for r in rows)
    return rot_x @ rot_y @ rot_z
