"""Joints of every source come in the order of OpenPose."""

import numpy as np

from render.annotate.joint_orders import openpose18_from_marks, pick_joints
from render.demo.people.keypoints import make_keypoints
from render.fits.joint_orders import OPENPOSE_18

# SPIN's 49 joints by the names of EFT's jointorders.py: OpenPose's 25, then 24 as the datasets have them.
SPIN_49 = (
    *("nose", "neck", "right_shoulder", "right_elbow", "right_wrist"),
    *("left_shoulder", "left_elbow", "left_wrist", "mid_hip", "right_hip", "right_knee", "right_ankle"),
    *("left_hip", "left_knee", "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear"),
    *("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel"),
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    *("neck", "head_top", "pelvis", "thorax", "spine", "jaw", "head"),
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
)


def test_joints_that_a_body_lacks_are_not_numbers():
    points = np.arange(6.0).reshape(3, 2)
    picked = pick_joints(points, np.array([2, -1, 0]))
    np.testing.assert_array_equal(picked, [[4, 5], [np.nan, np.nan], [0, 1]])
    assert np.isnan(pick_joints(points[:0], np.array([-1, -1]))).all()


def test_an_order_that_lacks_joints_has_them_without_confidence():
    picked = openpose18_from_marks(np.ones((17, 3)), "coco17")
    assert [OPENPOSE_18[i] for i in np.flatnonzero(picked[:, 2] == 0)] == ["neck"]
    assert (openpose18_from_marks(np.ones((70, 3)), "unheard of")[:, 2] == 0).all()


def test_spin49_by_name_from_either_half():
    keypoints = np.column_stack([np.arange(49), np.arange(49), np.ones(49)])
    first = openpose18_from_marks(keypoints, "spin49")
    assert (first[:, 0] < 25).all()
    keypoints[:25, 2] = 0
    second = openpose18_from_marks(keypoints, "spin49")
    assert (second[:, 0] >= 25).all()
    for picked in (first, second):
        assert tuple(SPIN_49[int(k)] for k in picked[:, 0]) == OPENPOSE_18


def test_spin49_falls_back_joint_by_joint():
    keypoints = np.column_stack([np.arange(49), np.arange(49), np.ones(49)])
    keypoints[3, 2] = 0
    picked = openpose18_from_marks(keypoints, "spin49")
    assert picked[3, 0] == 32
    assert picked[[0, 1, 2, 4], 0].tolist() == [0, 1, 2, 4]


def test_both_orders_agree_on_a_body():
    joints = np.random.default_rng(0).uniform(0, 100, (45, 2))
    keypoints, _ = make_keypoints(joints, (100, 100))
    np.testing.assert_array_equal(
        openpose18_from_marks(keypoints, "spin49")[:, :2],
        joints[[24, 12, 17, 19, 21, 16, 18, 20, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28]],
    )
