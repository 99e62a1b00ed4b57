"""PHALP's tracks and 4D-Humans' out: people come out where both programs draw them."""

import pickle
import re

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.types.sources import Meshes
from tests.helpers.fit_files import TALL, WIDE, project, read_file, recognise
from tests.helpers.joblib_files import dump_joblib

# Of pixels, where the file's numbers are float32 with seven digits.
ROUNDING_PX = 2e-3


def make_matrices(rng, count):
    return Rotation.from_rotvec(rng.normal(0, 0.4, (count, 3))).as_matrix().astype(np.float32)


def make_detection(rng, picture_wh):
    """A person in a frame as PHALP's get_human_features has him: the photo padded and scaled to 256 px."""
    width, height = picture_wh
    side = max(picture_wh)
    padding = np.array([(side - width) // 2, (side - height) // 2])
    ratio = 256 / side
    box = np.array([*rng.uniform(50, 400, 2), *rng.uniform(100, 300, 2)])
    center, scale = box[:2] + box[2:] / 2, box[2:]
    s, tx, ty = rng.uniform(0.6, 1), *rng.uniform(-0.2, 0.2, 2)
    depth = 2 * 5000 / (s * scale.max() * ratio)
    shift = [tx, ty] + ((center + padding) * ratio - 128) * depth / 5000
    camera = np.array([*shift, depth])
    joints = np.concatenate([rng.uniform(-1, 1, (44, 3)), np.zeros((1, 3))])
    moved = joints + camera
    in_square = 5000 / 256 * moved[:, :2] / moved[:, 2:] + 0.5
    return {
        "bbox": box,
        "center": center,
        "scale": scale,
        "size": [height, width],
        "conf": 0.9,
        "smpl": {
            "global_orient": make_matrices(rng, 1),
            "body_pose": make_matrices(rng, 23),
            "betas": rng.normal(0, 1, 10).astype(np.float32),
        },
        "camera": camera.astype(np.float32),
        "3d_joints": joints.astype(np.float32),
        "2d_joints": in_square.reshape(90).astype(np.float32),
        "mask": [{"size": [height, width], "counts": "abc"}],
    }


def make_tracks(people, picture_wh=WIDE):
    """PHALP's file of a video: people are (track, frames since it was seen) of each frame."""
    rng = np.random.default_rng(7)
    tracks = {}
    for time, frame in enumerate(people):
        path = f"_DEMO/video/img/{time + 1:06d}.jpg"
        found = [make_detection(rng, picture_wh) for _ in frame]
        lists = {key: [one[key] for one in found] for key in make_detection(rng, picture_wh)}
        tracks[path] = lists | {
            "time": time,
            "shot": 0,
            "frame_path": path,
            "tid": [track for track, _ in frame],
            "tracked_time": [unseen for _, unseen in frame],
            "tracked_ids": [track for track, unseen in frame if not unseen],
            "img_path": [path] * len(frame),
        }
    return tracks


@pytest.mark.parametrize("picture_wh", [WIDE, TALL, (640, 640)])
def test_the_joints_of_people_lie_where_phalp_has_them(tmp_path, picture_wh):
    tracks = make_tracks([[(1, 0)], [], [(1, 0), (5, 0)]], picture_wh)
    path = dump_joblib(tracks, tmp_path / "demo_video.pkl", compress=3)
    assert recognise(path) == ["phalp"]
    fits, problems = read_file("phalp", path)
    assert problems == []
    assert fits.row.tolist() == [0, 1, 2]
    assert fits.person.tolist() == [1, 1, 5]
    assert fits.identity.tolist() == [0, 0, 1]
    assert set(fits.sequence) == {"demo_video"}
    assert fits.frame.tolist() == [0, 2, 2]
    photos = ["_DEMO/video/img/000001.jpg", "_DEMO/video/img/000003.jpg", "_DEMO/video/img/000003.jpg"]
    assert fits.image_name.tolist() == photos
    assert fits.is_metric.all()
    (source,) = fits.sources
    assert source.marks.order == "openpose25"
    found = project(fits, np.float64(source.marks.points_m), picture_wh)
    np.testing.assert_allclose(found, source.marks.points_px[..., :2], rtol=0, atol=ROUNDING_PX)
    frames = [tracks[photos[0]], tracks[photos[1]]]
    smpl = [*frames[0]["smpl"], *frames[1]["smpl"]]
    expected = [np.concatenate([one["global_orient"], one["body_pose"]]) for one in smpl]
    np.testing.assert_array_equal(source.bodies.rotmat, expected)
    np.testing.assert_array_equal(source.bodies.betas, [one["betas"] for one in smpl])
    scales, centers = frames[1]["scale"], frames[1]["center"]
    np.testing.assert_allclose(fits.box_px[1:, 2], np.max(scales, 1))
    np.testing.assert_allclose(fits.box_px[1:, :2] + fits.box_px[1:, 2:] / 2, centers)


def test_an_odd_padding_is_half_a_pixel(tmp_path):
    """It is rounded down by PHALP, so that its square's centre is not the photo's."""
    fits, _ = read_file("phalp", dump_joblib(make_tracks([[(1, 0)]], (641, 360)), tmp_path / "odd.pkl"))
    (marks,) = (source.marks for source in fits.sources)
    found = project(fits, np.float64(marks.points_m), (641, 360))
    off_px = found - marks.points_px[..., :2]
    np.testing.assert_allclose(off_px, np.broadcast_to([0, -0.5], off_px.shape), rtol=0, atol=ROUNDING_PX)


def test_people_who_are_not_seen_are_left_out_and_counted(tmp_path):
    tracks = make_tracks([[(1, 0), (2, 3)], [(2, 1), (3, 0)], [(2, 2)]])
    fits, problems = read_file("phalp", dump_joblib(tracks, tmp_path / "a.pkl"))
    assert problems == []
    assert fits.row.tolist() == [0, 1]
    assert fits.person.tolist() == [1, 3]
    (source,) = fits.sources
    assert source.notes[-1] == "left out: 3 entries of people who are tracked in a frame and not seen in it"
    second = tracks["_DEMO/video/img/000002.jpg"]
    np.testing.assert_array_equal(fits.transl_m[1], second["camera"][1])


def test_frames_of_a_video_are_numbered(tmp_path):
    """Frames that were read out of a video are named by its path and a time."""
    tracks = make_tracks([[(1, 0)], [(1, 0)]])
    pairs = {("video.mp4", time): frame for time, frame in enumerate(tracks.values())}
    path = dump_joblib(pairs, tmp_path / "a.pkl")
    assert recognise(path) == ["phalp"]
    assert read_file("phalp", path)[0].image_name.tolist() == ["000001.png", "000002.png"]


def test_people_whose_entries_are_damaged_are_named(tmp_path):
    tracks = make_tracks([[(1, 0), (2, 0), (3, 0), (4, 0)], [(1, 0)]])
    first = next(iter(tracks.values()))
    first["camera"][1] = np.zeros(2)
    first["smpl"][2]["body_pose"] = np.zeros((23, 3, 3))
    first["smpl"].pop()
    fits, problems = read_file("phalp", dump_joblib(tracks, tmp_path / "a.pkl"))
    assert fits.row.tolist() == [0, 4]
    assert [problem.row for problem in problems] == [1, 2, 3]
    assert problems[0].reason == "camera: expected 3 numbers, found numbers of shape 2"
    assert "at joint 1" in problems[1].reason
    assert problems[2].reason == "smpl: expected an entry for each of tid, found nothing"
    assert {problem.image_name for problem in problems} == {"_DEMO/video/img/000001.jpg"}


def test_tracks_of_nobody_are_refused(tmp_path):
    for people, message in (([[], []], "nobody is seen in it"), ([[(1, 4)]], "nobody is seen in it")):
        with pytest.raises(FitFileError, match=message):
            read_file("phalp", dump_joblib(make_tracks(people), tmp_path / "a.pkl"))


# 4D-Humans' out.


def make_out(picture_wh=WIDE, count=3):
    """What its network gives for people of a photo, the batch's boxes, and where its demo draws them."""
    rng = np.random.default_rng(11)
    cam = np.column_stack([rng.uniform(0.6, 1, count), rng.uniform(-0.2, 0.2, (count, 2))])
    center, side = rng.uniform(200, 800, (count, 2)), rng.uniform(150, 500, count)
    width, height = picture_wh
    focal = 5000 / 256 * max(picture_wh)
    px_per_m = side * cam[:, 0]
    shift = cam[:, 1:] + 2 * (center - [width / 2, height / 2]) / px_per_m[:, None]
    full = np.column_stack([shift, 2 * focal / px_per_m])
    verts = rng.uniform(-1, 1, (count, 6890, 3))
    moved = verts[:, :30] + full[:, None]
    expected = focal * moved[..., :2] / moved[..., 2:] + [width / 2, height / 2]
    out = {
        "pred_cam": torch.tensor(cam, dtype=torch.float32),
        "pred_cam_t": torch.tensor(np.column_stack([cam[:, 1:], 2 * 5000 / (256 * cam[:, 0])])),
        "focal_length": torch.full((count, 2), 5000.0),
        "pred_smpl_params": {
            "global_orient": torch.tensor(make_matrices(rng, count)[:, None]),
            "body_pose": torch.tensor(make_matrices(rng, count * 23).reshape(count, 23, 3, 3)),
            "betas": torch.tensor(rng.normal(0, 1, (count, 10)), dtype=torch.float32),
        },
        "pred_vertices": torch.tensor(verts, dtype=torch.float32),
    }
    boxes = {
        "box_center": torch.tensor(center),
        "box_size": torch.tensor(side),
        "img_size": torch.tensor([picture_wh] * count, dtype=torch.float32),
    }
    return out, boxes, full, verts[:, :30], expected


def to_arrays(value):
    if isinstance(value, dict):
        return {key: to_arrays(member) for key, member in value.items()}
    return value.numpy() if isinstance(value, torch.Tensor) else value


def save_npz(held, path):
    np.savez(path, **to_arrays(held))


def save_pickle(held, path):
    path.write_bytes(pickle.dumps(held))


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("street.pt", torch.save),
        ("street.npz", save_npz),
        ("street.pkl", save_pickle),
        ("street.joblib", lambda held, path: dump_joblib(to_arrays(held), path)),
    ],
)
@pytest.mark.parametrize("picture_wh", [WIDE, TALL])
def test_people_stand_where_4d_humans_draws_them(tmp_path, name, save, picture_wh):
    out, boxes, _, points, expected = make_out(picture_wh)
    (tmp_path / "street.png").touch()
    save(out | boxes, tmp_path / name)
    assert recognise(tmp_path / name) == ["phalp"]
    fits, problems = read_file("phalp", tmp_path / name, tmp_path)
    assert problems == []
    assert fits.image_name.tolist() == ["street.png"] * 3
    np.testing.assert_allclose(project(fits, points, picture_wh), expected, rtol=0, atol=ROUNDING_PX)
    (source,) = fits.sources
    params = to_arrays(out["pred_smpl_params"])
    rotmat = np.concatenate([params["global_orient"], params["body_pose"]], 1)
    np.testing.assert_array_equal(source.bodies.rotmat, rotmat)
    np.testing.assert_array_equal(source.bodies.betas, params["betas"])
    np.testing.assert_allclose(fits.box_px[:, 2], boxes["box_size"])


