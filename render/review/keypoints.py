"""Keypoints that somebody marked, and the joints of a body that they are of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.fits.joint_orders import COCO_17
from render.review.image import Keypoints, ReviewedPerson

_OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Pairs:
    """Joints that are marked and that the body has.

    Attributes:
        joints: (n,) places among the joints of the body.
        targets_px: (n, 2) where they are marked.
        size_px: The longer side of the box around all marked keypoints; NaN without any.
    """

    joints: np.ndarray
    targets_px: np.ndarray
    size_px: float

    def __len__(self) -> int:
        return len(self.joints)


def take_coco(person: ReviewedPerson) -> Keypoints | None:
    """COCO's keypoints of a person; those that are marked though hidden count."""
    return None if person.coco is None else Keypoints(COCO_17, person.coco.keypoints_px)


def choose_keypoints(person: ReviewedPerson) -> Keypoints | None:
    """The file's keypoints, or COCO's where the body has no joint that the file has marked."""
    return person.keypoints if len(find_pairs(person, person.keypoints)) else take_coco(person)


def choose_pairs(person: ReviewedPerson) -> Pairs:
    """The joints of a person that are among the keypoints that `choose_keypoints` gives."""
    pairs = find_pairs(person, person.keypoints)
    return pairs if len(pairs) else find_pairs(person, take_coco(person))


def find_pairs(person: ReviewedPerson, keypoints: Keypoints | None) -> Pairs:
    """The joints of a person that are among keypoints, each once.

    Joints go together by their names. Of keypoints that a file has twice, the first that is marked counts.
    """
    if keypoints is None:
        return Pairs(np.zeros(0, np.int64), np.zeros((0, 2)), np.nan)
    points = np.asarray(keypoints.points_px, np.float64)
    is_marked = (points[:, 2] > 0) & np.isfinite(points).all(1)
    places: dict[str, int] = {}
    for place in np.flatnonzero(is_marked).tolist():
        places.setdefault(keypoints.names[place], place)
    pairs = {}
    for joint, name in enumerate(person.joint_names):
        if name in places and name not in pairs:
            pairs[name] = (joint, places[name])
    size = float(np.ptp(points[is_marked, :2], axis=0).max()) if is_marked.any() else np.nan
    joints, at = (
        (np.array(one, np.int64) for one in zip(*pairs.values(), strict=True))
        if pairs
        else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    )
    return Pairs(joints, points[at, :2], size if size > 0 else np.nan)


def exchange_side(name: str) -> str:
    """The name of the joint on the other side; of one in the middle its own."""
    side, _, rest = name.partition("_")
    return f"{_OTHER_SIDE[side]}_{rest}" if rest and side in _OTHER_SIDE else name


def measure_misses_px(pairs: Pairs, joints_px: np.ndarray) -> np.ndarray:
    """(n,) how far joints are from where they are marked, px; NaN for those that are nowhere.

    Args:
        pairs: Of a person.
        joints_px: (J, 2) all joints of the body.
    """
    return np.linalg.norm(joints_px[pairs.joints] - pairs.targets_px, axis=1)
