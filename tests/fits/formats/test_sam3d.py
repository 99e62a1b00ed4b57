"""SAM-3D-Body's people: where its formula puts them, by its camera, a recovered one or the assumed one."""

import pickle
import re

import numpy as np
import pytest

from render.errors import FitFileError
from render.types.fits import Unit
from tests.helpers.fit_files import project, read_file, recognise

WIDTH, HEIGHT = PICTURE_WH = 1920, 890
VERTS, JOINTS = 18439, 70
# Of pixels, where the file's numbers are float32: seven digits of up to 1920 px.
ROUNDING_PX = 1e-3


def make_person(seed, focal=1500.0, center=(WIDTH / 2, HEIGHT / 2), **changes):
    """What `process_one_image` returns of somebody, a few metres away."""
    rng = np.random.default_rng(seed)
    verts = rng.uniform(-0.8, 0.8, (VERTS, 3)).astype(np.float32)
    transl = np.float32([rng.uniform(-2, 2), rng.uniform(-1, 1), 5 + seed])
    joints = verts[:JOINTS]
    away = joints.astype(np.float64) + transl
    joints_px = focal * away[:, :2] / away[:, 2:] + center
    person = {
        "bbox": np.float32([100, 200, 300, 600]),
        "focal_length": np.float32(focal),
        "pred_keypoints_3d": joints,
        "pred_keypoints_2d": np.float32(joints_px),
        "pred_vertices": verts,
        "pred_cam_t": transl,
        "pred_pose_raw": np.zeros(266, np.float32),
        "global_rot": np.zeros(3, np.float32),
        "body_pose_params": np.zeros(133, np.float32),
        "hand_pose_params": np.zeros(108, np.float32),
        "scale_params": np.zeros(28, np.float32),
        "shape_params": np.zeros(45, np.float32),
        "expr_params": np.zeros(72, np.float32),
        "mask": None,
        "pred_joint_coords": np.zeros((127, 3), np.float32),
        "pred_global_rots": np.zeros((127, 3, 3), np.float32),
        "mhr_model_params": np.zeros(204, np.float32),
        "lhand_bbox": np.zeros(4),
        "rhand_bbox": np.zeros(4),
    }
    person |= changes
    return {key: value for key, value in person.items() if value is not ...}


def dump(path, value):
    path.write_bytes(pickle.dumps(value))
    return path


@pytest.fixture
def image_dir(tmp_path):
    folder = tmp_path / "photos"
    (folder / "train").mkdir(parents=True)
    for name in ("street.jpg", "beach.png", "train/street.jpg"):
        (folder / name).touch()
    return folder


def expect_joints(fits, people):
    """That the joints are where each person's file has them."""
    points_m = np.stack([person["pred_keypoints_3d"] for person in people])
    points_px = np.stack([person["pred_keypoints_2d"] for person in people])
    np.testing.assert_allclose(project(fits, points_m, PICTURE_WH), points_px, rtol=0, atol=ROUNDING_PX)


def test_an_npz_of_a_person_as_saved_by_savez(tmp_path, image_dir):
    person = make_person(0)
    np.savez(tmp_path / "street_3.npz", **person)
    assert recognise(tmp_path / "street_3.npz") == ["sam3d"]
    fits, problems = read_file("sam3d", tmp_path / "street_3.npz", image_dir)
    assert problems == []
    assert (fits.image_name.tolist(), fits.person.tolist()) == (["street.jpg"], [3])
    assert (fits.unit.tolist(), fits.focal.tolist(), fits.is_metric.tolist()) == (
        [Unit.CENTRED],
        [[1500, 1500]],
        [True],
    )
    expect_joints(fits, [person])
    # The box is 200 x 400 px: the square around its middle.
    np.testing.assert_array_equal(fits.box_px, [[0, 200, 400]])
    (source,) = fits.sources
    assert (source.format, source.bodies.topology, len(source.bodies.faces)) == ("sam3d", "mhr", 0)
    np.testing.assert_array_equal(source.bodies.verts[0], person["pred_vertices"])
    assert source.marks.order == "mhr70"
    np.testing.assert_array_equal(source.marks.points_m[0], person["pred_keypoints_3d"])
    np.testing.assert_array_equal(source.marks.points_px[0, :, :2], person["pred_keypoints_2d"])
    assert "focal length of the file" in source.notes[1]