def test_the_translation_of_the_full_picture_needs_no_box(tmp_path):
    out, _, full, points, expected = make_out()
    save_npz(out | {"pred_cam_t_full": full, "img_path": "/data/street.jpg"}, tmp_path / "a.npz")
    fits, problems = read_file("phalp", tmp_path / "a.npz")
    assert problems == []
    assert fits.image_name.tolist() == ["street.jpg"] * 3
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)


def test_one_person_may_be_without_the_axis_of_people(tmp_path):
    out, boxes, _, points, expected = make_out(count=1)
    held = {key: value[0] for key, value in (out | boxes).items() if key != "pred_smpl_params"}
    held["pred_smpl_params"] = {key: value[0] for key, value in out["pred_smpl_params"].items()}
    save_npz(held, tmp_path / "a.npz")
    fits, problems = read_file("phalp", tmp_path / "a.npz")
    assert problems == []
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)


def test_vertices_are_drawn_where_there_are_no_parameters(tmp_path):
    out, boxes, *_ = make_out()
    del out["pred_smpl_params"]
    save_npz(out | boxes, tmp_path / "a.npz")
    assert recognise(tmp_path / "a.npz") == ["phalp"]
    (source,) = read_file("phalp", tmp_path / "a.npz")[0].sources
    assert isinstance(source.bodies, Meshes)
    np.testing.assert_array_equal(source.bodies.verts, out["pred_vertices"])


