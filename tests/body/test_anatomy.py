"""Where joints and the head of a body are."""

import numpy as np

from render.body.anatomy import find_anatomy, find_joints
from render.fits.joint_orders import OPENPOSE_18


def test_the_head_is_the_top_of_the_body(demo_body):
    head = find_anatomy(demo_body).head
    height = demo_body.v_template[:, 1]
    assert 500 < len(head) < 1500
    assert int(height.argmax()) in head
    shoulders = demo_body.J_regressor[16] @ demo_body.v_template
    assert height[head].min() > shoulders[1]


def test_joints_are_found_by_name(demo_body):
    places = find_anatomy(demo_body).openpose18
    assert tuple(demo_body.joint_names[place] for place in places) == OPENPOSE_18
    # The map that EFT has (facebookresearch/eft, jointorders.py), of smplx's joints.
    assert places.tolist() == [24, 12, 17, 19, 21, 16, 18, 20, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28]


def test_joints_that_are_not_there_are_minus_one():
    places = find_joints(("left_wrist", "nose", "nose"))
    assert {OPENPOSE_18[i]: place for i, place in enumerate(places) if place >= 0} == {
        "nose": 1,
        "left_wrist": 0,
    }
    assert (find_joints(()) == -1).all()


def test_a_body_behind_others_has_its_head_behind_theirs(demo_body):
    anatomy = find_anatomy(demo_body)
    np.testing.assert_array_equal(anatomy.shift(100).head, anatomy.head + 100)
    assert anatomy.shift(0) is anatomy
