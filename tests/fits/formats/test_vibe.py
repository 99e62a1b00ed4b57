"""VIBE's, PARE's and PyMAF-X's pickles: people come out where these programs draw them."""

import re

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.types.fits import Unit
from render.types.sources import Meshes, Poses
from tests.helpers.fit_files import TALL, WIDE, project, read_file, recognise
from tests.helpers.joblib_files import dump_joblib

# Of pixels, where the file's numbers are float32 with seven digits.
ROUNDING_PX = 2e-3


def make_track(seed, frames, picture_wh=WIDE):
    """A person in a video, as VIBE's demo.py saves him."""
    rng = np.random.default_rng(seed)
    count, (width, height) = len(frames), picture_wh
    cam = np.column_stack([rng.uniform(0.6, 1.1, count), rng.uniform(-0.2, 0.2, (count, 2))]).astype(
        np.float32
    )
    side = rng.uniform(150, 400, count)
    boxes = np.column_stack([rng.uniform(200, 900, (count, 2)), side, side])
    sx, sy = cam[:, 0] * side / width, cam[:, 0] * side / height
    tx = (boxes[:, 0] - width / 2) / (width / 2) / sx + cam[:, 1]
    ty = (boxes[:, 1] - height / 2) / (height / 2) / sy + cam[:, 2]
    return {
        "pred_cam": cam,
        "orig_cam": np.stack([sx, sy, tx, ty]).T,
        "verts": rng.uniform(-1, 1, (count, 6890, 3)).astype(np.float32),
        "pose": rng.normal(0, 0.4, (count, 72)).astype(np.float32),
        "betas": rng.normal(0, 1, (count, 10)).astype(np.float32),
        "joints2d": None,
        "bboxes": boxes,
        "frame_ids": np.array(frames),
    }


def draw_as_vibe(track, points, picture_wh=WIDE):
    """Where its renderer puts points: the camera of the whole picture, -1 to 1 over each side."""
    sx, sy, tx, ty = track["orig_cam"].T[:, :, None]
    width, height = picture_wh
    x = (1 + sx * (points[..., 0] + tx)) * width / 2
    return np.stack([x, (1 + sy * (points[..., 1] + ty)) * height / 2], -1)


@pytest.mark.parametrize("compress", [0, 3])
def test_people_stand_where_vibe_draws_them(tmp_path, compress):
    tracks = {1: make_track(1, [0, 1, 2]), 7: make_track(7, [2, 3])}
    path = dump_joblib(tracks, tmp_path / "vibe_output.pkl", compress)
    assert recognise(path) == ["vibe"]
    fits, problems = read_file("vibe", path)
    assert problems == []
    assert fits.row.tolist() == [0, 1, 2, 3, 4]
    assert fits.person.tolist() == [1, 1, 1, 7, 7]
    assert fits.frame.tolist() == [0, 1, 2, 2, 3]
    assert fits.identity.tolist() == [0, 0, 0, 1, 1]
    assert set(fits.sequence) == {tmp_path.name}
    points = np.random.default_rng(9).uniform(-1, 1, (5, 20, 3))
    expected = np.concatenate([draw_as_vibe(tracks[1], points[:3]), draw_as_vibe(tracks[7], points[3:])])
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)
    boxes = np.concatenate([tracks[1]["bboxes"], tracks[7]["bboxes"]])
    np.testing.assert_allclose(fits.box_px[:, :2] + fits.box_px[:, 2:] / 2, boxes[:, :2])
    np.testing.assert_array_equal(fits.box_px[:, 2], boxes[:, 2])
    (source,) = fits.sources
    assert isinstance(source.bodies, Poses)
    angles = np.concatenate([tracks[1]["pose"], tracks[7]["pose"]]).reshape(5, 24, 3)
    expected = Rotation.from_rotvec(angles.reshape(-1, 3)).as_matrix().reshape(5, 24, 3, 3)
    # Of float32.
    np.testing.assert_allclose(source.bodies.rotmat, expected, atol=1e-6)


