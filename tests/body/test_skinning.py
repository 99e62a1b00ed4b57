"""Skinning, held to what can be worked out by hand."""

import numpy as np
import pytest
import torch

from render.body.skinning import Skinning, regress_joints

# An arm along x: shoulder, elbow, hand, and a point above the elbow that follows both halves.
ARM = [[0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 1, 0]]
ARM_WEIGHTS = [[1, 0], [0, 1], [0, 1], [0.5, 0.5]]
STRAIGHT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
# By 90 degrees about z: x becomes y.
BENT = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]


def make_arm(lengthen: float = 0.0, bulge_z: float = 0.0) -> Skinning:
    """lengthen: the upper arm, by the one beta. bulge_z: moves the hand where the elbow is bent."""
    shapedirs = torch.zeros(4, 3, 1)
    shapedirs[1:, 0] = lengthen
    posedirs = torch.zeros(9, 4, 3)
    # Row 1, column 0 of the elbow's rotation: 1 at 90 degrees, 0 at rest.
    posedirs[3, 2, 2] = bulge_z
    v_template = torch.tensor(ARM, dtype=torch.float32)
    return Skinning(
        v_template=v_template,
        shapedirs=shapedirs,
        posedirs=posedirs.flatten(1),
        joint_basis=regress_joints(torch.eye(2, 4), v_template, shapedirs),
        weights=torch.tensor(ARM_WEIGHTS),
        parents=torch.tensor([-1, 0]),
    )


def pose_arm(
    arm: Skinning, shoulder: list, elbow: list, beta: float = 0.0, chunk: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    verts, joints = torch.empty(1, 4, 3), torch.empty(1, 2, 3)
    rotmat = torch.tensor([[shoulder, elbow]], dtype=torch.float32)
    arm(rotmat, torch.tensor([[beta]]), chunk, verts, joints)
    return verts[0].numpy(), joints[0].numpy()


@pytest.mark.parametrize(
    ("shoulder", "elbow", "verts", "joints"),
    [
        (STRAIGHT, STRAIGHT, ARM, [[0, 0, 0], [1, 0, 0]]),
        # With the lower arm the point above the elbow would go to the origin; it goes half the way.
        (STRAIGHT, BENT, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0.5, 0.5, 0]], [[0, 0, 0], [1, 0, 0]]),
        (BENT, STRAIGHT, [[0, 0, 0], [0, 1, 0], [0, 2, 0], [-1, 1, 0]], [[0, 0, 0], [0, 1, 0]]),
        (BENT, BENT, [[0, 0, 0], [0, 1, 0], [-1, 1, 0], [-0.5, 0.5, 0]], [[0, 0, 0], [0, 1, 0]]),
    ],
    ids=["straight", "elbow", "shoulder", "both"],
)
@pytest.mark.parametrize("chunk", [1, 4])
def test_an_arm_bent_by_hand(shoulder, elbow, verts, joints, chunk):
    found = pose_arm(make_arm(), shoulder, elbow, chunk=chunk)
    np.testing.assert_allclose(found[0], verts, atol=1e-6)
    np.testing.assert_allclose(found[1], joints, atol=1e-6)


def test_a_longer_arm_bends_where_its_elbow_is_then():
    verts, joints = pose_arm(make_arm(lengthen=0.5), STRAIGHT, BENT, beta=2.0)
    np.testing.assert_allclose(joints, [[0, 0, 0], [2, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(verts, [[0, 0, 0], [2, 0, 0], [2, 1, 0], [1.5, 0.5, 0]], atol=1e-6)


def test_what_a_bent_elbow_adds_is_turned_with_the_arm():
    """The hand moves off by 0.5 along z before the arm is bent about z and turned about x."""
    about_x = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    arm = make_arm(bulge_z=0.5)
    np.testing.assert_allclose(pose_arm(arm, STRAIGHT, STRAIGHT)[0][2], [2, 0, 0], atol=1e-6)
    np.testing.assert_allclose(pose_arm(arm, STRAIGHT, BENT)[0][2], [1, 1, 0.5], atol=1e-6)
    np.testing.assert_allclose(pose_arm(arm, about_x, BENT)[0][2], [1, -0.5, 1], atol=1e-6)
    # Of the first joint nothing is added.
    np.testing.assert_allclose(pose_arm(arm, BENT, STRAIGHT)[0][2], [0, 2, 0], atol=1e-6)
