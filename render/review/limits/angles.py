"""Rotations as angles that ranges of motion are of: turns, swings, and where bones point."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

ANGLES = ("turn", "bend", "swing_x", "swing_y", "swing_z", "to_x", "to_y", "to_z")

# At half a turn a swing is the same about any axis. From here on the turn hangs on small differences of it.
_MOST_SWING_DEG = 120.0


def find_angles(rotations: Rotation, bone: np.ndarray) -> np.ndarray:
    """The angles of K rotations of a bone.

    Each is taken apart into a turn of the bone about itself, and a swing about an axis that is square to it
    (swing-twist; F. S. Grassia, "Practical Parameterization of Rotations Using the Exponential Map", 1998).
    There is no order of axes, and the only gap is at swings of half a turn.

    Args:
        rotations: K of them.
        bone: (K, 3) where it points at first, unit vectors.

    Returns:
        (K, 8) degrees, as `ANGLES` has them. `turn` is right-handed about the bone, and NaN near the gap;
        `bend` is the angle of the swing and `swing_x` to `swing_z` its rotation vector; `to_x` to `to_z` say
        how far the rotated bone points along these axes, from -90, away from it, to 90.
    """
    quat = rotations.as_quat()
    turn = wrap_deg(2 * np.degrees(np.arctan2((quat[:, :3] * bone).sum(1), quat[:, 3])))
    swing = np.degrees((rotations * Rotation.from_rotvec(-np.radians(turn)[:, None] * bone)).as_rotvec())
    bend = np.linalg.norm(swing, axis=1)
    to = np.degrees(np.arcsin(np.clip(rotations.apply(bone), -1.0, 1.0)))
    return np.column_stack([np.where(bend > _MOST_SWING_DEG, np.nan, turn), bend, swing, to])


def mirror(quat: np.ndarray) -> np.ndarray:
    """Rotations of the right side as they are on the left, and the other way round: (..., 4) x, y, z, w."""
    return quat * np.array([1.0, -1.0, -1.0, 1.0])


def wrap_deg(angle: np.ndarray) -> np.ndarray:
    """The same angle within half a turn either way."""
    return (angle + 180.0) % 360.0 - 180.0
