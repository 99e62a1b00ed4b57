"""Meshcapade's .smpl: bodies stand in a world whose y is up; other models are refused by name."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.types.fits import Unit
from tests.helpers.fit_files import read_file, recognise
from tests.helpers.motion_files import FRAMES, Hostile, find_in_world, make_codec, save_npz

POINTS = np.random.default_rng(1).uniform(-1, 1, (FRAMES, 5, 3))


@pytest.mark.parametrize(("version", "kind"), [(0, "smpl"), (1, "smplh"), (2, "smplx")])
def test_bodies_are_those_of_the_file_in_a_world_whose_y_is_up(tmp_path, version, kind):
    held = make_codec(version)
    path = save_npz(tmp_path / "dance.smpl", held)
    assert recognise(path) == ["smpl"]
    fits, problems = read_file("smpl", path)
    assert problems == []
    (source,) = fits.sources
    assert (source.bodies.kind, source.bodies.variant, source.bodies.adds_hand_mean) == (kind, "male", False)
    parts = [held[key] for key in ("bodyPose", "headPose", "leftHandPose", "rightHandPose") if key in held]
    expected = Rotation.from_rotvec(np.concatenate(parts, 1).reshape(-1, 3)).as_matrix()
    # Of float32.
    np.testing.assert_allclose(source.bodies.rotmat.reshape(-1, 3, 3), expected, atol=1e-6)
    np.testing.assert_array_equal(source.bodies.betas, np.tile(held["shapeParameters"], (FRAMES, 1)))
    np.testing.assert_array_equal(source.bodies.expression, held["expressionParameters"])
    assert set(fits.unit) == {Unit.FRAMED}
    world = (POINTS + held["bodyTranslation"][:, None]) * [1, -1, -1]
    np.testing.assert_allclose(find_in_world(fits, POINTS), world, atol=1e-12)
    np.testing.assert_allclose(fits.time_s, np.arange(FRAMES) / np.float64(np.float32(29.97)))
    assert fits.image_name[1] == "dance/000001"
    assert set(fits.sequence) == {"dance"}


def test_what_is_missing_is_zero_and_nobody_knows_where_it_stands(tmp_path):
    fits, _ = read_file("smpl", save_npz(tmp_path / "a.smpl", {"smplVersion": np.int32(2)}))
    (source,) = fits.sources
    np.testing.assert_array_equal(source.bodies.rotmat, np.tile(np.eye(3), (1, 55, 1, 1)))
    assert source.bodies.betas.shape == (1, 0)
    assert np.isnan(fits.world_m).all()
    assert np.isnan(fits.time_s).all()
    np.testing.assert_array_equal(fits.world_rotation, [np.eye(3)])


def test_offsets_of_vertices_are_said_not_to_be_drawn(tmp_path):
    held = make_codec()
    for offset, count in ((0, 0), (0.1, 1)):
        held["vertexOffsets"] = np.full((10475, 3), offset, np.float32)
        notes = read_file("smpl", save_npz(tmp_path / "a.smpl", held))[0].sources[0].notes
        assert sum("vertexOffsets" in note for note in notes) == count


@pytest.mark.parametrize("key", ["bodyPose", "bodyTranslation", "expressionParameters"])
def test_a_damaged_frame_costs_its_own_row(tmp_path, key):
    held = make_codec()
    held[key][3] = np.nan
    fits, problems = read_file("smpl", save_npz(tmp_path / "a.smpl", held))
    assert [problem.row for problem in problems] == [3]
    assert fits.frame.tolist() == [0, 1, 2, 4, 5]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"smplVersion": np.int32(5)}, r"smplVersion: expected .*, found 5 SKEL"),
        ({"smplVersion": np.int32(77)}, r"smplVersion: expected .*, found 77"),
        ({"smplVersion": np.float32(np.nan)}, r"smplVersion: expected .*, found nan"),
        ({"gender": np.int32(3)}, "gender: expected .*, found 3"),
        ({"frameCount": np.int64(10**12)}, r"bodyPose: expected frameCount rows, 1e\+12, found 6"),
        ({"frameCount": np.int32(0)}, "bodyPose: expected frameCount rows, 0, found 6"),
        ({"bodyPose": np.zeros((FRAMES, 24, 3))}, "bodyPose: expected 6x22x3 numbers, found"),
        ({"leftHandPose": np.zeros((FRAMES - 1, 15, 3))}, "leftHandPose: expected 6x15x3 numbers"),
        ({"shapeParameters": np.zeros(401)}, "shapeParameters: expected up to 400 numbers, found 401"),
        ({"frameRate": np.float32(np.inf)}, "frameRate: expected frames a second"),
    ],
)
def test_other_arrays_are_refused_by_name(tmp_path, changes, found):
    with pytest.raises(FitFileError, match=found):
        read_file("smpl", save_npz(tmp_path / "a.smpl", make_codec() | changes))


def test_no_number_alone_makes_a_file_long(tmp_path):
    held = {"smplVersion": np.int32(2), "frameCount": np.int64(10**12)}
    with pytest.raises(FitFileError, match=r"frameCount: expected 1 in a file without poses, found 1e\+12"):
        read_file("smpl", save_npz(tmp_path / "a.smpl", held))


def test_a_hostile_file_runs_nothing(tmp_path):
    path = save_npz(
        tmp_path / "a.smpl", make_codec() | {"gender": np.array(Hostile(tmp_path / "ran"), object)}
    )
    with pytest.raises(FitFileError, match=r"expected numbers, found Python objects"):
        read_file("smpl", path)
    assert not (tmp_path / "ran").exists()
