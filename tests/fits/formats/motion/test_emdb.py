"""EMDB: the person stands where the camera sees him, in a world whose y is up; hidden frames are named."""

import pickle
import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from tests.helpers.fit_files import project, read_file, recognise
from tests.helpers.motion_files import FRAMES, Hostile, find_in_world, make_emdb

POINTS = np.random.default_rng(1).uniform(-0.5, 0.5, (FRAMES, 5, 3))


@pytest.fixture
def save(tmp_path):
    def save(held):
        path = tmp_path / "P0/09_outdoor_walk/P0_09_outdoor_walk_data.pkl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(held, 4))
        return path

    return save


def test_the_person_stands_where_the_camera_sees_him(save):
    held = make_emdb()
    path = save(held)
    assert recognise(path) == ["emdb"]
    fits, problems = read_file("emdb", path)
    assert problems == []
    (source,) = fits.sources
    assert (source.bodies.kind, source.bodies.variant) == ("smpl", "female")
    angles = np.hstack([held["smpl"]["poses_root"], held["smpl"]["poses_body"]])
    expected = Rotation.from_rotvec(angles.reshape(-1, 3)).as_matrix()
    np.testing.assert_allclose(source.bodies.rotmat.reshape(-1, 3, 3), expected, atol=1e-6)
    moved = POINTS + held["smpl"]["trans"][:, None]
    camera = held["camera"]
    seen = np.einsum("fij,fpj->fpi", camera["extrinsics"][:, :3, :3], moved)
    seen += camera["extrinsics"][:, None, :3, 3]
    pixels = seen @ camera["intrinsics"].T
    np.testing.assert_allclose(project(fits, POINTS), pixels[..., :2] / pixels[..., 2:], atol=1e-9)
    np.testing.assert_allclose(find_in_world(fits, POINTS), moved * [1, -1, -1], atol=1e-12)
    assert source.marks.order == "smpl24"
    np.testing.assert_array_equal(source.marks.points_px[..., :2], np.float32(held["kp2d"]))
    # A box of 100 x 300 px in a square.
    np.testing.assert_allclose(fits.box_px[:, 2], 300)
    np.testing.assert_allclose(fits.box_px[:, 0], held["bboxes"]["bboxes"][:, 0] - 100)
    np.testing.assert_allclose(fits.box_px[:, 1], held["bboxes"]["bboxes"][:, 1])
    np.testing.assert_allclose(fits.time_s, np.arange(FRAMES) / 30)
    assert set(fits.sequence) == {"P0_09_outdoor_walk"}
    assert fits.image_name[1] == "P0/09_outdoor_walk/images/00001.jpg"
    assert set(fits.identity) == {0}


@pytest.mark.parametrize("below", [".", "P0", "P0/09_outdoor_walk", "P0/09_outdoor_walk/images"])
def test_photos_are_found_in_the_folder_of_all_or_of_the_sequence(save, tmp_path, below):
    path = save(make_emdb())
    photo = path.parent / "images/00000.jpg"
    photo.parent.mkdir()
    photo.touch()
    fits, _ = read_file("emdb", path, tmp_path / below)
    assert (tmp_path / below / fits.image_name[0]) == photo
    assert fits.image_name[3].endswith("00003.jpg")


def test_a_renamed_sequence_has_the_photos_beside_it(save):
    fits, _ = read_file("emdb", save(make_emdb() | {"name": "../x"}))
    assert fits.image_name[0] == "images/00000.jpg"
    assert set(fits.sequence) == {"P0_09_outdoor_walk"}


def test_hidden_and_damaged_frames_are_named(save):
    held = make_emdb()
    held["good_frames_mask"][[1, 4]] = False
    held["smpl"]["trans"][2] = np.inf
    held["bboxes"]["bboxes"][0] = 0
    fits, problems = read_file("emdb", save(held))
    assert [problem.row for problem in problems] == [1, 2, 4]
    assert problems[0].reason.startswith("good_frames_mask: expected true, found false")
    assert problems[1].reason.startswith("translation: ")
    assert fits.frame.tolist() == [0, 3, 5]
    assert np.isnan(fits.box_px[0]).all()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda held: held.pop("camera"), "found no camera"),
        (lambda held: held.update(smpl=[1]), "smpl: expected values by name, found a list of 1"),
        (
            lambda held: held.update(gender="x"),
            'gender: expected female, male or neutral, found the string "x"',
        ),
        (lambda held: held.update(gender=np.zeros(3)), "gender: expected female, male or neutral, found"),
        (lambda held: held["smpl"].update(trans=np.zeros((3, 3))), "trans: expected 6x3 numbers, found"),
        (lambda held: held["smpl"].pop("betas"), "betas: expected N numbers or 1xN numbers, found nothing"),
        (lambda held: held["camera"].update(extrinsics=np.zeros((6, 3, 4))), "extrinsics: expected Nx4x4"),
        (lambda held: held.update(good_frames_mask=np.ones(5)), "good_frames_mask: expected 6 numbers"),
    ],
)
def test_other_content_is_refused_by_name(save, change, found):
    held = make_emdb()
    change(held)
    with pytest.raises(FitFileError, match=re.escape(found)):
        read_file("emdb", save(held))


def test_a_hostile_file_runs_nothing(save, tmp_path):
    path = save(make_emdb() | {"gender": Hostile(tmp_path / "ran")})
    with pytest.raises(FitFileError, match=r"asks for posix\.mkdir"):
        read_file("emdb", path)
    assert not (tmp_path / "ran").exists()
