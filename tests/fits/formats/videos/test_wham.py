"""WHAM's wham_output.pkl: people come out where WHAM draws them, over the video and in their worlds."""

import pickle
import re
from collections import defaultdict

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import FitFileError
from render.fits.read import read_fits
from render.types.fits import Unit
from tests.helpers.bombs import Bomb
from tests.helpers.fit_files import TALL, WIDE, project, read_file, recognise
from tests.helpers.joblib_files import dump_joblib

# Of pixels, where the file's numbers are float32 with seven digits.
ROUNDING_PX = 2e-3
# Pelvis and hips of SMPL's neutral template, m. WHAM's weights for hips lie within 2 cm of its joints.
PELVIS, HIPS, HIPS_M = np.array([-0.002, -0.223, 0.028]), np.array([-0.001, -0.314, 0.023]), 0.02


def make_track(seed, frames):
    """A person as its demo.py saves him."""
    rng = np.random.default_rng(seed)
    count = len(frames)
    pose = rng.normal(0, 0.4, (count, 72)).astype(np.float32)
    root = rng.normal(0, 1, (count, 3))
    return {
        "pose": pose,
        "trans": np.column_stack([rng.uniform(-1, 1, (count, 2)), rng.uniform(3, 6, count)]).astype("f4"),
        "pose_world": np.concatenate([root, pose[:, 3:]], 1).astype(np.float32),
        "trans_world": rng.normal(0, 1, (count, 3)).astype(np.float32),
        "betas": rng.normal(0, 1, (count, 10)).astype(np.float32),
        "verts": rng.uniform(-1, 1, (count, 6, 3)).astype(np.float32),
        "frame_ids": np.array(frames),
    }


def save(tracks, folder):
    held = defaultdict(dict)
    held.update(tracks)
    (folder / "IMG_9732").mkdir(exist_ok=True)
    return dump_joblib(held, folder / "IMG_9732" / "wham_output.pkl")


@pytest.mark.parametrize("picture_wh", [WIDE, TALL])
def test_people_stand_where_wham_draws_them(tmp_path, picture_wh):
    tracks = {3: make_track(1, [0, 1, 2]), 0: make_track(2, [2, 3])}
    path = save(tracks, tmp_path)
    assert recognise(path) == ["wham"]
    fits, problems = read_file("wham", path)
    assert problems == []
    assert fits.row.tolist() == [0, 1, 2, 3, 4]
    assert fits.frame.tolist() == [0, 1, 2, 2, 3]
    assert fits.person.tolist() == [3, 3, 3, 0, 0]
    assert fits.identity.tolist() == [1, 1, 1, 0, 0]
    assert set(fits.sequence) == {"IMG_9732"}
    assert fits.image_name.tolist() == [f"{frame + 1:06d}.png" for frame in fits.frame]
    assert fits.is_metric.all()
    assert np.isnan(fits.world_m).all()
    points = np.random.default_rng(9).uniform(-0.9, 0.9, (5, 20, 3))
    moved = points + np.concatenate([tracks[3]["trans"], tracks[0]["trans"]])[:, None]
    width, height = picture_wh
    focal = (width**2 + height**2) ** 0.5
    expected = focal * moved[..., :2] / moved[..., 2:] + np.array([width, height]) / 2
    np.testing.assert_allclose(project(fits, points, picture_wh), expected, rtol=0, atol=ROUNDING_PX)
    (source,) = fits.sources
    angles = np.concatenate([tracks[3]["pose"], tracks[0]["pose"]]).reshape(-1, 3)
    # Of float32.
    matrices = Rotation.from_rotvec(angles).as_matrix().reshape(5, 24, 3, 3)
    np.testing.assert_allclose(source.bodies.rotmat, matrices, atol=1e-6)
    assert source.bodies.kind == "smpl"
    # A person's two turns tell gravity, which WHAM has along -y.
    seen = Rotation.from_rotvec(angles.reshape(5, 24, 3)[:, 0])
    roots = np.concatenate([tracks[3]["pose_world"], tracks[0]["pose_world"]])[:, :3]
    down = seen.apply(Rotation.from_rotvec(roots).inv().apply([0, -1, 0]))
    np.testing.assert_allclose(fits.world_rotation[:, 1], down, atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(fits.world_rotation), 1)


