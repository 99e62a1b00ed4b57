"""Fits as another method might have found them: those of a file in EFT's format, with joints turned a little.

python examples/inputs/other_fits.py eft_fit/demo/n12_seed0/demo_EFT.json other.json
smpl-render panels='[camera/error, side/error]' annotate='[legend]' reference=other.json
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

# Standard deviations: of the turn of each joint, and more of arms and legs far from the trunk.
DEGREES, LIMB_DEGREES = 2.0, 5.0
# SMPL's knees, ankles, neck, head, shoulders, elbows and wrists.
LIMBS = (4, 5, 7, 8, 12, 15, 16, 17, 18, 19, 20, 21)


def main(fits: str, result: str) -> None:
    """Writes the fits of one file, turned, into another."""
    with open(fits, encoding="utf-8") as file:
        content = json.load(file)
    random = np.random.default_rng(17)
    degrees = np.full((24, 1), DEGREES)
    degrees[list(LIMBS)] = LIMB_DEGREES
    for person in content["data"]:
        turns = Rotation.from_rotvec(degrees * random.normal(size=(24, 3)), degrees=True).as_matrix()
        person["parm_pose"] = (np.array(person["parm_pose"]) @ turns).tolist()
        person["parm_shape"] = (np.array(person["parm_shape"]) + 0.3 * random.normal(size=10)).tolist()
    Path(result).parent.mkdir(parents=True, exist_ok=True)
    with open(result, "w", encoding="utf-8") as file:
        json.dump(content, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
