"""Matrices from axis-angles, however many there are."""

import numpy as np
from scipy.spatial.transform import Rotation

from render.fits import rotations
from render.fits.rotations import axis_angle_to_rotmat


def test_matrices_are_the_same_in_any_number_of_steps(monkeypatch):
    angles = np.random.default_rng(0).normal(0, 1, (5, 2, 3)).astype(np.float32)
    angles[3, 1, 0] = np.nan
    monkeypatch.setattr(rotations, "VECTORS_AT_ONCE", 3)
    found = axis_angle_to_rotmat(angles)
    assert found.shape == (5, 2, 3, 3)
    assert np.isnan(found[3, 1]).all()
    known = ~np.isnan(angles).any(-1)
    # The same doubles through the same formula.
    expected = Rotation.from_rotvec(angles[known].astype(np.float64)).as_matrix()
    np.testing.assert_array_equal(found[known], expected)
