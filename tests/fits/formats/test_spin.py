"""SPIN's npz: people come out where its network puts them, with the dataset's joints; others are refused."""

import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.types.sources import Meshes
from tests.helpers.fit_files import project, read_file, recognise

PEOPLE = 4
# Of pixels, where the file's numbers are float32 with seven digits.
ROUNDING_PX = 1e-3


@pytest.fixture
def labels():
    """What SPIN's datasets hold."""
    rng = np.random.default_rng(4)
    return {
        "imgname": np.array(["images/015601864.jpg", "images/015601864.jpg", "images/b.jpg", "images/c.jpg"]),
        "center": rng.uniform(200, 900, (PEOPLE, 2)),
        "scale": rng.uniform(1, 3, PEOPLE),
        "part": rng.uniform(0, 900, (PEOPLE, 24, 3)),
        "openpose": rng.uniform(0, 900, (PEOPLE, 25, 3)),
        "has_smpl": np.ones(PEOPLE),
        "pose": rng.normal(0, 0.5, (PEOPLE, 72)),
        "shape": rng.normal(0, 1, (PEOPLE, 10)),
    }


@pytest.fixture
def predictions(labels):
    """What a network makes of them."""
    rng = np.random.default_rng(5)
    cam = np.column_stack([rng.uniform(0.6, 1.1, PEOPLE), rng.uniform(-0.2, 0.2, (PEOPLE, 2))])
    angles = rng.normal(0, 0.5, (PEOPLE * 24, 3))
    return labels | {
        "pred_cam": np.float32(cam),
        "pred_rotmat": np.float32(Rotation.from_rotvec(angles).as_matrix().reshape(PEOPLE, 24, 3, 3)),
        "pred_betas": np.float32(rng.normal(0, 1, (PEOPLE, 10))),
    }


@pytest.fixture
def save(tmp_path):
    def save(held):
        np.savez(tmp_path / "spin.npz", **held)
        return tmp_path / "spin.npz"

    return save


def test_people_stand_where_the_network_puts_them(save, predictions):
    fits, problems = read_file("spin", save(predictions))
    assert problems == []
    assert fits.row.tolist() == [0, 1, 2, 3]
    assert fits.image_name.tolist() == predictions["imgname"].tolist()
    points = np.random.default_rng(6).uniform(-1, 1, (PEOPLE, 9, 3))
    # SPIN's demo: t = (tx, ty, 2 f / (224 s)) in the crop of 224 px; at the depth of the body's origin.
    s, tx, ty = predictions["pred_cam"].astype(float).T[:, :, None]
    depth = 2 * 5000 / (224 * s)
    in_crop = np.stack([points[..., 0] + tx, points[..., 1] + ty], -1) * 5000 / depth[..., None] + 112
    side = 200 * predictions["scale"][:, None, None]
    expected = predictions["center"][:, None] - side / 2 + in_crop / 224 * side
    np.testing.assert_allclose(project(fits, points * [1, 1, 0]), expected, rtol=0, atol=ROUNDING_PX)
    np.testing.assert_allclose(fits.box_px[:, 2], side[:, 0, 0])
    np.testing.assert_allclose(fits.box_px[:, :2], predictions["center"] - side[:, 0] / 2)
    assert not fits.is_metric.any()
    (source,) = fits.sources
    np.testing.assert_array_equal(source.bodies.rotmat, predictions["pred_rotmat"])
    np.testing.assert_array_equal(source.bodies.betas, predictions["pred_betas"])
    assert (source.bodies.kind, source.bodies.variant) == ("smpl", "neutral")


def test_joints_are_those_of_openpose_and_then_the_annotated_ones(save, predictions):
    (source,) = read_file("spin", save(predictions))[0].sources
    assert source.marks.order == "spin49"
    expected = np.concatenate([predictions["openpose"], predictions["part"]], 1)
    np.testing.assert_array_equal(source.marks.points_px, np.float32(expected))
    del predictions["openpose"]
    (source,) = read_file("spin", save(predictions))[0].sources
    assert not source.marks.points_px[:, :25].any()
    np.testing.assert_array_equal(source.marks.points_px[:, 25:], np.float32(predictions["part"]))


def test_vertices_are_drawn_where_there_is_no_pose(save, predictions):
    del predictions["pred_rotmat"]
    predictions["pred_vertices"] = np.zeros((PEOPLE, 6890, 3), np.float32)
    (source,) = read_file("spin", save(predictions))[0].sources
    assert isinstance(source.bodies, Meshes)
    assert (source.bodies.topology, source.bodies.verts.shape) == ("smpl", (PEOPLE, 6890, 3))


