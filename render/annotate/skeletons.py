"""Skeletons of 2D joints: their limbs and colours."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from render.fits.joint_orders import COCO_17, OPENPOSE_18

Rgb = tuple[int, int, int]

# Okabe and Ito's colours, which colour-blind people can tell apart: warm is right, cold is left.
_UPPER_RGB = {"right": (213, 94, 0), "left": (0, 114, 178)}
_LOWER_RGB = {"right": (230, 159, 0), "left": (86, 180, 233)}
_MIDDLE_RGB = (240, 228, 66)

_OPENPOSE_CHAINS = (
    "neck right_shoulder right_elbow right_wrist",
    "neck left_shoulder left_elbow left_wrist",
    "neck right_hip right_knee right_ankle",
    "neck left_hip left_knee left_ankle",
    "neck nose right_eye right_ear",
    "nose left_eye left_ear",
)
# The limbs that COCO's annotation files list for the category "person".
_COCO_CHAINS = (
    "left_shoulder right_shoulder right_hip left_hip left_shoulder",
    "right_shoulder right_elbow right_wrist",
    "left_shoulder left_elbow left_wrist",
    "right_hip right_knee right_ankle",
    "left_hip left_knee left_ankle",
    "nose right_eye right_ear right_shoulder",
    "nose left_eye left_ear left_shoulder",
    "left_eye right_eye",
)


class Skeleton(NamedTuple):
    """The limbs between joints, and the colours of both.

    Attributes:
        limbs: Each a pair of joint indices.
        limb_rgb: Of every limb, 0 to 255.
        joint_rgb: Of every joint, 0 to 255.
    """

    limbs: tuple[tuple[int, int], ...]
    limb_rgb: tuple[Rgb, ...]
    joint_rgb: tuple[Rgb, ...]


def _joint_rgb(joint: str) -> Rgb:
    of_side = _LOWER_RGB if joint.endswith(("hip", "knee", "ankle")) else _UPPER_RGB
    return of_side.get(joint.split("_")[0], _MIDDLE_RGB)


def _limb_rgb(start: str, end: str) -> Rgb:
    """That of its lower end, or of its end on one side of the body; limbs across the body are of no side."""
    sides = {start.split("_")[0], end.split("_")[0]}
    if sides == {"left", "right"}:
        return _MIDDLE_RGB
    rgb = {_joint_rgb(start), _joint_rgb(end)} - {_MIDDLE_RGB}
    # Where a limb leads from the trunk to a leg, the leg's colour is taken.
    return next((lower for lower in _LOWER_RGB.values() if lower in rgb), next(iter(rgb), _MIDDLE_RGB))


def _make_skeleton(joints: tuple[str, ...], chains: tuple[str, ...]) -> Skeleton:
    limbs = [limb for chain in chains for limb in pairwise(chain.split())]
    return Skeleton(
        limbs=tuple((joints.index(start), joints.index(end)) for start, end in limbs),
        limb_rgb=tuple(_limb_rgb(*limb) for limb in limbs),
        joint_rgb=tuple(map(_joint_rgb, joints)),
    )


OPENPOSE_SKELETON = _make_skeleton(OPENPOSE_18, _OPENPOSE_CHAINS)
COCO_SKELETON = _make_skeleton(COCO_17, _COCO_CHAINS)
