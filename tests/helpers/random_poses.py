"""Poses of every kind of SMPL's family, as axis-angles for smplx and as `Poses` for us."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from render.body.family.kinds import FINGER_JOINTS, KINDS
from render.types.sources import Poses


@dataclass(frozen=True)
class Drawn:
    """Poses.

    Attributes:
        axis_angles: Of all joints but the fingers (M, J', 3), rad.
        betas: (M, B).
        expression: (M, E).
        hands: (M, S, H).
    """

    axis_angles: np.ndarray
    betas: np.ndarray
    expression: np.ndarray
    hands: np.ndarray


def draw_poses(
    kind: str, count: int, *, betas: int = 10, expression: int = 0, hand_numbers: int = 45, seed: int = 0
) -> Drawn:
    facts, rng = KINDS[kind], np.random.default_rng(seed)
    joints = facts.joints - FINGER_JOINTS * len(facts.hands)
    return Drawn(
        axis_angles=rng.normal(0, 0.5, (count, joints, 3)).astype(np.float32),
        betas=rng.normal(0, 1, (count, betas)).astype(np.float32),
        expression=rng.normal(0, 1, (count, expression)).astype(np.float32),
        hands=rng.normal(0, 0.4, (count, len(facts.hands), hand_numbers)).astype(np.float32),
    )


def as_poses(kind: str, drawn: Drawn, *, adds_hand_mean: bool = False) -> Poses:
    facts, count = KINDS[kind], len(drawn.betas)
    rotmat = np.tile(np.eye(3, dtype=np.float32), (count, facts.joints, 1, 1))
    # Fingers come last.
    turned = Rotation.from_rotvec(drawn.axis_angles.reshape(-1, 3)).as_matrix()
    joints = drawn.axis_angles.shape[1]
    rotmat[:, :joints] = turned.reshape(count, joints, 3, 3)
    return Poses(kind, "neutral", rotmat, drawn.betas, drawn.expression, drawn.hands, adds_hand_mean)
