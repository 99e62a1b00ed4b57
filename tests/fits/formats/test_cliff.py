"""CLIFF's npz: people stand where its own demo draws them, in the frame that they were found in."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from tests.helpers.fit_files import TALL, WIDE, project, read_file, recognise

PEOPLE = 4


@pytest.fixture
def results():
    """Of three frames: two people in the last, nobody in the first."""
    rng = np.random.default_rng(7)
    boxes = np.array([[100, 50, 300, 650], [80, 60, 480, 260], [0, 0, 0, 0], [700, 90, 900, 400]], float)
    frames, people = np.array([1, 2, 2, 1]), np.array([0, 0, 1, 1])
    return {
        "imgname": np.array(["out/frames/000001.jpg", "out/frames/000002.jpg", "out/frames/000003.jpg"]),
        "pose": np.float32(rng.normal(0, 0.5, (PEOPLE, 72))),
        "shape": np.float32(rng.normal(0, 1, (PEOPLE, 10))),
        "global_t": np.float32(rng.uniform([-1, -1, 3], [1, 1, 9], (PEOPLE, 3))),
        "pred_joints": np.zeros((PEOPLE, 24, 3), np.float32),
        "focal_l": np.full(PEOPLE, np.hypot(*WIDE), np.float32),
        "detection_all": np.column_stack([frames, boxes, np.ones((PEOPLE, 2)), people]),
    }


@pytest.fixture
def save(tmp_path):
    def save(held):
        np.savez(tmp_path / "a_cliff_hr48.npz", **held)
        return tmp_path / "a_cliff_hr48.npz"

    return save


@pytest.mark.parametrize("picture_wh", [WIDE, TALL])
def test_people_stand_where_its_own_demo_draws_them(save, results, picture_wh):
    fits, problems = read_file("cliff", save(results))
    assert problems == []
    points = np.random.default_rng(8).uniform(-1, 1, (PEOPLE, 9, 3))
    # The demo's perspective projection: a camera matrix with the picture's centre, on moved vertices.
    expected = []
    for body, transl, focal in zip(points, results["global_t"], results["focal_l"], strict=True):
        cam_int = np.array([[focal, 0, picture_wh[0] / 2], [0, focal, picture_wh[1] / 2], [0, 0, 1]], float)
        seen = (body + transl) @ cam_int.T
        expected.append(seen[:, :2] / seen[:, 2:])
    # In double; thousands of px lose some digits.
    np.testing.assert_allclose(project(fits, points, picture_wh), expected, atol=1e-8)
    assert fits.is_metric.all()
    (source,) = fits.sources
    rotmat = Rotation.from_rotvec(results["pose"].reshape(-1, 3)).as_matrix().reshape(PEOPLE, 24, 3, 3)
    # Of float32.
    np.testing.assert_allclose(source.bodies.rotmat, rotmat, atol=1e-6)
    np.testing.assert_array_equal(source.bodies.betas, results["shape"])


def test_each_is_in_the_frame_that_he_was_found_in(save, results):
    fits, _ = read_file("cliff", save(results))
    assert fits.image_name.tolist() == [f"out/frames/00000{n}.jpg" for n in (2, 3, 3, 2)]
    assert fits.frame.tolist() == [1, 2, 2, 1]
    assert fits.person.tolist() == [0, 0, 1, 1]


def test_a_detectors_class_is_no_person(save, results):
    results["detection_all"][:, 7] = 0
    assert read_file("cliff", save(results))[0].person.tolist() == [-1] * PEOPLE


def test_boxes_are_squares_around_those_of_the_detector_and_filled_in_people_have_none(save, results):
    fits, _ = read_file("cliff", save(results))
    expected = [[-100, 50, 600], [80, -40, 400], [np.nan] * 3, [645, 90, 310]]
    np.testing.assert_allclose(fits.box_px, expected)


def test_rows_that_cannot_be_drawn_are_named(save, results):
    results["detection_all"][:2, 0] = 3, np.nan
    results["focal_l"][2] = 0
    fits, problems = read_file("cliff", save(results))
    assert fits.row.tolist() == [3]
    assert [problem.row for problem in problems] == [0, 1, 2]
    assert problems[0].reason == "detection_all: expected a frame of 0 to 2, found 3"
    assert problems[1].reason == "detection_all: expected a frame of 0 to 2, found nan"
    assert problems[2].reason.startswith("camera: expected a scale or a focal length above 0")
    assert problems[2].image_name == "out/frames/000003.jpg"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"detection_all": np.zeros((PEOPLE, 5))}, "detection_all: expected Nx8 numbers"),
        ({"detection_all": np.zeros((0, 8))}, "it has no people"),
        ({"pose": np.zeros((PEOPLE, 24, 3, 3))}, "pose: expected 4x72 numbers"),
        ({"focal_l": np.zeros(PEOPLE + 1)}, "focal_l: expected 4 numbers"),
        ({"global_t": np.array(["a"])}, "global_t: expected 4x3 numbers"),
        ({"shape": None}, "found no shape"),
    ],
)
def test_files_of_other_shapes_are_refused(save, results, change, said):
    path = save({key: value for key, value in (results | change).items() if value is not None})
    with pytest.raises(FitFileError) as refused:
        read_file("cliff", path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_it_is_recognised(save, results):
    assert recognise(save(results)) == ["cliff"]


class Trap:
    def __reduce__(self):
        return print, ("this was run",)


def test_a_file_that_runs_code_is_refused_by_the_name_and_nothing_is_run(save, results, capsys):
    results["shape"] = np.array([Trap()], object)
    with pytest.raises(FitFileError, match="print"):
        read_file("cliff", save(results))
    assert capsys.readouterr().out == ""


def test_files_that_are_cut_short_are_refused(save, results):
    path = save(results)
    content = path.read_bytes()
    for kept in (0, 10, len(content) // 2, len(content) - 5):
        path.write_bytes(content[:kept])
        with pytest.raises(FitFileError, match=r"a_cliff_hr48\.npz"):
            read_file("cliff", path)
