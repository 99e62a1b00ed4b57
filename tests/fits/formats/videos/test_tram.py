"""TRAM's folder of a video: people come out where TRAM draws them, over the frames and in its world."""

import re

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.fits.read import read_fits
from render.types.fits import Unit
from tests.helpers.bombs import Bomb
from tests.helpers.fit_files import project, read_file, recognise

FRAMES = 6
# Of pixels, where the file's numbers are float32 with seven digits.
ROUNDING_PX = 2e-3
# Of metres, for the same reason.
ROUNDING_M = 3e-6


def make_camera():
    """As estimate_camera.py saves it: one camera that turns and moves."""
    rng = np.random.default_rng(1)
    turned = Rotation.from_rotvec(rng.normal(0, 0.3, (FRAMES, 3))).as_matrix()
    return {
        "pred_cam_R": turned.astype(np.float32),
        "pred_cam_T": np.zeros((FRAMES, 3), np.float32),
        "world_cam_R": (np.diag([1, -1, -1]) @ turned).astype(np.float32),
        "world_cam_T": rng.normal(0, 1, (FRAMES, 3)).astype(np.float32),
        "img_focal": np.float64(1200.0),
        "img_center": np.array([641.0, 359.0]),
        "spec_focal": 1234.5,
    }


def make_track(seed, frames):
    """As VIMO's inference gives it: tensors."""
    rng = np.random.default_rng(seed)
    count = len(frames)
    rotmat = Rotation.from_rotvec(rng.normal(0, 0.4, (count * 24, 3))).as_matrix()
    near = np.column_stack([rng.uniform(-1, 1, (count, 2)), rng.uniform(3, 6, count)])
    arrays = {
        "pred_cam": rng.normal(0, 1, (count, 3)),
        "pred_pose": rng.normal(0, 1, (count, 144)),
        "pred_shape": rng.normal(0, 1, (count, 10)),
        "pred_rotmat": rotmat.reshape(count, 24, 3, 3),
        "pred_trans": near[:, None],
    }
    tensors = {key: torch.tensor(value, dtype=torch.float32) for key, value in arrays.items()}
    return tensors | {"frame": torch.tensor(frames)}


def save(folder, camera, tracks):
    folder = folder / "results" / "street.v2"
    (folder / "hps").mkdir(parents=True)
    np.save(folder / "camera.npy", camera)
    for number, track in tracks.items():
        np.save(folder / "hps" / f"hps_track_{number}.npy", track)
    return folder


def join(tracks, key):
    return np.concatenate([np.float64(track[key]) for track in tracks.values()])


TRACKS = {0: make_track(1, [0, 1, 2, 4]), 2: make_track(2, [1, 5]), 10: make_track(3, [3])}


def test_people_stand_where_tram_draws_them(tmp_path):
    camera = make_camera()
    folder = save(tmp_path, camera, TRACKS)
    assert recognise(folder) == ["tram"]
    fits, problems = read_file("tram", folder)
    assert problems == []
    assert fits.row.tolist() == list(range(7))
    assert fits.frame.tolist() == [0, 1, 2, 4, 1, 5, 3]
    assert fits.person.tolist() == [0, 0, 0, 0, 2, 2, 10]
    assert fits.identity.tolist() == [0, 0, 0, 0, 1, 1, 2]
    assert set(fits.sequence) == {"street.v2"}
    points = np.random.default_rng(9).uniform(-0.9, 0.9, (7, 20, 3))
    moved = points + join(TRACKS, "pred_trans")
    expected = 1200 * moved[..., :2] / moved[..., 2:] + [641, 359]
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)
    (source,) = fits.sources
    np.testing.assert_array_equal(source.bodies.rotmat, np.float32(join(TRACKS, "pred_rotmat")))
    shapes = [
        np.tile(np.float64(one["pred_shape"]).mean(0), (len(one["frame"]), 1)) for one in TRACKS.values()
    ]
    np.testing.assert_allclose(source.bodies.betas, np.concatenate(shapes), rtol=1e-6)


