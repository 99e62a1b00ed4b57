"""The bodies of fits: those that their poses give, or the vertices that a file has, turned as it says."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render import pose_bodies, pose_fits, read_fits
from render.errors import BodyModelError
from render.types.sources import Meshes

TURN = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])


@pytest.fixture(scope="module")
def fits(demo_set):
    return read_fits("eft", demo_set.fit_file)[0]


def test_they_are_those_of_their_poses(fits, demo_body):
    poses, some = fits.sources[0].bodies, fits.take(np.array([7, 2]))
    expected = pose_bodies(demo_body, poses.rotmat[[7, 2]], poses.betas[[7, 2]])
    found = pose_fits(some, demo_body)
    for name in ("verts", "normals", "joints"):
        assert torch.equal(getattr(found, name), getattr(expected, name)), name


def test_they_are_turned_to_the_frame_of_their_cameras(fits, demo_body):
    one = fits.take(slice(0, 1))
    turned = replace(one, rotation=TURN[None])
    expected = pose_fits(one, demo_body).verts @ torch.from_numpy(TURN.T).float()
    # Sums in another order.
    torch.testing.assert_close(pose_fits(turned, demo_body).verts, expected, atol=1e-6, rtol=0)


def test_vertices_with_faces_of_their_own_need_no_model(fits, demo_body):
    verts = np.random.default_rng(0).normal(size=(3, 4, 3)).astype(np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    some = fits.take(slice(0, 3))
    meshes = replace(some, sources=(replace(some.sources[0], bodies=Meshes("", faces, _fill(verts, some))),))
    found = pose_fits(meshes)
    np.testing.assert_array_equal(found.verts.cpu().numpy(), verts)
    np.testing.assert_array_equal(found.faces.cpu().numpy(), faces)


def test_vertices_of_a_topology_take_the_faces_of_its_model(fits, demo_body):
    posed = pose_fits(fits, demo_body)
    bodies = Meshes("smpl", np.zeros((0, 3), np.int32), posed.verts.numpy())
    meshes = replace(fits, sources=(replace(fits.sources[0], bodies=bodies),))
    found = pose_fits(meshes, demo_body)
    assert torch.equal(found.verts, posed.verts)
    assert torch.equal(found.faces, posed.faces)
    with pytest.raises(ValueError, match="body: expected the model that the fits, meshes of smpl, are of"):
        pose_fits(meshes)


def test_what_cannot_be_posed_is_refused(fits, demo_body):
    with pytest.raises(ValueError, match="fits, poses of smpl, are of, found none"):
        pose_fits(fits)
    with pytest.raises(ValueError, match="at least one"):
        pose_fits(fits.take(slice(0, 0)), demo_body)
    with pytest.raises(TypeError, match="fits: expected Fits"):
        pose_fits([1, 2], demo_body)
    poses = replace(fits.sources[0].bodies, kind="mano", variant="left")
    hands = replace(fits, sources=(replace(fits.sources[0], bodies=poses),))
    with pytest.raises(BodyModelError):
        pose_fits(hands, demo_body)


def _fill(verts, fits):
    """As many rows as the source has marks, of which the fits take the first."""
    rows = np.zeros((len(fits.sources[0].marks), *verts.shape[1:]), np.float32)
    rows[: len(verts)] = verts
    return rows
