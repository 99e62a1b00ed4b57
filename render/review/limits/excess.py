"""By how many degrees joints of body models go beyond what people's do."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from render.fits.joint_orders import SMPL_24
from render.review.limits.angles import ANGLES, find_angles, mirror, wrap_deg
from render.review.limits.ranges import CHAINS, MARGIN_DEG, Chain

# Of a body model's joints those that are here. Where SMPL has hands, SMPL-H and SMPL-X have fingers.
KINDS = {"smpl": 24, "smplh": 22, "smplx": 22}

NAMES = tuple(
    f"{side}{chain.name}" for chain in CHAINS for side in (("left_", "right_") if chain.has_sides else ("",))
)

_STILL = len(SMPL_24)
_NOT_TURNED = (0.0, 0.0, 0.0, 1.0)
_TURN, _BEND, _SWING = ANGLES.index("turn"), ANGLES.index("bend"), ANGLES.index("swing_x")


class _Entries(NamedTuple):
    """What is held by ranges: E of a chain on a side, or of one of its joints.

    Attributes:
        name: (E,) place in `NAMES`.
        joints: (E, 3) places in `SMPL_24`, `_STILL` for none.
        is_right: (E,).
        raised: (E, 4) the rotation from where all angles are 0 to SMPL's rest pose.
        bone: (E, 3) where it points at the former.
        low, high: (E, 8) degrees, of `ANGLES`.
        after: (E,) of a hinge the entry of the bone before it; -1 for others.
        axis: (E, 3) of a hinge.
        give_deg: (E,) of a hinge.
    """

    name: np.ndarray
    joints: np.ndarray
    is_right: np.ndarray
    raised: np.ndarray
    bone: np.ndarray
    low: np.ndarray
    high: np.ndarray
    after: np.ndarray
    axis: np.ndarray
    give_deg: np.ndarray


def measure_excess_deg(kind: str, rotmat: np.ndarray) -> np.ndarray:
    """By how much chains of joints go beyond their ranges.

    Args:
        kind: Of the body model.
        rotmat: (N, J, 3, 3) rotations relative to the parent joint.

    Returns:
        (N, C) degrees of each of `NAMES`, 0 within; NaN for a kind that is not in `KINDS`, and for people of
        whom something is no rotation.
    """
    result = np.full((len(rotmat), len(NAMES)), np.nan)
    if kind not in KINDS or rotmat.shape[1] < KINDS[kind]:
        return result
    matrices = np.asarray(rotmat[:, : KINDS[kind]], np.float64)
    with np.errstate(invalid="ignore"):
        is_rotation = np.isfinite(matrices).all((2, 3)) & (np.linalg.det(matrices) > 0)
    known = np.flatnonzero(is_rotation.all(1))
    if not len(known):
        return result
    entries = _list_entries()
    angles = _find_angles(entries, matrices[known])
    beyond = np.fmax(np.maximum(angles - entries.high, entries.low - angles) - MARGIN_DEG, 0).max(2)
    beyond = np.fmax(beyond, _measure_bent_wrong(entries, angles))
    worst = np.zeros((len(known), len(NAMES)))
    np.maximum.at(worst.T, entries.name, beyond.T)
    result[known] = worst
    return result


def _find_angles(entries: _Entries, matrices: np.ndarray) -> np.ndarray:
    """(N, E, 8) `ANGLES` of N people."""
    count = len(matrices)
    quat = np.tile(_NOT_TURNED, (count, _STILL + 1, 1))
    turned = Rotation.from_matrix(matrices.reshape(-1, 3, 3)).as_quat()
    quat[:, : matrices.shape[1]] = turned.reshape(count, -1, 4)
    # (N, E, 3, 4), each as on the left.
    held = quat[:, entries.joints]
    held = np.where(entries.is_right[:, None, None], mirror(held), held)
    first, second, third = (Rotation.from_quat(held[:, :, k].reshape(-1, 4)) for k in range(3))
    raised, bone = (np.tile(one, (count, 1)) for one in (entries.raised, entries.bone))
    whole = first * second * third * Rotation.from_quat(raised)
    return find_angles(whole, bone).reshape(count, -1, len(ANGLES))


def _measure_bent_wrong(entries: _Entries, angles: np.ndarray) -> np.ndarray:
    """(N, E) by how much hinges bend another way than theirs; -inf for others.

    It is as much as the bone before them would have to turn back, or they to be stretched, whichever is less.
    Where that bone's turn is nothing, so is this.
    """
    hinges = np.flatnonzero(entries.after >= 0)
    after, axis = entries.after[hinges], entries.axis[hinges]
    swing = angles[:, hinges, _SWING : _SWING + 3]
    across = np.cross(entries.bone[hinges], axis)
    # From the axis of the hinge to that of the swing, about the bone.
    way = np.degrees(np.arctan2((swing * across).sum(2), (swing * axis).sum(2)))
    low, high = entries.low[after, _TURN], entries.high[after, _TURN]
    off = np.abs(wrap_deg(angles[:, after, _TURN] + way - (low + high) / 2)) - (high - low) / 2
    least = np.minimum(off, angles[:, hinges, _BEND] - entries.give_deg[hinges])
    result = np.full(angles.shape[:2], -np.inf)
    result[:, hinges] = least - MARGIN_DEG
    return result


@cache
def _list_entries() -> _Entries:
    rows: list[tuple] = []
    places: dict[str, int] = {}
    for chain in CHAINS:
        for side in ("left_", "right_") if chain.has_sides else ("",):
            places[side + chain.name] = len(rows)
            parts = [(joint,) for joint in chain.joints] if chain.is_one_range else []
            rows += [_make_entry(chain, side, part, places) for part in (chain.joints, *parts)]
    return _Entries(*(np.array(column) for column in zip(*rows, strict=True)))


def _make_entry(chain: Chain, side: str, part: tuple[str, ...], places: dict[str, int]) -> tuple:
    joints = [SMPL_24.index(side + joint) for joint in part]
    ranges = [chain.ranges.get(angle, (-np.inf, np.inf)) for angle in ANGLES]
    hinge, raised = chain.hinge, Rotation.from_euler("z", chain.lowered_deg, degrees=True)
    return (
        NAMES.index(side + chain.name),
        joints + [_STILL] * (3 - len(joints)),
        side == "right_",
        raised.as_quat(),
        raised.apply(chain.bone, inverse=True),
        [low for low, _ in ranges],
        [high for _, high in ranges],
        places[side + hinge.after] if hinge else -1,
        hinge.axis if hinge else (0.0, 0.0, 0.0),
        hinge.give_deg if hinge else 0.0,
    )