def test_the_datasets_own_fits_are_of_bodies_of_their_gender(save, labels, predictions):
    labels |= {"pred_cam": predictions["pred_cam"], "gender": np.array(["m", "f", "m", "n"])}
    labels["has_smpl"][2] = 0
    fits, (problem,) = read_file("spin", save(labels))
    assert (problem.row, problem.image_name) == (2, "images/b.jpg")
    assert problem.reason == "has_smpl: expected 1, found 0: the dataset has no fit of this person"
    assert fits.row.tolist() == [0, 1, 3]
    bodies = [fits.sources[source].bodies for source in fits.source]
    assert [body.variant for body in bodies] == ["male", "female", "neutral"]
    for row, body, place in zip(fits.row, bodies, fits.place, strict=True):
        expected = Rotation.from_rotvec(labels["pose"][row].reshape(24, 3)).as_matrix()
        # Of float32.
        np.testing.assert_allclose(body.rotmat[place], expected, atol=1e-6)
        np.testing.assert_array_equal(body.betas[place], np.float32(labels["shape"][row]))
    np.testing.assert_allclose(fits.box_px[:, 2], 200 * labels["scale"][[0, 1, 3]])


def test_rows_that_cannot_be_drawn_are_named(save, predictions):
    predictions["pred_cam"][1, 0] = -1
    predictions["pred_rotmat"][2, 5] = 0
    predictions["imgname"] = np.array(["a.jpg", "b.jpg", "c.jpg", "../d.jpg/"])
    fits, problems = read_file("spin", save(predictions))
    assert fits.row.tolist() == [0]
    assert [problem.row for problem in problems] == [1, 2, 3]
    assert "camera: expected a scale or a focal length above 0" in problems[0].reason
    assert "at joint 5" in problems[1].reason
    assert "image name" in problems[2].reason


def test_absolute_paths_are_found_below_the_image_folder(save, predictions, tmp_path):
    (tmp_path / "photos" / "train").mkdir(parents=True)
    (tmp_path / "photos" / "train" / "a.jpg").touch()
    predictions["imgname"] = np.array([b"/home/somebody/train/a.jpg"] * PEOPLE)
    fits, _ = read_file("spin", save(predictions), tmp_path / "photos")
    assert fits.image_name.tolist() == ["train/a.jpg"] * PEOPLE


def test_labels_without_a_camera_are_refused_in_words(save, labels):
    path = save(labels)
    assert recognise(path) == ["spin"]
    with pytest.raises(
        FitFileError, match=r"it has no camera.*\. Save the network's pred_cam, \(s, tx, ty\)"
    ):
        read_file("spin", path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pred_cam": np.zeros((3, 3))}, "pred_cam: expected 4x3 numbers, found numbers of shape 3x3"),
        ({"center": np.zeros((4, 3))}, "center: expected 4x2 numbers, found numbers of shape 4x3"),
        ({"scale": np.array(["1", "2", "3", "4"])}, "scale: expected 4 numbers or 4x1 numbers, found texts"),
        ({"pred_rotmat": np.zeros((4, 23, 3, 3))}, "pred_rotmat: expected 4x72 numbers"),
        ({"pred_betas": np.zeros(4)}, "pred_betas: expected 4xN numbers, found numbers of shape 4"),
        ({"imgname": np.array("a.jpg")}, "imgname: expected a list of texts, found"),
        ({"part": np.zeros((4, 24, 2))}, "part: expected 4x24x3 numbers, found numbers of shape 4x24x2"),
        ({"imgname": np.array([], str)}, "pred_cam: expected 0x3 numbers"),
    ],
)
def test_a_file_of_other_shapes_is_refused(save, predictions, change, message):
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("spin", save(predictions | change))


def test_a_file_without_people_is_refused(save, predictions):
    with pytest.raises(FitFileError, match="nobody is in it"):
        read_file("spin", save({key: value[:0] for key, value in predictions.items()}))


class Touch:
    """Runs code as it is unpickled, where it is."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_objects_that_run_code_are_refused_by_name(save, predictions, tmp_path):
    names = np.array([*predictions["imgname"][:3], Touch(tmp_path / "run")], object)
    path = save(predictions | {"imgname": names})
    with pytest.raises(FitFileError, match=r"it asks for (_)?io\.open"):
        read_file("spin", path)
    assert not (tmp_path / "run").exists()


def test_damaged_files_are_refused(save, predictions):
    path = save(predictions)
    content = path.read_bytes()
    middle = content.index(b"pred_cam.npy") + 200
    for damaged in (content[:-30], content[:middle] + b"\xff" + content[middle + 1 :]):
        path.write_bytes(damaged)
        with pytest.raises(FitFileError, match=re.escape(str(path))):
            read_file("spin", path)


def test_files_of_others_are_not_taken_for_spins(save, predictions):
    assert recognise(save(predictions)) == ["spin"]
    # BEDLAM's and CameraHMR's labels, whose names for photos and boxes are the same.
    assert "spin" not in recognise(save(predictions | {"cam_int": np.zeros((4, 3, 3))}))
    assert "spin" not in recognise(save({"imgname": predictions["imgname"]}))
