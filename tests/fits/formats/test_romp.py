"""ROMP's and BEV's people: where each program's own projection puts their joints."""

import pickle

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.types.fits import Unit
from render.types.sources import Meshes
from tests.helpers.fit_files import TALL, WIDE, project, read_file, recognise

VERTS, JOINTS = 6890, 71
# Of pixels, where the file's numbers are float32: seven digits of up to 1920 px.
ROUNDING_PX = 1e-3


def make_results(count=2, seed=0, picture_wh=WIDE, **changes):
    """What ROMP saves of a photo."""
    rng = np.random.default_rng(seed)
    cam = np.column_stack([rng.uniform(0.2, 0.6, count), rng.uniform(-0.3, 0.3, (count, 2))])
    verts = rng.uniform(-0.8, 0.8, (count, VERTS, 3))
    thetas = rng.normal(0, 0.4, (count, 72))
    results = {
        "cam": cam,
        "global_orient": thetas[:, :3],
        "body_pose": thetas[:, 3:],
        "smpl_thetas": thetas,
        "smpl_betas": rng.normal(0, 1, (count, 10)),
        "center_preds": np.zeros((count, 2), np.int64),
        "center_confs": np.ones((count, 1)),
        "track_ids": np.arange(count, dtype=np.int32) + 7,
        "cam_trans": rng.uniform(-1, 3, (count, 3)),
        "verts": verts,
        "joints": verts[:, :JOINTS],
        "pj2d_org": to_photo(verts[:, :JOINTS, :2] * cam[:, None, :1] + cam[:, None, 1:], picture_wh),
    }
    return finish(results | changes)


def make_bev_results(count=2, seed=0, picture_wh=WIDE, **changes):
    """What BEV saves of a photo; its projection is that of bev/post_parser.py, in a square of 512 px."""
    results = make_results(count, seed)
    s, ty, tx = results["cam"].astype(np.float64).T
    depth = 1 / (s * np.tan(np.radians(30)) + 1e-3)
    transl = np.column_stack(
        [tx * depth * np.tan(np.radians(30)), ty * depth * np.tan(np.radians(30)), depth]
    )
    away = results["joints"] + transl[:, None]
    in_square = 443.4 * away[..., :2] / away[..., 2:] / 256
    results |= {
        "smpl_betas": np.zeros((count, 11)),
        "params_pred": np.zeros((count, 146)),
        "cam_trans": transl,
        "pj2d_org": to_photo(in_square, picture_wh),
    }
    for key in ("global_orient", "body_pose", "center_preds"):
        del results[key]
    return finish(results | changes)


