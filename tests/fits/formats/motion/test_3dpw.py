"""3DPW: people stand where its camera sees them, and frames without one are named."""

import pickle
import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from tests.helpers.fit_files import project, read_file, recognise
from tests.helpers.motion_files import FRAMES, Hostile, make_3dpw
from tests.helpers.python2_pickles import pickle_as_python2

POINTS = np.random.default_rng(1).uniform(-0.5, 0.5, (2 * FRAMES, 5, 3))


@pytest.fixture
def save(tmp_path):
    def save(held):
        path = tmp_path / "courtyard_hug_00.pkl"
        path.write_bytes(pickle_as_python2(held))
        return path

    return save


def test_the_files_are_what_python_2_wrote(save):
    held = make_3dpw()
    with open(save(held), "rb") as file:
        again = pickle.load(file, encoding="latin1")
    assert again.keys() == held.keys()
    np.testing.assert_array_equal(again["poses"][1], held["poses"][1])
    assert again["genders"] == ["m", "f"]


def test_people_stand_where_the_camera_sees_them(save):
    held = make_3dpw()
    path = save(held)
    assert recognise(path) == ["3dpw"]
    fits, problems = read_file("3dpw", path)
    assert problems == []
    assert fits.person.tolist() == fits.identity.tolist() == [0] * FRAMES + [1] * FRAMES
    assert fits.frame.tolist() == [*range(FRAMES)] * 2
    np.testing.assert_allclose(fits.time_s, fits.frame / 30)
    assert fits.is_metric.all()
    assert set(fits.sequence) == {"courtyard_hug_00"}
    assert fits.image_name[FRAMES + 2] == "courtyard_hug_00/image_00002.jpg"
    for row in range(2 * FRAMES):
        person, frame = divmod(row, FRAMES)
        # K [R | t] of points of the world.
        seen = held["cam_poses"][frame][:3] @ np.vstack(
            [(POINTS[row] + held["trans"][person][frame]).T, np.ones(5)]
        )
        pixels = held["cam_intrinsics"] @ seen
        found = project(fits, POINTS)[row]
        np.testing.assert_allclose(found, (pixels[:2] / pixels[2]).T, atol=1e-9)
    for source, person in ((0, 1), (1, 0)):
        bodies = fits.sources[fits.source[person * FRAMES]].bodies
        assert bodies.variant == ("male", "female")[person], source
        expected = Rotation.from_rotvec(held["poses"][person].reshape(-1, 3)).as_matrix()
        np.testing.assert_allclose(bodies.rotmat.reshape(-1, 3, 3), expected, atol=1e-6)
        np.testing.assert_array_equal(bodies.betas[0], np.float32(held["betas"][person]))
    marks = fits.sources[fits.source[0]].marks
    assert marks.order == "openpose18"
    np.testing.assert_array_equal(marks.points_px[0, :, 0], np.float32(held["poses2d"][0][0, 0]))
    # Which way is up is not known.
    assert np.isnan(fits.world_rotation).all()
    assert np.isnan(fits.world_m).all()


@pytest.mark.parametrize("below", ["imageFiles", "imageFiles/courtyard_hug_00"])
def test_photos_are_found_in_the_folder_of_all_or_of_the_sequence(save, tmp_path, below):
    photo = tmp_path / "imageFiles/courtyard_hug_00/image_00000.jpg"
    photo.parent.mkdir(parents=True)
    photo.touch()
    fits, _ = read_file("3dpw", save(make_3dpw()), tmp_path / below)
    assert (tmp_path / below / fits.image_name[0]) == photo
    assert fits.image_name[3].endswith("image_00003.jpg")


def test_frames_without_a_camera_are_named(save):
    held = make_3dpw()
    held["campose_valid"][1][[0, 4]] = 0
    held["poses"][0][2, 5] = np.nan
    held["cam_poses"][3, 0] = 0
    fits, problems = read_file("3dpw", save(held))
    assert [problem.row for problem in problems] == [2, 3, 6, 9, 10]
    assert [problem.reason.partition(":")[0] for problem in problems] == [
        "pose",
        "camera rotation",
        "campose_valid",
        "camera rotation",
        "campose_valid",
    ]
    assert problems[2].image_name == "courtyard_hug_00/image_00000.jpg"
    assert fits.frame.tolist() == [0, 1, 4, 5, 1, 2, 5]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"poses": [np.zeros((FRAMES, 72))]}, "poses[1]: expected 6x72 numbers, found null"),
        ({"trans": [np.zeros((4, 3))] * 2}, "trans[0]: expected 6x3 numbers, found"),
        ({"genders": ["m", "x"]}, 'genders[1]: expected m or f, found the string "x"'),
        ({"genders": [["m"], "f"]}, "genders[0]: expected m or f, found a list of 1"),
        ({"poses": np.ones(2)}, "poses[0]: expected 6x72 numbers, found the number"),
        ({"genders": ["m"] * 65}, "genders: expected 1 to 64 people, found 65"),
        ({"cam_intrinsics": np.ones((3, 3))}, "cam_intrinsics: expected a camera matrix"),
        ({"cam_poses": np.zeros((0, 4, 4))}, "cam_poses: expected a matrix for each frame, found none"),
        ({"betas": [np.zeros(401)] * 2}, "betas[0]: expected up to 400 numbers, found 401"),
    ],
)
def test_other_content_is_refused_by_name(save, changes, found):
    with pytest.raises(FitFileError, match=re.escape(found)):
        read_file("3dpw", save(make_3dpw() | changes))


def test_a_sequence_that_leads_elsewhere_is_called_by_its_file(save):
    fits, _ = read_file("3dpw", save(make_3dpw() | {"sequence": "../../etc"}))
    assert fits.image_name[0] == "courtyard_hug_00/image_00000.jpg"


def test_a_hostile_file_runs_nothing(tmp_path):
    path, ran = tmp_path / "a.pkl", tmp_path / "ran"
    # As Python 2 calls functions: the module and the name in a line each.
    call = f"cposix\nmkdir\n(S'{ran}'\ntR".encode()
    whole = pickle_as_python2(make_3dpw())
    path.write_bytes(whole[:-2] + b"T\x08\x00\x00\x00sequence" + call + b"u.")
    for name in ("3dpw", "emdb"):
        with pytest.raises(FitFileError, match=r"asks for posix\.mkdir"):
            read_file(name, path)
    path.write_bytes(pickle.dumps(make_3dpw() | {"sequence": Hostile(ran)}, 2))
    with pytest.raises(FitFileError, match=r"asks for posix\.mkdir"):
        read_file("3dpw", path)
    assert not ran.exists()
