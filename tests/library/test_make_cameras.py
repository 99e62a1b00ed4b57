"""Cameras of one's own: rotations are taken, and matrices that only look like them are not."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from render import make_cameras

MIRRORS = [np.diag(signs) for signs in ([-1, 1, 1], [1, -1, 1], [1, 1, -1], [-1, -1, -1])]
TURN = st.tuples(*[st.floats(-4, 4)] * 3)


def make(*rotations: np.ndarray):
    count = len(rotations)
    return make_cameras(np.array(rotations), [[0, 0, 3]] * count, [10] * count, [[5, 5]] * count)


@given(turn=TURN)
@settings(deadline=None, max_examples=50)
def test_a_matrix_that_turns_is_taken_as_it_is(turn):
    rotation = Rotation.from_rotvec(turn).as_matrix()
    cameras = make(rotation)
    expected = torch.from_numpy(rotation).float()[None]
    assert torch.equal(cameras.rotation, expected)
    assert torch.equal(cameras.matrix, expected)


@pytest.mark.parametrize("mirror", MIRRORS)
@given(turn=TURN)
@settings(deadline=None, max_examples=20)
def test_a_matrix_that_mirrors_is_refused(mirror, turn):
    """It keeps all lengths and angles; bodies would be drawn left side right."""
    with pytest.raises(ValueError, match=r"rotation: expected rotations, .*mirror"):
        make(Rotation.from_rotvec(turn).as_matrix() @ mirror)


@pytest.mark.parametrize("signs", [(-1, -1, 1), (-1, 1, -1), (1, -1, -1)])
def test_half_a_turn_is_no_mirror(signs):
    assert make(np.diag(signs)).rotation[0].diagonal().tolist() == list(signs)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("bad", [MIRRORS[0], 1.01 * np.eye(3), [[1, 0.01, 0], [0, 1, 0], [0, 0, 1]]])
def test_one_bad_camera_among_good_ones_is_refused(place, bad):
    rotations = [Rotation.from_euler("y", angle).as_matrix() for angle in (0.0, 1.0, 2.0)]
    make(*rotations)
    rotations[place] = np.array(bad)
    with pytest.raises(ValueError, match="rotation: expected rotations"):
        make(*rotations)


@pytest.mark.parametrize("factor", [0.99, 0.998, 1.002, 1.01])
def test_a_matrix_that_scales_is_refused(factor):
    with pytest.raises(ValueError, match="scale, skew or mirror"):
        make(factor * np.eye(3))


def test_what_rounding_takes_from_a_rotation_is_no_matter():
    """Products of many in half precision are off by some ten thousandths."""
    rotation = Rotation.from_euler("xyz", [0.3, 1.1, -0.7]).as_matrix()
    rounded = rotation.astype(np.float16).astype(np.float32)
    assert np.abs(rounded @ rounded.T - np.eye(3)).max() > 1e-4
    assert torch.equal(make(rounded).rotation[0], torch.from_numpy(rounded))
    make(np.eye(3) * (1 + 4e-4))
    make(np.eye(3) * (1 - 4e-4))


def test_cameras_see_both_sides_of_faces_and_have_the_numbers_that_were_given():
    cameras = make_cameras(np.eye(3)[None], [[1, 2, 3]], [400], [[30, 20]])
    assert cameras.translation.tolist() == [[1, 2, 3]]
    assert cameras.focal_px.tolist() == [400]
    assert cameras.center_px.tolist() == [[30, 20]]
    assert cameras.cull.tolist() == [0]