def test_a_pickle_of_lists_by_photo(tmp_path, image_dir):
    people = [make_person(0), make_person(1), make_person(2)]
    path = dump(
        tmp_path / "all.pkl",
        {"/home/me/photos/train/street.jpg": people[:2], "beach.png": people[2:], "none.jpg": []},
    )
    assert recognise(path) == ["sam3d"]
    fits, problems = read_file("sam3d", path, image_dir)
    assert problems == []
    assert fits.image_name.tolist() == ["train/street.jpg", "train/street.jpg", "beach.png"]
    assert (fits.row.tolist(), fits.person.tolist()) == ([0, 1, 2], [0, 1, 0])
    expect_joints(fits, people)


def test_a_pickled_list_is_of_the_photo_that_the_file_is_called_after(tmp_path, image_dir):
    path = dump(tmp_path / "beach_out.pkl", [make_person(0), make_person(1, image="/x/street.jpg")])
    assert recognise(path) == ["sam3d"]
    fits, _ = read_file("sam3d", path, image_dir)
    assert fits.image_name.tolist() == ["beach.png", "street.jpg"]
    # Without photos the failure says what was looked for.
    assert read_file("sam3d", path)[0].image_name.tolist() == ["beach_out", "street.jpg"]


def test_a_folder_is_read_without_its_vertices(tmp_path, image_dir):
    people = [make_person(k, focal_length=...) for k in range(3)]
    folder = tmp_path / "out"
    folder.mkdir()
    for name, person in zip(("beach_0", "street_0", "street_1"), people, strict=True):
        np.savez(folder / f"{name}.npz", **person)
    (folder / "street_2.npz").write_bytes(b"PK\x03\x04 cut short")
    (folder / "notes.txt").touch()
    assert recognise(folder) == ["sam3d"]
    fits, (problem,) = read_file("sam3d", folder, image_dir)
    assert fits.image_name.tolist() == ["beach.png", "street.jpg", "street.jpg"]
    assert (fits.row.tolist(), fits.person.tolist()) == ([0, 1, 2], [0, 0, 1])
    assert (problem.row, problem.image_name) == (3, "street.jpg")
    assert problem.reason.startswith("street_2.npz: expected an npz file of a person, found ")
    expect_joints(fits, people)
    verts = fits.sources[0].bodies.verts
    assert verts.shape == (3, VERTS, 3)
    found = verts[np.array([2, 0])]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [people[2]["pred_vertices"], people[0]["pred_vertices"]])


def test_a_missing_focal_length_is_recovered_for_the_people_of_a_photo_together(tmp_path):
    center = (700.0, 410.0)
    people = [make_person(k, 2345.6, center, focal_length=...) for k in range(3)]
    fits, problems = read_file("sam3d", dump(tmp_path / "street.pkl", people))
    assert problems == []
    assert set(fits.unit) == {Unit.PIXELS}
    # 70 joints a person, rounded to 1e-4 px, on a picture that the focal length is as large as.
    np.testing.assert_allclose(fits.focal, 2345.6, rtol=0, atol=1e-3)
    np.testing.assert_allclose(fits.center, np.tile(center, (3, 1)), rtol=0, atol=1e-3)
    # Exactly one camera, or depths would be none of people who share it.
    assert len(np.unique(np.column_stack([fits.focal, fits.center]), axis=0)) == 1
    assert fits.is_metric.all()
    expect_joints(fits, people)
    note = fits.sources[0].notes[1]
    assert "recovered from its 2D and 3D joints: f = 2345.60 px, centre (700.00, 410.00)" in note


def test_people_whose_cameras_differ_do_not_share_depth(tmp_path):
    people = [make_person(0, 1000.0, focal_length=...), make_person(1, 2000.0, focal_length=...)]
    fits, _ = read_file("sam3d", dump(tmp_path / "street.pkl", people))
    np.testing.assert_allclose(fits.focal[:, 0], [1000, 2000], rtol=0, atol=1e-3)
    assert not fits.is_metric.any()
    assert "f = 1000.00 to 2000.00 px" in fits.sources[0].notes[1]