@pytest.mark.parametrize("space", ["camera", "world"])
def test_people_stand_in_the_world_as_tram_has_them(tmp_path, space):
    camera = make_camera()
    fits, problems = read_file("tram", save(tmp_path, camera, TRACKS), space=space)
    assert problems == []
    assert (fits.unit == (Unit.FRAMED if space == "world" else Unit.PIXELS)).all()
    points = np.random.default_rng(9).uniform(-0.9, 0.9, (7, 20, 3))
    # As visualize_tram has it; y is up there.
    seen = points + join(TRACKS, "pred_trans")
    turned = np.float64(camera["world_cam_R"])[fits.frame]
    expected = np.einsum("bij,bnj->bni", turned, seen) + camera["world_cam_T"][fits.frame, None]
    posed = np.einsum("bij,bnj->bni", fits.rotation, points)
    found = np.einsum("bij,bnj->bni", fits.world_rotation, posed) + fits.world_m[:, None]
    np.testing.assert_allclose(found, expected * [1, -1, -1], rtol=0, atol=ROUNDING_M)


def test_a_camera_without_a_world_is_one_over_the_frames(tmp_path):
    camera = make_camera()
    del camera["world_cam_R"], camera["world_cam_T"]
    folder = save(tmp_path, camera, TRACKS)
    fits, problems = read_file("tram", folder)
    assert problems == []
    assert np.isnan(fits.world_m).all()
    with pytest.raises(FitFileError, match="world_cam_R: expected Nx3x3 numbers, found nothing"):
        read_file("tram", folder, space="world")


def test_a_damaged_frame_costs_its_own_row(tmp_path):
    track = make_track(4, [0, 1, 2, FRAMES, 4])
    track["pred_shape"][0, 3] = np.nan
    track["pred_trans"][2, 0, 1] = np.nan
    fits, problems = read_file("tram", save(tmp_path, make_camera(), {0: track}))
    assert fits.row.tolist() == [1, 4]
    assert [(problem.row, problem.reason) for problem in problems] == [
        (0, "betas: expected finite numbers up to 1e+06, found nan"),
        (2, "translation: expected finite numbers up to 1e+06, found nan"),
        (3, "frame: expected one of the 6 frames of camera.npy, found 6"),
    ]
    (source,) = fits.sources
    shape = np.float64(track["pred_shape"][1:]).mean(0)
    np.testing.assert_allclose(source.bodies.betas[fits.place], [shape, shape], rtol=1e-6)


def test_a_camera_of_no_rotation_costs_the_rows_of_its_frame_in_the_world(tmp_path):
    camera = make_camera()
    camera["world_cam_R"][1] = np.nan
    fits, problems = read_file("tram", save(tmp_path, camera, TRACKS), space="world")
    assert [problem.row for problem in problems] == [1, 4]
    assert len(fits) == 5


def test_the_parts_of_the_folder_are_told_the_folder(tmp_path):
    folder = save(tmp_path, make_camera(), TRACKS)
    for part in ("camera.npy", "hps", "hps/hps_track_2.npy"):
        with pytest.raises(FitFileError, match=re.escape(f"{folder} is one of tram: set dataset.fit_file")):
            read_fits("auto", folder / part)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pred_rotmat": torch.zeros(4, 23, 3, 3)}, "hps/hps_track_0.npy: expected a row for each frame"),
        ({"pred_trans": torch.zeros(3, 1, 3)}, "pred_trans: expected 4x1x3 numbers or 4x3 numbers"),
        (
            {"pred_shape": torch.zeros(4, 11)},
            "pred_shape: expected as many numbers in each track, found [10, 11]",
        ),
    ],
)
def test_tracks_of_other_shapes_are_refused(tmp_path, change, message):
    tracks = TRACKS | {0: make_track(1, [0, 1, 2, 4]) | change}
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("tram", save(tmp_path, make_camera(), tracks))


def test_a_folder_without_tracks_or_camera_is_refused(tmp_path):
    folder = save(tmp_path, make_camera(), {})
    with pytest.raises(FitFileError, match=r"expected a folder of TRAM's.*; found no tracks"):
        read_file("tram", folder)
    np.save(folder / "hps" / "hps_track_0.npy", TRACKS[0])
    (folder / "camera.npy").unlink()
    assert recognise(folder) == []
    with pytest.raises(
        FitFileError, match=r"camera\.npy: expected a dictionary that np\.save wrote, found nothing"
    ):
        read_file("tram", folder)


@pytest.mark.parametrize("where", ["camera.npy", "hps/hps_track_2.npy"])
def test_nothing_of_a_file_is_run(tmp_path, capsys, where):
    folder = save(tmp_path, make_camera(), TRACKS)
    np.save(folder / where, {"frame": Bomb()})
    with pytest.raises(FitFileError, match=rf"{re.escape(where)}: .*builtin\w*\.print"):
        read_fits("auto", folder)
    assert capsys.readouterr().out == ""
