"""Joints of every source come in the order of OpenPose."""

import numpy as np
from smplx.joint_names import JOINT_NAMES
from smplx.vertex_ids import vertex_ids

from render.annotate.joint_orders import OPENPOSE_18, openpose18_from_smpl, openpose18_from_spin49
from render.demo.people.keypoints import make_keypoints

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


def test_smpl_joints_by_name():
    landmarks = {"reye": "right_eye", "leye": "left_eye", "rear": "right_ear", "lear": "left_ear"}
    order = ["nose", "reye", "leye", "rear", "lear"]
    assert list(vertex_ids["smplh"])[:5] == order
    names = JOINT_NAMES[:22] + ["left_hand", "right_hand"] + [landmarks.get(n, n) for n in order]
    index = np.arange(45)[:, None].repeat(3, 1)
    picked = openpose18_from_smpl(index)
    assert picked.shape == (18, 3)
    assert tuple(names[k] for k in picked[:, 0]) == OPENPOSE_18
    assert openpose18_from_smpl(np.zeros((5, 45, 2))).shape == (5, 18, 2)


def test_spin49_by_name_from_either_half():
    keypoints = np.column_stack([np.arange(49), np.arange(49), np.ones(49)])
    first = openpose18_from_spin49(keypoints)
    assert (first[:, 0] < 25).all()
    keypoints[:25, 2] = 0
    second = openpose18_from_spin49(keypoints)
    assert (second[:, 0] >= 25).all()
    for picked in (first, second):
        assert tuple(SPIN_49[int(k)] for k in picked[:, 0]) == OPENPOSE_18


def test_spin49_falls_back_joint_by_joint():
    keypoints = np.column_stack([np.arange(49), np.arange(49), np.ones(49)])
    keypoints[3, 2] = 0
    picked = openpose18_from_spin49(keypoints)
    assert picked[3, 0] == 32
    assert picked[[0, 1, 2, 4], 0].tolist() == [0, 1, 2, 4]


def test_both_orders_agree_on_a_body():
    joints = np.random.default_rng(0).uniform(0, 100, (45, 2))
    keypoints, _ = make_keypoints(joints, (100, 100))
    np.testing.assert_array_equal(openpose18_from_spin49(keypoints)[:, :2], openpose18_from_smpl(joints))