def test_without_focal_length_and_joints_the_diagonal_is_assumed_and_said(tmp_path):
    focal = np.hypot(WIDTH, HEIGHT)
    person = make_person(0, focal)
    kept = {key: value for key, value in person.items() if key in ("pred_vertices", "pred_cam_t")}
    np.savez(tmp_path / "street.npz", **kept)
    fits, problems = read_file("sam3d", tmp_path / "street.npz")
    assert problems == []
    expect_joints(fits, [person])
    assert np.isnan(fits.box_px).all()
    assert not fits.sources[0].marks.points_px.any()
    assert "assumed the photo's diagonal" in fits.sources[0].notes[1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pred_vertices": ...}, "pred_vertices: expected 18439x3 numbers, found nothing"),
        ({"pred_vertices": np.zeros((6890, 3))}, "pred_vertices: expected 18439x3 numbers, found .* 6890x3"),
        ({"pred_vertices": np.full((VERTS, 3), np.nan)}, "vertices: expected finite numbers .*, found nan"),
        ({"pred_cam_t": ...}, "pred_cam_t: expected 3 numbers, found nothing"),
        ({"pred_cam_t": np.array(["x", "y", "z"])}, "pred_cam_t: expected 3 numbers"),
        ({"pred_cam_t": np.float32([0, np.inf, 5])}, "translation: expected finite numbers .*, found inf"),
        ({"focal_length": np.float32(np.nan)}, "focal length: expected finite numbers .*, found nan"),
        ({"focal_length": np.float32(-1500)}, "camera: expected a scale or a focal length above 0"),
        ({"pred_keypoints_2d": np.zeros((71, 2))}, "pred_keypoints_2d: expected 70x2 numbers"),
        ({"bbox": np.zeros(3)}, "bbox: expected 4 numbers"),
    ],
)
def test_a_person_who_cannot_be_drawn_is_named_and_others_are_drawn(tmp_path, change, reason):
    path = dump(tmp_path / "street.pkl", [make_person(0), make_person(1, **change)])
    fits, (problem,) = read_file("sam3d", path)
    assert fits.row.tolist() == [0]
    assert problem.row == 1
    assert re.match(reason, problem.reason)


def test_joints_that_are_not_known_say_nothing_of_the_camera(tmp_path):
    points_px = make_person(0)["pred_keypoints_2d"]
    points_px[::2] = np.nan
    person = make_person(0, focal_length=..., pred_keypoints_2d=points_px)
    fits, problems = read_file("sam3d", dump(tmp_path / "street.pkl", [person]))
    assert problems == []
    np.testing.assert_allclose(fits.focal, 1500, rtol=0, atol=1e-3)
    assert fits.sources[0].marks.points_px[0, :, 2].tolist() == [0, 1] * 35


def test_a_person_who_is_there_many_times_is_read_once(tmp_path):
    person = make_person(0)
    fits, problems = read_file("sam3d", dump(tmp_path / "street.pkl", [person] * 1000))
    assert len(fits) == 1
    assert len(problems) == 999
    assert "expected vertices of their own, found those of an earlier person again" in problems[0].reason


class Calls:
    """Pickled as a call of os.system."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        import os

        return os.system, (f"touch {self.path}",)


def test_what_would_be_run_is_refused_by_name(tmp_path):
    run = tmp_path / "was_run"
    path = dump(tmp_path / "street.pkl", [make_person(0, mask=Calls(run))])
    with pytest.raises(FitFileError, match=r"posix.system"):
        read_file("sam3d", path)
    folder = tmp_path / "out"
    folder.mkdir()
    np.savez(folder / "a.npz", **make_person(0, focal_length=np.array(Calls(run), object)))
    np.savez(folder / "b.npz", **make_person(0))
    fits, (problem,) = read_file("sam3d", folder)
    assert len(fits) == 1
    assert "posix.system" in problem.reason
    assert not run.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "expected people of SAM-3D-Body, with pred_vertices and pred_cam_t; it holds none"),
        ([1, 2], "it holds none"),
        ("a text", "it holds none"),
        ([{"verts": np.zeros((6890, 3))}], "none of its 1 rows can be drawn .*pred_vertices: expected"),
    ],
)
def test_a_file_without_anybody_is_refused(tmp_path, content, message):
    path = dump(tmp_path / "street.pkl", content)
    assert "sam3d" not in recognise(path)
    with pytest.raises(FitFileError, match=message):
        read_file("sam3d", path)


def test_an_empty_folder_and_a_cut_file_are_refused(tmp_path):
    (tmp_path / "out").mkdir()
    assert recognise(tmp_path / "out") == []
    with pytest.raises(FitFileError, match="no npz file is in it"):
        read_file("sam3d", tmp_path / "out")
    np.savez(tmp_path / "a.npz", **make_person(0))
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(FitFileError, match=r"a.npz: expected"):
        read_file("sam3d", tmp_path / "a.npz")


def test_a_folder_whose_file_changes_before_it_is_drawn_says_so(tmp_path):
    np.savez(tmp_path / "a.npz", **make_person(0))
    verts = read_file("sam3d", tmp_path)[0].sources[0].bodies.verts
    np.savez(tmp_path / "a.npz", **make_person(0, pred_vertices=np.zeros((5, 3))))
    with pytest.raises(FitFileError, match=r"a.npz: expected numbers in pred_vertices; it is no longer"):
        verts[np.array([0])]
    (tmp_path / "a.npz").unlink()
    with pytest.raises(FitFileError, match=r"a.npz: .*No such file or directory\. Mend or remove"):
        verts[np.array([0])]
