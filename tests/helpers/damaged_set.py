"""The demo set's fits with damage done on purpose."""

import copy
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from render.fits.joint_orders import SPIN_49

PARAMETERS = ("parm_pose", "parm_shape", "parm_cam")
CROP = ("bbox_center", "bbox_scale")
# A tenth of it is what two fits of one person differ by.
TREMBLE_RAD = 0.5


@dataclass
class DamagedSet:
    """Entries of an EFT file, and the rows of each kind of damage.

    Attributes:
        entries: Of the 21 people of the demo set of seed 0, and a doubled one.
        turned: Its body is turned about the viewing axis.
        exchanged: Two of one photo who have each other's parameters, in their own crops.
        swapped: Two of one photo who have each other's whole fits.
        shifted: Its camera is shifted.
        doubled: Two fits of one person.
        shaped: It has betas of 6.
        flipped: The sides of its keypoints are exchanged.
        hugging: Two people who are drawn at one place, whose fits are good.
    """

    entries: list[dict]
    turned: int = 0
    exchanged: tuple[int, int] = (2, 3)
    swapped: tuple[int, int] = (5, 7)
    shifted: int = 8
    doubled: tuple[int, int] = field(default=(9, 21))
    shaped: int = 14
    flipped: int = 16
    hugging: tuple[int, int] = (19, 20)


def make_damaged_set(demo_entries: list[dict]) -> DamagedSet:
    """Damages a copy of the demo set's entries."""
    entries = copy.deepcopy(demo_entries)
    made = DamagedSet(entries)
    _turn(entries[made.turned], Rotation.from_rotvec([0, 0, 1.5]))
    _exchange(*(entries[row] for row in made.exchanged), PARAMETERS)
    _exchange(*(entries[row] for row in made.swapped), PARAMETERS + CROP)
    entries[made.shifted]["parm_cam"][1] += 0.5
    entries.append(_make_double(entries[made.doubled[0]]))
    entries[made.shaped]["parm_shape"] = [6.0, -6.0] + [0.0] * 8
    _flip_sides(entries[made.flipped])
    _move_onto(*(entries[row] for row in made.hugging))
    return made


def _turn(entry: dict, by: Rotation) -> None:
    entry["parm_pose"][0] = (by.as_matrix() @ np.array(entry["parm_pose"][0])).tolist()


def _exchange(one: dict, other: dict, keys: tuple[str, ...]) -> None:
    for key in keys:
        one[key], other[key] = other[key], one[key]


def _make_double(entry: dict) -> dict:
    """A second fit of the same person: each joint is turned a little, and the camera and the shape differ."""
    rng = np.random.default_rng(0)
    double = copy.deepcopy(entry)
    turns = Rotation.from_rotvec(rng.normal(0, TREMBLE_RAD / 10, (24, 3))).as_matrix()
    double["parm_pose"] = (turns @ np.array(entry["parm_pose"])).tolist()
    double["parm_shape"] = (np.array(entry["parm_shape"]) + rng.normal(0, 0.3, 10)).tolist()
    double["parm_cam"] = (np.array(entry["parm_cam"]) * [1.03, 1, 1] + [0, 0.02, -0.01]).tolist()
    return double


def _flip_sides(entry: dict) -> None:
    """Of a joint that is there twice each place gets what the same place of the other side has."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(SPIN_49):
        places.setdefault(name, []).append(place)
    points = list(entry["gt_keypoint_2d"])
    for name in places:
        if name.startswith("left_"):
            for left, right in zip(places[name], places[name.replace("left", "right")], strict=True):
                points[left], points[right] = points[right], points[left]
    entry["gt_keypoint_2d"] = points


def _move_onto(one: dict, other: dict) -> None:
    """Moves the second person, keypoints and all, to where the first is, as large as the first is drawn."""
    factor = one["bbox_scale"] / other["bbox_scale"]
    center, there = np.array(other["bbox_center"]), np.array(one["bbox_center"])
    points = np.array(other["gt_keypoint_2d"])
    points[:, :2] = np.where(points[:, 2:] > 0, (points[:, :2] - center) * factor + there, 0)
    other["gt_keypoint_2d"] = points.tolist()
    other["bbox_center"], other["bbox_scale"] = there.tolist(), one["bbox_scale"]
