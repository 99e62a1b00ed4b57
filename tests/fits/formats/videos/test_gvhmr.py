"""GVHMR's hmr4d_results.pt: the person comes out where GVHMR draws him, over the video and in its world."""

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

COUNT = 5
# Of pixels, where the file's numbers are float32 with seven digits.
ROUNDING_PX = 2e-3
# Of metres, for the same reason.
ROUNDING_M = 1e-6


def make_params(rng, transl):
    return {
        "body_pose": rng.normal(0, 0.4, (COUNT, 63)),
        "betas": np.repeat(rng.normal(0, 1, (1, 10)), COUNT, 0),
        "global_orient": rng.normal(0, 1, (COUNT, 3)),
        "transl": transl,
    }


def make_result():
    """As its demo.py saves a video: tensors, with what the network gave beside them."""
    rng = np.random.default_rng(3)
    near = np.column_stack([rng.uniform(-1, 1, (COUNT, 2)), rng.uniform(3, 6, COUNT)])
    k = np.array([[1300.0, 0, 640], [0, 1310, 360], [0, 0, 1]])
    held = {
        "smpl_params_global": make_params(rng, rng.normal(0, 1, (COUNT, 3))),
        "smpl_params_incam": make_params(rng, near),
        "K_fullimg": np.repeat(k[None], COUNT, 0),
        "net_outputs": {"model_output": {"pred_x": np.zeros((1, COUNT, 151))}},
    }
    return as_tensors(held)


def as_tensors(held):
    return {
        key: as_tensors(value) if isinstance(value, dict) else torch.tensor(value, dtype=torch.float32)
        for key, value in held.items()
    }


def save(held, folder):
    path = folder / "tennis" / "hmr4d_results.pt"
    path.parent.mkdir(exist_ok=True)
    torch.save(held, path)
    return path


def test_the_person_stands_where_gvhmr_draws_him(tmp_path):
    held = make_result()
    path = save(held, tmp_path)
    assert recognise(path) == ["gvhmr"]
    fits, problems = read_file("gvhmr", path)
    assert problems == []
    assert fits.frame.tolist() == fits.row.tolist() == list(range(COUNT))
    assert fits.image_name[[0, 4]].tolist() == ["000001.png", "000005.png"]
    assert set(fits.sequence) == {"tennis"}
    assert fits.identity.tolist() == fits.person.tolist() == [0] * COUNT
    assert np.isnan(fits.time_s).all()
    points = np.random.default_rng(9).uniform(-0.9, 0.9, (COUNT, 20, 3))
    moved = points + held["smpl_params_incam"]["transl"].numpy()[:, None]
    by_k = moved @ np.float64(held["K_fullimg"][0]).T
    expected = by_k[..., :2] / by_k[..., 2:]
    np.testing.assert_allclose(project(fits, points), expected, rtol=0, atol=ROUNDING_PX)
    # No movement of the camera leads from the one prediction to the other.
    assert np.isnan(fits.world_m).all()
    # But the body's two turns tell gravity, which GVHMR has along -y.
    for k in range(COUNT):
        turned, seen = (
            Rotation.from_rotvec(held[f"smpl_params_{key}"]["global_orient"][k].double().numpy())
            for key in ("global", "incam")
        )
        down = fits.world_rotation[k].T @ [0, 1, 0]
        np.testing.assert_allclose(down, seen.apply(turned.inv().apply([0, -1, 0])), atol=ROUNDING_M)
        away = fits.world_rotation[k].T @ [0, 0, 1]
        np.testing.assert_allclose(away, seen.apply(turned.inv().apply([0, 0, 1])), atol=ROUNDING_M)


def test_a_damaged_world_costs_no_picture_over_the_photo(tmp_path):
    held = make_result()
    held["smpl_params_global"]["global_orient"][3, 1] = np.nan
    fits, problems = read_file("gvhmr", save(held, tmp_path))
    assert problems == []
    assert np.isnan(fits.world_rotation).all((1, 2)).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize(("space", "key"), [("camera", "smpl_params_incam"), ("world", "smpl_params_global")])
