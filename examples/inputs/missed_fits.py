"""Fits some of which miss, for an audit: those of a file in EFT's format, spoilt in many ways.

python examples/inputs/missed_fits.py eft_fit/demo/n12_seed0/demo_EFT.json missed.json
smpl-render job=compare reference=missed.json
"""

import copy
import json
import sys
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

# Standard deviations: of keypoints, in shares of a person's crop, and of the turn of each joint.
KEYPOINT_SHARE, DEGREES = 0.006, 2.0
# Every how many people one is spoilt.
EVERY = 6


def spoil(person: dict, kind: int, random: np.random.Generator) -> None:
    """Makes one mistake that a method might make; each kind in another way."""
    pose, camera = np.array(person["parm_pose"]), np.array(person["parm_cam"])
    if kind == 0:
        # Left and right exchanged: the body turned about its own axis.
        pose[0] = pose[0] @ Rotation.from_euler("y", 165, degrees=True).as_matrix()
    elif kind == 1:
        # Leaning, and drawn beside the person.
        pose[0] = Rotation.from_euler("z", 35, degrees=True).as_matrix() @ pose[0]
        camera[1:] += random.normal(0, 0.12, 2)
    elif kind == 2:
        # A knee and an elbow bent as they cannot be.
        for joint, degrees in ((4, -75), (18, 120)):
            pose[joint] = Rotation.from_euler("x", degrees, degrees=True).as_matrix() @ pose[joint]
    else:
        # Too small and too thick.
        camera[0] *= 0.8
        person["parm_shape"][1] -= 4.5
    person["parm_pose"], person["parm_cam"] = pose.tolist(), camera.tolist()


def main(fits: str, result: str) -> None:
    """Writes the fits of one file, spoilt, into another."""
    with open(fits, encoding="utf-8") as file:
        content = json.load(file)
    random = np.random.default_rng(5)
    people = content["data"]
    for number, person in enumerate(people):
        # Most fits are good, some are so so.
        degrees = DEGREES * random.gamma(2)
        turns = Rotation.from_rotvec(degrees * random.normal(size=(24, 3)), degrees=True).as_matrix()
        person["parm_pose"] = (np.array(person["parm_pose"]) @ turns).tolist()
        keypoints = np.array(person["gt_keypoint_2d"])
        noise_px = KEYPOINT_SHARE * 200 * person["bbox_scale"]
        keypoints[:, :2] += noise_px * random.normal(size=(len(keypoints), 2))
        person["gt_keypoint_2d"] = keypoints.round(2).tolist()
        if number % EVERY == EVERY - 1:
            spoil(person, number // EVERY % 4, random)
    # Somebody who was fitted twice.
    twice = copy.deepcopy(people[2])
    twice["parm_cam"][1] += 0.02
    people.insert(4, twice)
    Path(result).parent.mkdir(parents=True, exist_ok=True)
    with open(result, "w", encoding="utf-8") as file:
        json.dump(content, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
