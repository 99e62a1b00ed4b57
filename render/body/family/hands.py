"""Poses of hands: axis-angles or principal components, and a mean pose that may be added to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from render.body.family.kinds import FINGER_JOINTS, HandKeys
from render.body.stored_array import StoredArray, check_stored, read_floats
from render.fits.rotations import axis_angle_to_rotmat

# Axis-angle numbers of a hand, and the most principal components that there can be.
HAND_NUMBERS = 3 * FINGER_JOINTS


@dataclass(frozen=True)
class HandPoses:
    """What a model file says of the poses of a hand.

    Attributes:
        keys: Where it is, and the keys of the arrays.
        mean: (45,) axis-angle numbers, float32; None where the file has none.
        components: Principal components (K, 45), float32; None where the file has none.
    """

    keys: HandKeys
    mean: np.ndarray | None
    components: np.ndarray | None


def read_hand(arrays: Mapping[str, StoredArray], keys: HandKeys) -> HandPoses:
    """Reads the poses of a hand, of which files may have all, some or none.

    Raises:
        ValueError: An array has another shape or numbers that are not finite; the message names its key.
    """
    mean = components = None
    if keys.mean in arrays:
        check_stored(keys.mean, arrays[keys.mean], (HAND_NUMBERS,), "numbers")
        mean = read_floats(arrays, keys.mean)
    if keys.components in arrays:
        stored = arrays[keys.components]
        count = min(max(stored.shape[0], 1), HAND_NUMBERS) if stored.shape else HAND_NUMBERS
        check_stored(keys.components, stored, (count, HAND_NUMBERS), "numbers")
        components = read_floats(arrays, keys.components)
    return HandPoses(keys, mean, components)


def find_hand_fault(hand: HandPoses, numbers: int, adds_mean: bool) -> str | None:
    """What keeps a model from taking hands of so many numbers; None where nothing does.

    Args:
        hand: Of the model.
        numbers: Of each hand of the poses, H of `Poses.hands`.
        adds_mean: Whether the mean is to be added.
    """
    if numbers > HAND_NUMBERS:
        return (
            f"expected {HAND_NUMBERS} axis-angle numbers a hand or fewer principal components, found "
            f"{numbers} numbers"
        )
    if numbers < HAND_NUMBERS:
        if hand.components is None:
            return (
                f"hands of {numbers} principal components need the key {hand.keys.components}, which the "
                "model file does not have; use a file that has it"
            )
        if numbers > len(hand.components):
            return (
                f"expected at most {len(hand.components)} principal components a hand, as the model file "
                f"has, found {numbers}"
            )
    if adds_mean and hand.mean is None:
        return (
            f"these hands are relative to the model's mean hands, the key {hand.keys.mean}, which the model "
            "file does not have; use a file that has it"
        )
    return None


def fill_hand(rotmat: np.ndarray, numbers: np.ndarray, hand: HandPoses, adds_mean: bool) -> None:
    """Writes the rotations of a hand, for which `find_hand_fault` finds nothing.

    Args:
        rotmat: Rotations of all joints (M, J, 3, 3), written to.
        numbers: (M, H), 45 axis-angle numbers or fewer principal components.
        hand: Of the model.
        adds_mean: Whether the mean is added.
    """
    angles_rad = numbers.astype(np.float64)
    if numbers.shape[1] < HAND_NUMBERS:
        assert hand.components is not None
        angles_rad = angles_rad @ hand.components[: numbers.shape[1]].astype(np.float64)
    if adds_mean:
        assert hand.mean is not None
        angles_rad = angles_rad + hand.mean
    joints = slice(hand.keys.first, hand.keys.first + FINGER_JOINTS)
    rotmat[:, joints] = axis_angle_to_rotmat(angles_rad.reshape(len(numbers), FINGER_JOINTS, 3))