def test_in_the_world_the_hips_are_where_wham_has_them(tmp_path):
    track = make_track(4, [0, 1, 2, 3])
    fits, problems = read_file("wham", save({0: track}, tmp_path), space="world")
    assert problems == []
    assert (fits.unit == Unit.FRAMED).all()
    (source,) = fits.sources
    root = Rotation.from_rotvec(track["pose_world"][:, :3])
    np.testing.assert_allclose(source.bodies.rotmat[:, 0], root.as_matrix(), atol=1e-6)
    hips = PELVIS + root.apply(HIPS - PELVIS)
    placed = np.einsum("mij,mj->mi", fits.rotation, hips)
    placed = np.einsum("mij,mj->mi", fits.world_rotation, placed) + fits.world_m
    # WHAM's world has y up.
    assert np.abs(placed - track["trans_world"] * [1, -1, -1]).max() < HIPS_M
    # Nobody is mirrored, and what is up in WHAM's is up here.
    assert (fits.rotation @ [0, 1, 0] == [0, -1, 0]).all()
    np.testing.assert_allclose(np.linalg.det(fits.rotation), 1)


@pytest.mark.parametrize("space", ["camera", "world"])
def test_a_damaged_frame_costs_its_own_row(tmp_path, space):
    tracks = {0: make_track(1, [0, 1, 2]), 1: make_track(2, [0, 1])}
    tracks[0]["trans"][1, 0] = tracks[0]["trans_world"][1, 0] = np.nan
    tracks[1]["pose"][1, 71] = tracks[1]["pose_world"][1, 71] = np.inf
    fits, problems = read_file("wham", save(tracks, tmp_path), space=space)
    assert fits.row.tolist() == [0, 2, 3]
    assert [(problem.row, problem.image_name) for problem in problems] == [
        (1, "000002.png"),
        (4, "000002.png"),
    ]
    assert problems[0].reason.startswith(
        {"camera": "translation: ", "world": "place in the world: "}[space] + "expected finite numbers"
    )
    assert problems[1].reason.startswith("pose: expected rotations")


def test_photos_are_the_pictures_of_the_folder_in_order(tmp_path):
    (tmp_path / "photos").mkdir()
    for name in ("b.png", "a.jpg"):
        (tmp_path / "photos" / name).touch()
    path = save({0: make_track(1, [0, 1, 5])}, tmp_path)
    assert read_file("wham", path, tmp_path / "photos")[0].image_name.tolist() == [
        "a.jpg",
        "b.png",
        "000006.png",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"betas": np.zeros((2, 10))}, "person 7: expected a row for each frame, found betas: expected 3xN"),
        ({"frame_ids": np.array([0, 1, 2.5])}, "found frame_ids: expected whole numbers"),
        ({"pose": np.zeros((3, 66))}, "found pose: expected Nx72 numbers"),
        ({"trans": None}, "found trans: expected 3x3 numbers, found null"),
    ],
)
def test_a_file_of_other_shapes_is_refused(tmp_path, change, message):
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("wham", save({7: make_track(1, [0, 1, 2]) | change}, tmp_path))


def test_arrays_that_people_share_are_refused(tmp_path):
    tracks = {0: make_track(1, [0, 1]), 1: make_track(2, [0, 1])}
    tracks[1]["pose"] = tracks[0]["pose"]
    path = tmp_path / "wham_output.pkl"
    # joblib would write them twice.
    path.write_bytes(pickle.dumps(tracks))
    told = (
        "person 1: expected a row for each frame, found arrays: expected arrays of each person, found those"
    )
    with pytest.raises(FitFileError, match=told):
        read_file("wham", path)


@pytest.mark.parametrize("content", [{}, [], {0: {"pose": np.zeros((3, 72))}}, {0: 2}])
def test_other_pickles_are_not_taken_for_whams(tmp_path, content):
    path = dump_joblib(content, tmp_path / "a.pkl")
    assert "wham" not in recognise(path)
    with pytest.raises(FitFileError, match="expected a result of WHAM"):
        read_file("wham", path)


def test_nothing_of_a_file_is_run(tmp_path, capsys):
    path = save({0: make_track(1, [0]) | {"verts": Bomb()}}, tmp_path)
    with pytest.raises(FitFileError, match=r"wham_output\.pkl: .*builtins\.print"):
        read_fits("auto", path)
    assert capsys.readouterr().out == ""