def to_photo(in_square, picture_wh):
    """From -1 to 1 in the photo padded to a square to the photo's pixels, as romp/post_parser.py has it."""
    width, height = picture_wh
    side = max(picture_wh)
    return (in_square + 1) * side / 2 - [(side - width) // 2, (side - height) // 2]


def finish(results):
    """With the types of the file, without what is `...`."""
    kept = {key: value for key, value in results.items() if value is not ...}
    return {
        k: v.astype(np.float32) if getattr(v, "dtype", None) == np.float64 else v for k, v in kept.items()
    }


def save(path, results, **others):
    path.parent.mkdir(exist_ok=True)
    np.savez(path, results=results, **others)
    return path


@pytest.fixture
def image_dir(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("street.jpg", "00000000.jpg", "00000001.jpg"):
        (folder / name).touch()
    return folder


def expect_joints(fits, results, picture_wh=WIDE):
    points_m = np.concatenate([each["joints"] for each in results])
    points_px = np.concatenate([each["pj2d_org"] for each in results])
    np.testing.assert_allclose(project(fits, points_m, picture_wh), points_px, rtol=0, atol=ROUNDING_PX)


@pytest.mark.parametrize("picture_wh", [WIDE, TALL])
@pytest.mark.parametrize(("make", "is_bev"), [(make_results, False), (make_bev_results, True)])
def test_joints_are_where_the_program_has_them(tmp_path, image_dir, make, is_bev, picture_wh):
    results = make(picture_wh=picture_wh)
    path = save(tmp_path / "street.npz", results)
    assert recognise(path) == ["romp"]
    fits, problems = read_file("romp", path, image_dir)
    assert problems == []
    assert fits.image_name.tolist() == ["street.jpg", "street.jpg"]
    assert (fits.row.tolist(), fits.person.tolist(), fits.frame.tolist()) == ([0, 1], [7, 8], [-1, -1])
    assert set(fits.unit) == {Unit.SIDE}
    assert fits.is_metric.tolist() == [is_bev, is_bev]
    expect_joints(fits, [results], picture_wh)
    (source,) = fits.sources
    assert source.format == "romp"
    if is_bev:
        assert source.bodies.topology == "smpl"
        np.testing.assert_array_equal(source.bodies.verts, results["verts"])
    else:
        assert source.bodies.kind == "smpl"
        np.testing.assert_array_equal(source.bodies.betas, results["smpl_betas"])
    assert source.marks.order == "romp71"
    np.testing.assert_array_equal(source.marks.points_m, results["joints"])
    np.testing.assert_array_equal(source.marks.points_px[..., :2], results["pj2d_org"])
    assert ("pinhole of 60 degrees over" if is_bev else "weak perspective") in source.notes[1]


@pytest.mark.parametrize("change", [{"smpl_thetas": ...}, {"joints": np.zeros((2, JOINTS, 3))}])
def test_bodies_that_cannot_be_posed_or_were_moved_have_their_vertices(tmp_path, change):
    """With root_align the pelvis is at the origin, where SMPL has it in no pose."""
    results = make_results(**change)
    fits, problems = read_file("romp", save(tmp_path / "street.npz", results))
    assert problems == []
    np.testing.assert_array_equal(fits.sources[0].bodies.verts, results["verts"])


def test_without_vertices_bodies_are_posed(tmp_path):
    results = make_results(verts=..., joints=..., pj2d_org=..., track_ids=...)
    fits, problems = read_file("romp", save(tmp_path / "street.npz", results))
    assert problems == []
    assert fits.image_name.tolist() == ["street", "street"]
    assert fits.person.tolist() == [0, 1]
    (source,) = fits.sources
    assert (source.bodies.kind, source.bodies.variant, source.bodies.adds_hand_mean) == (
        "smpl",
        "neutral",
        False,
    )
    rotmat = Rotation.from_rotvec(results["smpl_thetas"].reshape(-1, 3)).as_matrix()
    # Rounded to float32.
    np.testing.assert_allclose(source.bodies.rotmat.reshape(-1, 3, 3), rotmat, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(source.bodies.betas, results["smpl_betas"])
    assert source.marks.points_m.shape == (2, 0, 3)
    assert not source.marks.points_px.any()


def test_a_video_is_its_frames_in_order(tmp_path, image_dir):
    frames = {f"{k:08d}.png": make_results(count=1 + k, seed=k) for k in range(3)}
    tracks = {7: {"frame_id": [0, 1], "cam": [frames["00000000.png"]["cam"][0]]}}
    path = save(tmp_path / "out" / "video_results.npz", frames, sequence_results=tracks)
    assert recognise(path) == ["romp"]
    fits, problems = read_file("romp", path, image_dir)
    assert problems == []
    # The third is not there, and what ROMP calls it is said.
    assert fits.image_name.tolist() == ["00000000.jpg", *["00000001.jpg"] * 2, *["00000002.png"] * 3]
    assert fits.frame.tolist() == [0, 1, 1, 2, 2, 2]
    assert fits.person.tolist() == [7, 7, 8, 7, 8, 9]
    assert fits.identity.tolist() == [0, 0, 1, 0, 1, 2]
    assert set(fits.sequence) == {"out"}
    assert len(fits.sources) == 1
    expect_joints(fits, frames.values())
    # The folder that ROMP leaves has each frame's own file too.
    save(tmp_path / "out" / "00000000.npz", frames["00000000.png"])
    assert read_file("romp", tmp_path / "out", image_dir)[0].frame.tolist() == [0, 1, 1, 2, 2, 2]


def test_a_folder_is_its_photos_in_the_order_of_their_names(tmp_path, image_dir):
    folder = tmp_path / "out"
    held = [make_results(1, 0), make_results(2, 1, verts=...), make_bev_results(1, 2)]
    for name, results in zip(("00000000", "00000001", "street"), held, strict=True):
        save(folder / f"{name}.npz", results)
    (folder / "broken.npz").write_bytes(b"PK\x03\x04 cut short")
    assert recognise(folder) == ["romp"]
    fits, (problem,) = read_file("romp", folder, image_dir)
    assert (fits.row.tolist(), problem.row) == ([0, 1, 2, 4], 3)
    assert "broken.npz" in problem.reason
    assert fits.image_name.tolist() == ["00000000.jpg", "00000001.jpg", "00000001.jpg", "street.jpg"]
    assert fits.sequence.tolist() == [""] * 4
    assert fits.identity.tolist() == [-1] * 4
    assert [isinstance(fits.sources[k].bodies, Meshes) for k in fits.source] == [False, False, False, True]
    expect_joints(fits, held)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"smpl_betas": np.zeros((2, 12))}, "smpl_betas: expected 2x10 numbers or 2x11 numbers"),
        ({"verts": np.zeros((2, 6889, 3)), "smpl_thetas": ...}, "verts: expected 2x6890x3 numbers"),
        ({"verts": np.zeros((1, VERTS, 3)), "smpl_thetas": ...}, "verts: expected 2x6890x3 numbers"),
        ({"smpl_thetas": np.zeros((2, 71))}, "smpl_thetas: expected 2x72 numbers"),
        ({"joints": np.zeros((2, 54, 3))}, "joints: expected 2x71x3 numbers"),
        ({"track_ids": np.array([0.5, 1])}, "track_ids: expected whole numbers"),
    ],
)
def test_a_photo_with_a_wrong_shape_is_no_picture_and_others_are(tmp_path, change, reason):
    frames = {"a.png": make_results(), "b.png": make_results(seed=1, **change), "c.png": make_results(seed=2)}
    fits, problems = read_file("romp", save(tmp_path / "video_results.npz", frames))
    assert fits.row.tolist() == [0, 1, 4, 5]
    assert [(problem.row, problem.image_name) for problem in problems] == [(2, "b.png"), (3, "b.png")]
    assert all(problem.reason.startswith(reason) for problem in problems)