@pytest.mark.parametrize("picture_wh", [WIDE, TALL])
def test_the_camera_of_the_picture_alone_is_enough(tmp_path, picture_wh):
    track = make_track(2, [0, 1, 2, 3], picture_wh)
    points = np.random.default_rng(9).uniform(-1, 1, (4, 20, 3))
    expected = draw_as_vibe(track, points, picture_wh)
    del track["bboxes"], track["pred_cam"]
    fits, _ = read_file("vibe", dump_joblib({1: track}, tmp_path / "vibe_output.pkl"))
    assert (fits.unit == Unit.SIDE).all()
    assert np.isnan(fits.box_px).all()
    np.testing.assert_allclose(project(fits, points, picture_wh), expected, rtol=0, atol=ROUNDING_PX)


def test_photos_are_the_pictures_of_the_folder_in_order(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("b.png", "a.jpg", "notes.txt", "c.PNG"):
        (photos / name).touch()
    path = dump_joblib({1: make_track(1, [0, 2, 3])}, tmp_path / "vibe_output.pkl")
    assert read_file("vibe", path, photos)[0].image_name.tolist() == ["a.jpg", "c.PNG", "000004.png"]
    # As VIBE's own ffmpeg calls them.
    assert read_file("vibe", path)[0].image_name.tolist() == ["000001.png", "000003.png", "000004.png"]


def test_vertices_are_drawn_where_there_is_no_pose(tmp_path):
    track = make_track(1, [5])
    del track["pose"]
    (source,) = read_file("vibe", dump_joblib({1: track}, tmp_path / "vibe_output.pkl"))[0].sources
    assert isinstance(source.bodies, Meshes)
    np.testing.assert_array_equal(source.bodies.verts, track["verts"])


def make_pare_table(seed, frames):
    """As PARE saves a person: matrices, and its own joints on the photo by its pinhole at a depth of 0."""
    track = make_track(seed, frames)
    rng = np.random.default_rng(seed + 100)
    count = len(frames)
    rotmat = Rotation.from_rotvec(rng.normal(0, 0.4, (count * 24, 3))).as_matrix()
    joints = rng.uniform(-1, 1, (count, 49, 3))
    return track | {
        "pose": rotmat.reshape(count, 24, 3, 3).astype(np.float32),
        "joints3d": joints.astype(np.float32),
        "smpl_joints2d": draw_as_vibe(track, joints).astype(np.float32),
    }


def test_pares_joints_lie_on_its_bodies(tmp_path):
    tracks = {3: make_pare_table(3, [0, 1]), 4: make_pare_table(4, [1])}
    fits, problems = read_file("vibe", dump_joblib(tracks, tmp_path / "pare_output.pkl"))
    assert problems == []
    (source,) = fits.sources
    np.testing.assert_array_equal(source.bodies.rotmat, np.concatenate([t["pose"] for t in tracks.values()]))
    assert source.marks.order == "spin49"
    found = project(fits, source.marks.points_m.astype(float))
    np.testing.assert_allclose(found, source.marks.points_px[..., :2], rtol=0, atol=ROUNDING_PX)
    assert (source.marks.points_px[..., 2] == 1).all()


def test_pares_file_of_a_photo_is_of_the_photo_of_its_name(tmp_path):
    table = make_pare_table(5, [0, 1])
    names = {
        "verts": "smpl_vertices",
        "pose": "pred_pose",
        "betas": "pred_shape",
        "joints3d": "smpl_joints3d",
    }
    held = {
        names.get(key, key): value for key, value in table.items() if key not in ("frame_ids", "joints2d")
    }
    (tmp_path / "street.jpeg").touch()
    path = dump_joblib(held, tmp_path / "street.pkl")
    assert recognise(path) == ["vibe"]
    fits, problems = read_file("vibe", path, tmp_path)
    assert problems == []
    assert fits.image_name.tolist() == ["street.jpeg", "street.jpeg"]
    assert fits.frame.tolist() == fits.identity.tolist() == [-1, -1]
    assert fits.sequence.tolist() == ["", ""]


def test_pymaf_x_has_a_pinhole_of_5000_px(tmp_path):
    rng = np.random.default_rng(8)
    transl = np.column_stack([rng.uniform(-1, 1, (3, 2)), rng.uniform(20, 60, 3)]).astype(np.float32)
    table = make_track(8, [0, 0, 1]) | {
        "orig_cam_t": transl,
        "smplx_verts": rng.uniform(-1, 1, (3, 10475, 3)).astype(np.float32),
        "person_ids": np.array([1, 2, 1]),
    }
    path = dump_joblib(table, tmp_path / "output.pkl")
    assert recognise(path) == ["vibe"]
    fits, problems = read_file("vibe", path)
    assert problems == []
    assert fits.person.tolist() == [1, 2, 1]
    assert fits.identity.tolist() == [0, 1, 0]
    assert fits.is_metric.all()
    (source,) = fits.sources
    assert source.bodies.topology == "smplx"
    moved = table["smplx_verts"] + transl[:, None]
    expected = 5000 * moved[..., :2] / moved[..., 2:] + [960, 540]
    found = project(fits, np.float64(source.bodies.verts))
    np.testing.assert_allclose(found, expected, rtol=0, atol=ROUNDING_PX)


def test_rows_that_cannot_be_drawn_are_named(tmp_path):
    track = make_track(1, [0, 1, 2])
    track["betas"][1, 3] = np.nan
    fits, (problem,) = read_file("vibe", dump_joblib({1: track}, tmp_path / "vibe_output.pkl"))
    assert fits.row.tolist() == [0, 2]
    assert (problem.row, problem.image_name) == (1, "000002.png")
    assert problem.reason == "betas: expected finite numbers up to 1e+06, found nan"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"betas": np.zeros((2, 10))}, "person 1: expected a row for each frame, found betas: expected 3"),
        (
            {"frame_ids": np.array([0, 1, 2.5])},
            "frame_ids: expected whole numbers up to 2147483647, found 2.5",
        ),
        (
            {"frame_ids": np.array([0, 1, np.nan])},
            "frame_ids: expected whole numbers up to 2147483647, found nan",
        ),
        (
            {"pose": np.zeros((3, 71))},
            "pose: expected 3x72 numbers or 3x24x3 numbers or 3x24x3x3 numbers, found",
        ),
        ({"orig_cam": np.array(["a"] * 3)}, "orig_cam: expected NxN numbers, found texts of shape 3"),
        ({"bboxes": [[1, 2, 3, 4], [1, 2], [1]]}, "bboxes: expected 3 numbers or"),
        ({"pose": None, "verts": np.zeros((3, 6000, 3))}, "verts: expected 3x6890x3 numbers, found"),
    ],
)
def test_a_file_of_other_shapes_is_refused(tmp_path, change, message):
    path = dump_joblib({1: make_track(1, [0, 1, 2]) | change}, tmp_path / "vibe_output.pkl")
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("vibe", path)


def test_people_of_different_shapes_are_refused(tmp_path):
    tracks = {1: make_track(1, [0]), 2: make_pare_table(2, [0])}
    with pytest.raises(FitFileError, match=r"person 2: .*pose: expected the shape that person 1 has"):
        read_file("vibe", dump_joblib(tracks, tmp_path / "vibe_output.pkl"))


@pytest.mark.parametrize("content", [{}, [], {1: {"pose": np.zeros((3, 72))}}, {1: 2}, "text"])
def test_other_pickles_are_not_taken_for_vibes(tmp_path, content):
    path = dump_joblib(content, tmp_path / "vibe_output.pkl")
    assert "vibe" not in recognise(path)
    with pytest.raises(FitFileError, match="expected a result of VIBE, PARE or PyMAF-X"):
        read_file("vibe", path)
