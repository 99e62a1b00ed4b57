"""Bodies for the tests of the library."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render import (
    pose_bodies,
)


@pytest.fixture(scope="module")
def turned(demo_body):
    """Four bodies in poses of their own, upright."""
    pose_rotmat = np.tile(np.eye(3), (4, 24, 1, 1))
    pose_rotmat[:, 0] = np.diag([1, -1, -1])
    for i in range(4):
        pose_rotmat[i, 16] = Rotation.from_euler("z", 0.5 * i).as_matrix()
    return pose_bodies(demo_body, pose_rotmat, np.linspace(-1, 1, 40).reshape(4, 10))
