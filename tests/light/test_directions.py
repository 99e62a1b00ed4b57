"""Directions share out what they are spread over, and their frames are rotations."""

import numpy as np
import pytest

from render.light.directions import (
    KEY_RADIUS_RAD,
    KEY_WAY,
    SPHERE_COUNT,
    frame_directions,
    spread_over_disc,
    spread_over_sphere,
)


def test_directions_share_a_sphere_evenly():
    ways = spread_over_sphere(SPHERE_COUNT)
    np.testing.assert_allclose(np.linalg.norm(ways, axis=1), 1)
    # Half of them up, where y is less than 0, and these first.
    assert (ways[: SPHERE_COUNT // 2, 1] < 0).all()
    assert (ways[SPHERE_COUNT // 2 :, 1] > 0).all()
    normals = np.random.default_rng(2).normal(size=(500, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    # A hundredth: the error of a lattice of so many.
    found = np.maximum(normals @ ways.T, 0).sum(1) * 4 / SPHERE_COUNT
    np.testing.assert_allclose(found, 1, atol=0.01)


def test_directions_share_a_disc_by_its_solid_angle():
    ways = spread_over_disc(400, KEY_WAY, KEY_RADIUS_RAD)
    middle = np.array(KEY_WAY) / np.linalg.norm(KEY_WAY)
    along = ways @ middle
    assert along.min() >= np.cos(KEY_RADIUS_RAD) - 1e-12
    # Of rings of the cap of equal heights each has the same share.
    counts, _ = np.histogram(along, bins=8, range=(np.cos(KEY_RADIUS_RAD), 1))
    assert np.ptp(counts) <= 2
    np.testing.assert_allclose(ways.mean(0), middle * along.mean(), atol=2e-3)


@pytest.mark.parametrize("way", [(0, 1, 0), (0, -1, 0), (0, 0.9999, 0.0141)])
def test_frames_are_rotations_whose_second_axis_is_nearest_to_y(way):
    ways = np.concatenate([spread_over_sphere(50), [np.array(way) / np.linalg.norm(way)]])
    frames = frame_directions(ways)
    np.testing.assert_allclose(frames @ frames.transpose(0, 2, 1), np.tile(np.eye(3), (51, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(frames), 1)
    np.testing.assert_array_equal(frames[:, 2], ways)
    np.testing.assert_allclose(frames[:50, 0, 1], 0, atol=1e-12)
    assert (frames[:50, 1, 1] > 0).all()
