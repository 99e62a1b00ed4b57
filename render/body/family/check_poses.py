"""Whether a model of SMPL's family takes poses, and in words why not."""

from __future__ import annotations

import numpy as np

from render.body.family.hands import HandPoses, find_hand_fault
from render.body.family.kinds import KINDS, BodyKind
from render.types.sources import Poses


def find_pose_fault(
    source: Poses,
    index: np.ndarray | slice,
    kind: BodyKind,
    hands: tuple[HandPoses, ...],
    beta_count: int,
    expression_count: int,
) -> str | None:
    """What keeps a model from taking rows of poses; None where nothing does.

    Args:
        source: What is to be posed.
        index: Of which rows.
        kind: Of the model.
        hands: What its file says of them.
        beta_count: How many betas its file has.
        expression_count: How many expression coefficients its file has.
    """
    if source.kind != kind.name:
        found = KINDS[source.kind].title if source.kind in KINDS else source.kind
        return (
            f"this body is {kind.title}, found poses of {found}. Set body.model={source.kind}, and body.path "
            "to a model of that kind"
        )
    if source.rotmat.shape[1] != kind.joints:
        return (
            f"expected rotations of {kind.joints} joints, as {kind.title} has, found {source.rotmat.shape[1]}"
        )
    for what, given, count in (
        ("betas", source.betas, beta_count),
        ("expression coefficients", source.expression, expression_count),
    ):
        if given.shape[1] > count and np.any(given[index, count:]):
            return (
                f"the model file has {count} {what}, found {given.shape[1]}. Use a model file that has as "
                "many, made for the same betas: those of versions differ"
            )
    sides, numbers = source.hands.shape[1:]
    if not numbers:
        return None
    if sides != len(hands):
        return f"hands: expected {len(hands)}, as many as {kind.title} has, found {sides}"
    faults = (find_hand_fault(hand, numbers, source.adds_hand_mean) for hand in hands)
    return next((fault for fault in faults if fault), None)
