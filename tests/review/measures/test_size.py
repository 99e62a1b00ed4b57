"""Sizes and depths of bodies, by hand and by laws."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.review.measures.size import MEASURE
from tests.helpers.reviewed import make_image, make_person, mark_joints, measure_all, pinhole, weak_camera

LIMBS = {
    f"{side}_{joint}": (x, y, 0.0)
    for side, x in (("left", 0.2), ("right", -0.2))
    for joint, y in (
        ("shoulder", 0),
        ("elbow", 0.3),
        ("wrist", 0.5),
        ("hip", 0.5),
        ("knee", 0.9),
        ("ankle", 1.4),
    )
}
CORNERS = np.array([(-0.2, 0, -0.1), (0.2, 1.5, 0.1)])


def make(times: float = 1.0, **changed):
    """A body, or one that is larger in all."""
    joints_m = {name: tuple(times * np.array(point)) for name, point in LIMBS.items()}
    return make_person(**{"joints_m": joints_m, "verts_m": times * CORNERS} | changed)


def test_limbs_are_of_both_sides():
    (found,) = measure_all(MEASURE, make_image([make()]))
    # 0.3 and 0.2 of the arms, 0.4 and 0.5 of the legs.
    assert found["limbs_m"] == pytest.approx(1.4)
    longer = {**LIMBS, "left_ankle": (0.2, 1.5, 0)}
    assert measure_all(MEASURE, make_image([make(joints_m=longer)]))[0]["limbs_m"] == pytest.approx(1.45)
    without = {name: point for name, point in LIMBS.items() if name != "left_wrist"}
    assert np.isnan(measure_all(MEASURE, make_image([make(joints_m=without)]))[0]["limbs_m"])


def test_limbs_do_not_depend_on_the_pose(demo_body):
    turns = Rotation.random(2 * 24, rng=np.random.default_rng(0)).as_matrix().reshape(2, 24, 3, 3)
    rotmat = torch.tensor(np.concatenate([np.tile(np.eye(3), (1, 24, 1, 1)), turns]), dtype=torch.float32)
    betas = torch.tensor([[1.5, -1.0, 0.5]] * 3 + [[-1.5, 0, 0]])
    joints = demo_body.pose(torch.cat([rotmat, rotmat[:1]]), betas).joints.numpy()
    people = [make(joints_m=dict(zip(demo_body.joint_names, one, strict=True))) for one in joints]
    resting, *posed, smaller = (one["limbs_m"] for one in measure_all(MEASURE, make_image(people)))
    # Float32.
    assert posed == pytest.approx([resting] * 2, abs=1e-5)
    assert abs(resting - smaller) > 0.01


def test_depth_is_of_the_middle_of_the_body():
    people = [make(camera=pinhole(1000, (200, 100), (0, 0, depth_m))) for depth_m in (4, 5, 10)]
    found = measure_all(MEASURE, make_image(people))
    assert [one["depth_m"] for one in found] == pytest.approx([4, 5, 10])
    assert [one["px_per_m"] for one in found] == pytest.approx([250, 200, 100])
    # The median of the others has 150, 175 and 225 px a metre.
    assert [one["depth_share"] for one in found] == pytest.approx([0.6, 0.875, 2.25])


def test_weak_perspective_has_no_metres_but_a_share():
    people = [make(camera=weak_camera(scale)) for scale in (100, 50)]
    people.append(make(camera=weak_camera()._replace(is_framed=True)))
    near, far, nowhere = measure_all(MEASURE, make_image(people))
    assert (near["depth_share"], far["depth_share"], far["px_per_m"]) == (0.5, 2, 50)
    assert np.isnan(
        [near["depth_m"], *(nowhere[name] for name in ("depth_m", "px_per_m", "depth_share"))]
    ).all()
    behind = make(camera=pinhole(1000, (0, 0), (0, 0, -3)))
    (found,) = measure_all(MEASURE, make_image([behind]))
    assert found["depth_m"] == -3
    assert np.isnan([found["px_per_m"], found["depth_share"], found["size_share"]]).all()


def test_twice_as_far_and_twice_as_tall_is_drawn_alike():
    near = make(camera=pinhole(1000, (200, 100), (0.3, 0, 4)))
    far = make(2, camera=pinhole(1000, (200, 100), (0.6, 0, 8)))
    np.testing.assert_allclose(far.verts_px, near.verts_px)
    people = [replace(near, keypoints=mark_joints(near)), replace(far, keypoints=mark_joints(near))]
    one, other = measure_all(MEASURE, make_image(people))
    assert other["limbs_m"] / one["limbs_m"] == pytest.approx(2)
    assert (one["depth_share"], other["depth_share"]) == pytest.approx((0.5, 2))
    assert (one["size_share"], other["size_share"]) == pytest.approx((1, 1))


def test_a_body_is_drawn_as_large_as_its_keypoints_are():
    person = make()
    moved = replace(person, keypoints=mark_joints(person, (50, 70)), camera=weak_camera(130))
    assert measure_all(MEASURE, make_image([moved]))[0]["size_share"] == pytest.approx(1.3)
    marks = mark_joints(person)
    marks.points_px[2:, 2] = 0
    few = replace(person, keypoints=marks)
    assert np.isnan(measure_all(MEASURE, make_image([few]))[0]["size_share"])
