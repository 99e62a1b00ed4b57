"""Which joints of the file and of the body are compared."""

import numpy as np
import pytest
import torch

from render.body.fit_bodies import FitBodies
from render.fits.joint_orders import SPIN_49
from render.photos.folder import PhotoDir
from render.sanity.sample import pose_sample
from tests.helpers.fit_tables import make_table

NOSE = SPIN_49.index("nose")
LEFT_HIPS = [k for k, name in enumerate(SPIN_49) if name == "left_hip"]


@pytest.fixture
def match(demo_body, tmp_path):
    """The joints of one person with these marks of SPIN's 49, and where they are in the body."""

    def match(marks: dict[int, tuple[float, float, float]]) -> dict[str, list[float]]:
        keypoints_px = np.zeros((1, 49, 3))
        for place, mark in marks.items():
            keypoints_px[0, place] = mark
        table = make_table(1, keypoints_px=keypoints_px)
        sample = pose_sample(table, FitBodies([demo_body]), PhotoDir(tmp_path))
        is_known = np.isfinite(sample.marks_px).all(2)
        bodies = demo_body.pose(*_as_tensors(table))
        joints_m = sample.joints.points_m[is_known]
        distance = np.linalg.norm(bodies.joints[0].numpy()[None] - joints_m[:, None], axis=2)
        names = [demo_body.joint_names[k] for k in distance.argmin(1)] if len(distance) else []
        assert (distance.min(1, initial=1) < 1e-6).all()
        return dict(zip(names, sample.marks_px[is_known].tolist(), strict=True))

    return match


def _as_tensors(table):
    poses = table.sources[0].bodies
    return torch.from_numpy(poses.rotmat), torch.from_numpy(poses.betas)


def test_joints_of_one_name_are_compared(match):
    assert match({NOSE: (10, 20, 1)}) == {"nose": [10, 20]}
    assert match({}) == {}


def test_the_detected_joint_comes_before_the_annotated_one(match):
    detected, annotated = LEFT_HIPS
    assert match({detected: (1, 2, 0.9), annotated: (3, 4, 1)}) == {"left_hip": [1, 2]}
    assert match({annotated: (3, 4, 1)}) == {"left_hip": [3, 4]}
    assert match({detected: (1, 2, 0.1), annotated: (3, 4, 1)}) == {"left_hip": [3, 4]}


def test_joints_of_the_trunk_and_unsure_ones_are_not(match):
    """Necks of SMPL, OpenPose and LSP are three points."""
    assert match({SPIN_49.index("neck"): (1, 2, 1), NOSE: (10, 20, 0.1)}) == {}