@pytest.mark.parametrize(
    ("make", "key", "value", "reason"),
    [
        (make_results, "cam", [np.nan, 0, 0], "camera scale: expected finite numbers"),
        (make_results, "cam", [-0.5, 0, 0], "camera: expected a scale or a focal length above 0"),
        (make_bev_results, "verts", np.nan, "vertices: expected finite numbers"),
        (make_results, "smpl_thetas", np.nan, "pose: expected rotations"),
        (make_bev_results, "cam", [np.nan, 0, 0], "translation: expected finite numbers"),
        (make_bev_results, "cam", [-0.5, 0, 0], "translation: expected finite numbers"),
        (make_bev_results, "cam", [0.5, 0, 1e30], "translation: expected finite numbers"),
    ],
)
def test_a_person_whose_numbers_cannot_be_drawn_is_named(tmp_path, make, key, value, reason):
    results = make()
    results[key][1] = value
    fits, (problem,) = read_file("romp", save(tmp_path / "street.npz", results))
    assert fits.row.tolist() == [0]
    assert problem.row == 1
    assert problem.reason.startswith(reason)


def test_bev_without_vertices_is_not_drawn(tmp_path):
    path = save(tmp_path / "street.npz", make_bev_results(verts=...))
    with pytest.raises(
        FitFileError, match=r"none of its 2 rows can be drawn .*verts: expected 2x6890x3 numbers"
    ):
        read_file("romp", path)


def test_frames_that_name_the_same_arrays_are_read_once(tmp_path):
    results = make_results()
    frames = {f"{k}.png": dict(results) for k in range(500)}
    path = save(tmp_path / "video_results.npz", frames)
    assert path.stat().st_size < 1 << 20
    fits, problems = read_file("romp", path)
    assert (len(fits), len(problems)) == (2, 998)
    assert "those of an earlier frame again" in problems[0].reason


class Calls:
    """Pickled as a call of os.system."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        import os

        return os.system, (f"touch {self.path}",)


def test_what_would_be_run_is_refused_by_name(tmp_path):
    path = save(tmp_path / "street.npz", make_results() | {"rendered": Calls(tmp_path / "was_run")})
    with pytest.raises(FitFileError, match=r"posix.system"):
        read_file("romp", path)
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize(
    "results", [None, {}, [make_results()], "a text", {"a.png": None}, {"cam": np.zeros((0, 3))}]
)
def test_a_file_without_anybody_is_refused(tmp_path, results):
    path = tmp_path / "street.npz"
    np.savez(path, results=np.array(results, object) if isinstance(results, list) else results)
    assert recognise(path) == []
    with pytest.raises(FitFileError, match=r"it has none|none of its 1 rows|nobody is in it"):
        read_file("romp", path)


def test_a_pickle_of_the_results_themselves_is_read(tmp_path):
    path = tmp_path / "street.pkl"
    results = make_results()
    path.write_bytes(pickle.dumps(results))
    assert recognise(path) == ["romp"]
    expect_joints(read_file("romp", path)[0], [results])
