"""Entries of EFT's fit files, valid ones and values that make them invalid."""

import json
from functools import cache

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**400), 10**400),
    st.sampled_from([0, 1, -1, 1e6, 1e7, 1e38, 1e39, 5e-324, 2**63, -(2**63)]),
)
JSON_VALUES = st.recursive(
    st.one_of(NUMBERS, st.none(), st.booleans(), st.text(max_size=8)),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=8,
)


def make_entry(seed: int = 0) -> dict:
    """A valid entry, the caller's own."""
    return json.loads(_spell_entry(seed))


@cache
def _spell_entry(seed: int) -> str:
    rng = np.random.default_rng(seed)
    return json.dumps(
        {
            "parm_pose": Rotation.random(24, rng=rng).as_matrix().tolist(),
            "parm_shape": rng.normal(size=10).tolist(),
            "parm_cam": [0.85, -0.02, 0.29],
            "bbox_scale": 3.323578,
            "bbox_center": [236.2298, 371.95],
            "joint_validity_openpose18": [1, 0] * 9,
            "smpltype": "smpl",
            "annotId": 900000 + seed,
            "imageName": f"photo_{seed:012d}.jpg",
        }
    )
