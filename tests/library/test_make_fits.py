"""Fits from arrays: matrices that are no rotations are refused, as a fit file's are."""

import numpy as np
import pytest

from render import make_fits


def fits_of(rotmat: np.ndarray) -> None:
    pose_rotmat = np.tile(np.eye(3), (2, 24, 1, 1))
    pose_rotmat[1, 5] = rotmat
    make_fits(pose_rotmat, np.zeros((2, 10)), np.ones((2, 3)), np.ones((2, 2)), np.ones(2))


@pytest.mark.parametrize(
    ("rotmat", "found"),
    [
        (np.diag([1.0, 1.0, -1.0]), "determinant -1"),
        (2 * np.eye(3), "off by 3 "),
        (np.array([[1.0, 0.1, 0], [0, 1, 0], [0, 0, 1]]), "off by 0.1 "),
        (np.zeros((3, 3)), "off by 1 "),
        (np.eye(3) * 0.999, "off by 0.002 "),
    ],
    ids=["mirrored", "scaled", "skewed", "zero", "just too small"],
)
def test_matrices_that_are_no_rotations_are_refused(rotmat, found):
    with pytest.raises(ValueError, match="pose_rotmat: expected rotations") as error:
        fits_of(rotmat)
    assert found in str(error.value)
    assert str(error.value).endswith("at joint 5 of person 1")


def test_rotations_of_a_file_s_precision_are_taken():
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]])
    fits_of(turn + 1e-4)
