"""Which way is up, as bodies tell."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.anatomy import Anatomy, find_anatomy
from render.sheet.around.upright import find_ups, turn_upright
from render.types.bodies import Bodies
from tests.helpers.around_bodies import pitch, pose

PICTURE = np.array([0.0, -1.0, 0.0])


def find(demo_body, bodies) -> np.ndarray:
    return find_ups(bodies, [find_anatomy(demo_body)] * len(bodies.verts)).numpy()


def test_up_turns_with_a_body_that_stands(demo_body):
    """Within 30 degrees of the picture's vertical, in any direction."""
    rng = np.random.default_rng(2)
    aside = rng.normal(size=(40, 3)) * [1, 0, 1]
    tilt = aside / np.linalg.norm(aside, axis=1, keepdims=True) * np.radians(rng.uniform(0, 30, (40, 1)))
    spin = Rotation.from_euler("y", rng.uniform(0, 360, (40, 1)), degrees=True)
    turns = Rotation.from_rotvec(tilt) * spin
    straight = find(demo_body, pose(demo_body, np.eye(3)[None]))[0]
    found = find(demo_body, pose(demo_body, turns.as_matrix()))
    # Bodies are float32.
    np.testing.assert_allclose(found, turns.apply(straight), atol=1e-5)
    assert np.degrees(np.arccos(-straight[1])) < 4


@pytest.mark.parametrize("degrees", [90.0, 180.0, -90.0])
@pytest.mark.parametrize("axis", ["x", "z"])
def test_who_lies_or_stands_on_the_hands_has_the_picture_s_up(demo_body, degrees, axis):
    turn = Rotation.from_euler(axis, [degrees], degrees=True).as_matrix()
    np.testing.assert_allclose(find(demo_body, pose(demo_body, turn.reshape(1, 3, 3)))[0], PICTURE, atol=1e-9)


def test_who_bows_is_not_straightened(demo_body):
    bends = {"left_hip": (-1.2, 0, 0), "right_hip": (-1.2, 0, 0)}
    # As the pelvis turns forward, the legs stay where they were.
    bodies = pose(demo_body, Rotation.from_euler("x", [1.2]).as_matrix().reshape(1, 3, 3), bends)
    (up,) = find(demo_body, bodies)
    hip, neck = (bodies.joints[0, demo_body.joint_names.index(name)].numpy() for name in ("pelvis", "neck"))
    torso = (neck - hip) / np.linalg.norm(neck - hip)
    assert np.degrees(np.arccos(-torso[1])) > 55
    assert np.degrees(np.arccos(-up[1])) < 20


def test_a_small_change_of_a_pose_never_flips_up(demo_body):
    angles = np.linspace(0, 360, 721)[:, None]
    for axis in ("x", "z"):
        turns = Rotation.from_euler(axis, angles, degrees=True).as_matrix()
        for bends in (None, {"left_hip": (-1.4, 0, 0), "left_knee": (1.5, 0, 0)}):
            joints = pose(demo_body, np.eye(3)[None], bends).joints[0].double()
            turned = (joints @ torch.from_numpy(turns).transpose(1, 2)).float()
            none = torch.zeros(len(turned), 1, 3)
            ups = find(demo_body, Bodies(none, none, turned, torch.zeros(1, 3, dtype=torch.int32)))
            step = np.degrees(np.linalg.norm(np.diff(ups, axis=0), axis=1))
            # Half a degree of the body; where trust fades, up goes back up to nine times as fast.
            assert step.max() < 4.5
            np.testing.assert_allclose(np.linalg.norm(ups, axis=1), 1, atol=1e-12)


def test_bodies_without_joints_have_the_picture_s_up(demo_body):
    bodies = pose(demo_body, pitch(20))
    lacking = Anatomy(np.where(np.arange(18) == 9, -1, find_anatomy(demo_body).openpose18), np.zeros(0, int))
    assert find_ups(bodies, None).tolist() == [PICTURE.tolist()]
    assert find_ups(bodies, [lacking]).tolist() == [PICTURE.tolist()]
    bodies.joints[:] = torch.nan
    np.testing.assert_array_equal(find(demo_body, bodies)[0], PICTURE)
    bodies.joints[:] = 0
    np.testing.assert_array_equal(find(demo_body, bodies)[0], PICTURE)


def test_a_sheet_is_turned_by_the_mean_of_its_people():
    """By the smallest rotation that there is; even where up is down."""
    ups = Rotation.from_euler("z", [[10], [30], [180]], degrees=True).apply(PICTURE)
    turns = turn_upright(torch.from_numpy(ups), np.array([0, 2, 2, 3])).numpy()
    np.testing.assert_array_equal(turns[0], turns[1])
    expected = Rotation.from_euler("z", -20, degrees=True).as_matrix()
    np.testing.assert_allclose(turns[0], expected, atol=1e-12)
    np.testing.assert_allclose(turns[2] @ ups[2], PICTURE, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turns), 1, atol=1e-12)
