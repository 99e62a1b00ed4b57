"""SMPL's parts on bodies: of made weights, on the demo body, and of bodies that have none."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from render.body.family.joint_names import BODY_22, FLAME_5, MANO_16, SMPL_24, SMPLH_52, SMPLX_55
from render.body.family.skin_parts import find_skin_parts
from render.errors import BodyModelError


def make_body(names: tuple[str, ...], weights: np.ndarray) -> SimpleNamespace:
    # Points on the surface come after the joints that rotate, and have no weights.
    return SimpleNamespace(
        name="made", joint_names=(*names, "nose"), weights=torch.from_numpy(weights).float()
    )


@pytest.mark.parametrize("names", [SMPL_24, SMPLH_52, SMPLX_55])
def test_a_vertex_that_follows_one_joint_has_its_part(names):
    """Fingers are the hand's, jaw and eyes the head's."""
    parts = find_skin_parts(make_body(names, np.eye(len(names))))
    assert parts.dtype == np.int32
    of_joint = dict(zip(names, parts.tolist(), strict=True))
    for name in BODY_22:
        assert of_joint[name] == SMPL_24.index(name) + 1
    for name in set(names) - set(BODY_22):
        side = name.partition("_")[0]
        is_face = name == "jaw" or "eye" in name
        assert of_joint[name] == SMPL_24.index("head" if is_face else f"{side}_hand") + 1


def test_fingers_count_together():
    """Of a hand that three fingers share, no finger has more than the wrist."""
    weights = np.zeros((1, 52))
    weights[0, SMPLH_52.index("left_wrist")] = 0.4
    for finger in ("left_index1", "left_middle1", "left_ring1"):
        weights[0, SMPLH_52.index(finger)] = 0.2
    assert find_skin_parts(make_body(SMPLH_52, weights)).tolist() == [SMPL_24.index("left_hand") + 1]


def test_parts_of_the_demo_body_lie_at_their_joints(demo_body):
    """All 24 are there, those of a side on its side, and the head is on top."""
    parts = find_skin_parts(demo_body)
    verts = demo_body.v_template.numpy()
    assert set(parts.tolist()) == set(range(1, 25))
    middle = {name: verts[parts == i].mean(0) for i, name in enumerate(SMPL_24, start=1)}
    for name in SMPL_24:
        if name.startswith("left_"):
            assert middle[name][0] > 0 > middle[name.replace("left", "right")][0]
    assert max(middle, key=lambda name: middle[name][1]) == "head"


@pytest.mark.parametrize(
    ("names", "joints", "says"),
    [
        (MANO_16, 16, "weights of others"),
        (FLAME_5, 5, "weights of others"),
        ((), 0, "found none"),
    ],
)
def test_bodies_without_such_joints(names, joints, says):
    with pytest.raises(BodyModelError, match="made: expected skinning weights of SMPL's joints") as caught:
        find_skin_parts(make_body(names, np.ones((3, joints))))
    assert says in str(caught.value)
    assert "leave that layer out" in str(caught.value)