def test_bodies_are_smplxs_with_mean_hands(tmp_path, space, key):
    held = make_result()
    (source,) = read_file("gvhmr", save(held, tmp_path), space=space)[0].sources
    bodies = source.bodies
    assert (bodies.kind, bodies.variant, bodies.adds_hand_mean) == ("smplx", "neutral", True)
    assert bodies.rotmat.shape == (COUNT, 55, 3, 3)
    assert bodies.hands.shape == (COUNT, 2, 45)
    assert not bodies.hands.any()
    angles = np.concatenate([held[key]["global_orient"], held[key]["body_pose"]], 1).reshape(-1, 3)
    expected = Rotation.from_rotvec(angles).as_matrix().reshape(COUNT, 22, 3, 3)
    # Of float32.
    np.testing.assert_allclose(bodies.rotmat[:, :22], expected, atol=1e-6)
    assert (bodies.rotmat[:, 22:] == np.eye(3)).all()
    np.testing.assert_array_equal(bodies.betas, held[key]["betas"])


def test_in_its_world_y_is_turned_down_and_nobody_is_mirrored(tmp_path):
    held = make_result()
    fits, problems = read_file("gvhmr", save(held, tmp_path), space="world")
    assert problems == []
    assert (fits.unit == Unit.FRAMED).all()
    points = np.random.default_rng(9).uniform(-0.9, 0.9, (COUNT, 20, 3))
    # GVHMR's own: y up, and what was at the right of the first frame at -x.
    x, y, z = np.moveaxis(points + np.float64(held["smpl_params_global"]["transl"])[:, None], -1, 0)
    turned = points @ fits.rotation.transpose(0, 2, 1)
    found = turned @ fits.world_rotation.transpose(0, 2, 1) + fits.world_m[:, None]
    np.testing.assert_allclose(found, np.stack([-x, -y, z], -1), rtol=0, atol=ROUNDING_M)


@pytest.mark.parametrize(
    ("key", "name", "reason"),
    [
        ("smpl_params_incam", "transl", "translation: expected finite numbers up to 1e+06, found nan"),
        ("smpl_params_incam", "body_pose", "pose: expected rotations"),
        ("K_fullimg", None, "focal length: expected finite numbers up to 1e+06, found nan"),
    ],
)
def test_a_damaged_frame_costs_its_own_row(tmp_path, key, name, reason):
    held = make_result()
    array = held[key] if name is None else held[key][name]
    array.reshape(COUNT, -1)[2, 0] = np.nan
    fits, (problem,) = read_file("gvhmr", save(held, tmp_path))
    assert fits.row.tolist() == [0, 1, 3, 4]
    assert (problem.row, problem.image_name) == (2, "000003.png")
    assert problem.reason.startswith(reason)


def test_a_frame_without_a_place_in_the_world_is_named_there(tmp_path):
    held = make_result()
    held["smpl_params_global"]["transl"][1, 2] = np.nan
    fits, (problem,) = read_file("gvhmr", save(held, tmp_path), space="world")
    assert fits.row.tolist() == [0, 2, 3, 4]
    assert problem.reason.startswith("place in the world: expected finite numbers up to 1e+06, found [")


def test_a_skewed_camera_is_named(tmp_path):
    held = make_result()
    held["K_fullimg"][4, 0, 1] = 3
    (problem,) = read_file("gvhmr", save(held, tmp_path))[1]
    assert problem.row == 4
    assert "K_fullimg: expected a camera matrix fx 0 cx, 0 fy cy, 0 0 1" in problem.reason


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"K_fullimg": torch.eye(3)}, f"K_fullimg: expected {COUNT}x3x3 numbers, found numbers of shape 3x3"),
        ({"smpl_params_incam": torch.zeros(3)}, "found no smpl_params_incam"),
        ({"smpl_params_global": torch.zeros(3)}, "found no smpl_params_global"),
        ({"smpl_params_incam": {"global_orient": torch.zeros(2, 3)}}, "body_pose: expected 2x63 numbers"),
    ],
)
def test_a_file_of_other_shapes_is_refused(tmp_path, change, message):
    with pytest.raises(FitFileError, match=re.escape(message)):
        read_file("gvhmr", save(make_result() | change, tmp_path))


def test_nothing_of_a_file_is_run(tmp_path, capsys):
    path = save(make_result() | {"net_outputs": Bomb()}, tmp_path)
    with pytest.raises(FitFileError, match=r"hmr4d_results\.pt: .*__builtin__\.print"):
        read_fits("auto", path)
    assert capsys.readouterr().out == ""
