"""SMPL's 24 parts on any body with its joints: which joint a vertex follows most."""

from __future__ import annotations

import numpy as np

from render.body.family.joint_names import HANDS_30, SMPL_24
from render.body.model import BodyModel
from render.errors import BodyModelError

# What others have beyond SMPL's joints, and to which of those it belongs.
_FINER = {
    **{name: f"{name.partition('_')[0]}_hand" for name in HANDS_30},
    **dict.fromkeys(("jaw", "left_eye_smplhf", "right_eye_smplhf"), "head"),
}


def find_skin_parts(body: BodyModel) -> np.ndarray:
    """(V,) int32, 1 to 24 in the order of SMPL's joints: that which each vertex has the greatest weight of.

    Args:
        body: The model. Fingers count as the hand, jaw and eyes as the head.

    Raises:
        BodyModelError: Its joints are not SMPL's, or it has no weights.
    """
    names = body.joint_names[: body.weights.shape[1]]
    parts = [_FINER.get(name, name) for name in names]
    if not parts or not set(parts) <= set(SMPL_24) or "pelvis" not in parts:
        raise BodyModelError(
            f"{body.name}: expected skinning weights of SMPL's joints, for skin_parts, found "
            f"{'weights of others' if names else 'none'}; leave that layer out"
        )
    of_joint = np.array([SMPL_24.index(part) + 1 for part in parts], np.int32)
    weights = body.weights.cpu().numpy()
    # Summed by part, so that a hand is one although its fingers share it.
    total = np.zeros((len(weights), len(SMPL_24) + 1), np.float32)
    for joint, part in enumerate(of_joint):
        total[:, part] += weights[:, joint]
    return total.argmax(1).astype(np.int32)
