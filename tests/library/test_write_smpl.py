"""Motions that are written as .smpl files come back as they were, in a world whose y is up."""

import numpy as np
import pytest
import torch

from render import load_body, make_fits, write_smpl
from render.body.model import pose_all
from render.errors import BodyModelError, OutputError
from render.fits.build import assemble
from render.fits.cameras import PhotoCameras, World
from render.types.fits import Fits
from render.types.sources import Meshes
from tests.helpers.fit_files import read_file
from tests.helpers.motion_files import (
    find_in_world,
    make_amass,
    make_codec,
    make_scene,
    save_json,
    save_npz,
)

# Of float32 matrices: the last place of numbers up to 1.
LAST_PLACE = 2**-23


@pytest.fixture(scope="module")
def body():
    return load_body(device="cpu")


def place_bodies(fits, body):
    """Vertices in the world."""
    (source,) = fits.sources
    inputs = tuple(torch.from_numpy(array) for array in body.prepare(source.bodies, fits.place))
    return find_in_world(fits, pose_all(body, inputs, len(fits)).verts.numpy().astype(np.float64))


def expect_same(found, expected):
    one, other = found.sources[0].bodies, expected.sources[0].bodies
    assert (one.kind, one.variant, one.adds_hand_mean) == (other.kind, other.variant, other.adds_hand_mean)
    np.testing.assert_allclose(one.rotmat, other.rotmat, rtol=0, atol=LAST_PLACE)
    for name in ("betas", "expression"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("world_m", "world_rotation", "rotation", "time_s", "frame", "identity"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_smpl_file_read_written_and_read_is_equal(tmp_path, version):
    fits, _ = read_file("smpl", save_npz(tmp_path / "a.smpl", make_codec(version)))
    found = write_smpl(tmp_path / "b/c.smpl", fits)
    assert found == tmp_path / "b/c.smpl"
    expect_same(read_file("smpl", found)[0], fits)
    # The same rows make the same bytes.
    assert found.read_bytes() == write_smpl(tmp_path / "d.smpl", fits).read_bytes()
    with np.load(found, allow_pickle=False) as arrays:
        held = dict(arrays)
    assert {str(array.dtype) for array in held.values()} == {"int32", "float32"}
    given = make_codec(version)
    assert held.keys() == given.keys()
    for key, array in held.items():
        assert array.shape == np.shape(given[key]), key
    assert [held[key].item() for key in ("codecVersion", "smplVersion", "gender")] == [2, version, 1]
    # An angle above pi comes back as the shorter turn.
    is_short = np.linalg.norm(given["bodyPose"], axis=2) < 3
    np.testing.assert_allclose(held["bodyPose"][is_short], given["bodyPose"][is_short], atol=1e-6)


def test_what_is_not_known_stays_so(tmp_path):
    fits, _ = read_file("smpl", save_npz(tmp_path / "a.smpl", {"smplVersion": np.int32(2)}))
    found = write_smpl(tmp_path / "b.smpl", fits)
    expect_same(read_file("smpl", found)[0], fits)
    with np.load(found) as held:
        assert not {"bodyTranslation", "frameRate", "shapeParameters"} & set(held.keys())


def test_bodies_of_another_world_are_turned_about_their_pelvis(tmp_path, body):
    held = make_amass(165) | {"poses": make_amass(165)["poses"][:, :72], "gender": np.array("neutral")}
    held["betas"] = held["betas"][:10]
    fits, _ = read_file("amass", save_npz(tmp_path / "a.npz", held))
    with pytest.raises(ValueError, match="body: expected the model that the fits are of, found none"):
        write_smpl(tmp_path / "b.smpl", fits)
    found, problems = read_file("smpl", write_smpl(tmp_path / "b.smpl", fits, body))
    assert problems == []
    # Of float32 bodies of 2 m.
    np.testing.assert_allclose(place_bodies(found, body), place_bodies(fits, body), atol=2e-6)
    np.testing.assert_allclose(found.time_s, fits.time_s)
    wrong = read_file("amass", save_npz(tmp_path / "x.npz", make_amass(165)))[0]
    with pytest.raises(BodyModelError, match="this body is SMPL, found poses of SMPL-X"):
        write_smpl(tmp_path / "b.smpl", wrong, body)


def test_people_before_cameras_are_written_as_they_are_in_the_world(tmp_path):
    bodies = [make_codec(2, 6, seed=1), make_codec(2, 7, seed=2)]
    scene = make_scene([(bodies[0], [0, 6]), (bodies[1], [4, 9])], 9)
    fits, _ = read_file("mcs", save_json(tmp_path / "a.mcs", scene))
    with pytest.raises(ValueError, match="expected one person of one sequence, found 2"):
        write_smpl(tmp_path / "b.smpl", fits)
    second = write_smpl(tmp_path / "b.smpl", fits.take(np.flatnonzero(fits.identity == 1)))
    with np.load(second) as held:
        np.testing.assert_allclose(held["bodyTranslation"], bodies[1]["bodyTranslation"][:5], atol=1e-6)
        np.testing.assert_allclose(held["frameRate"], bodies[1]["frameRate"], rtol=1e-6)


def test_what_no_such_file_can_hold_is_refused(tmp_path):
    fits, _ = read_file("smpl", save_npz(tmp_path / "a.smpl", make_codec()))
    given = {
        "found none": fits.take(slice(0, 0)),
        "expected frames one after the other, found 4 behind 2": fits.take(np.array([0, 1, 2, 4])),
        "found 0 behind 1": fits.take(np.array([1, 0])),
        "rows whose world is known": make_fits(np.tile(np.eye(3), (1, 24, 1, 1)), *_EFT),
        "found meshes": _make_meshes(fits),
    }
    for said, one in given.items():
        with pytest.raises(ValueError, match=said):
            write_smpl(tmp_path / "b.smpl", one)
    for wrong in (None, [1], "fits"):
        with pytest.raises(TypeError, match="fits: expected Fits"):
            write_smpl(tmp_path / "b.smpl", wrong)
    with pytest.raises(TypeError, match="body: expected a body model"):
        write_smpl(tmp_path / "b.smpl", fits, "smpl")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="nothing can be written there"):
        write_smpl(tmp_path / "file/b.smpl", fits)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.smpl", "file"]


_EFT = (np.zeros((1, 10)), [[0.9, 0, 0.3]], [[320, 240]], [2.0])


def _make_meshes(fits: Fits) -> Fits:
    count = len(fits)
    cameras = PhotoCameras(**{name: getattr(fits, name) for name in PhotoCameras.__dataclass_fields__})
    meshes = Meshes("", np.array([[0, 1, 2]], np.int32), np.zeros((count, 3, 3), np.float32))
    world = World(fits.world_rotation, fits.world_m)
    return assemble("meshes", ["a"] * count, meshes, cameras, world=world, frame=fits.frame)