def test_hands_of_hamer_are_not_taken_for_people(tmp_path):
    """Its out has the same keys but one, and vertices of hands."""
    out, boxes, *_ = make_out()
    out["pred_mano_params"] = out.pop("pred_smpl_params")
    save_npz(out | boxes, tmp_path / "a.npz")
    assert recognise(tmp_path / "a.npz") == []


def test_a_camera_of_the_crop_without_the_crop_is_refused(tmp_path):
    out, boxes, *_ = make_out()
    for missing in boxes:
        save_npz(out | {key: value for key, value in boxes.items() if key != missing}, tmp_path / "a.npz")
        with pytest.raises(
            FitFileError, match=r"its camera is of the crop \(pred_cam\), and where the crop is"
        ):
            read_file("phalp", tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"box_size": np.zeros(2)}, "box_size: expected 3 numbers, found numbers of shape 2"),
        ({"pred_cam": np.zeros((3, 4))}, "pred_cam: expected Nx3 numbers or 3 numbers, found"),
        (
            {"pred_smpl_params": {"betas": np.zeros((3, 10))}},
            "global_orient: expected 3x1x3x3 numbers, found nothing",
        ),
        (
            {"pred_smpl_params": None, "pred_vertices": np.zeros((3, 1, 3))},
            "pred_vertices: expected 3x6890x3",
        ),
        ({"img_path": np.array(["a", "b"])}, "img_path: expected 3 texts, found"),
    ],
)
def test_an_out_of_other_shapes_is_refused(tmp_path, change, message):
    out, boxes, *_ = make_out()
    save_npz(out | boxes | change, tmp_path / "a.npz")
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("phalp", tmp_path / "a.npz")


class Touch:
    """Runs code as it is unpickled, where it is."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_pickles_that_run_code_are_refused_by_name(tmp_path):
    tracks = make_tracks([[(1, 0)]]) | {"extra": Touch(tmp_path / "run")}
    for save in (dump_joblib, save_pickle):
        save(tracks, tmp_path / "a.pkl")
        with pytest.raises(FitFileError, match=r"it asks for (_)?io\.open"):
            read_file("phalp", tmp_path / "a.pkl")
    assert not (tmp_path / "run").exists()


def test_damaged_files_are_refused(tmp_path):
    path = dump_joblib(make_tracks([[(1, 0)]]), tmp_path / "a.pkl", compress=3)
    content = path.read_bytes()
    for cut in (10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:cut])
        with pytest.raises(FitFileError, match=re.escape(str(path))):
            read_file("phalp", path)
