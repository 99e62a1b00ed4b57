"""What people's own cameras see of their ground."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.sheet.ground.homographies import LEAST_DOWN, find_homographies, see_stage, tilt_down
from render.sheet.ground.stage import Stage
from render.types.placements import Cameras
from tests.helpers.grounds import make_cameras

CENTER = (320.0, 240.0)


def turn(*angles_deg: float) -> np.ndarray:
    return Rotation.from_euler("yxz", angles_deg, degrees=True).as_matrix()


def make_stage(matrix: np.ndarray, shift: np.ndarray, ground: float) -> Stage:
    """Of one person on a sheet; what shadows do not ask for is nothing."""
    one, wide = torch.ones(1, dtype=torch.float64), torch.float64
    return Stage(
        torch.from_numpy(matrix)[None],
        torch.from_numpy(shift)[None],
        140.0 * one,
        torch.zeros(1, 3, dtype=wide),
        one,
        ground * one,
    )


def project(cameras: Cameras, verts: np.ndarray) -> np.ndarray:
    """Vertices on the shot, as bodies are drawn."""
    q = verts @ cameras.matrix[0].double().numpy().T + cameras.translation[0].double().numpy()
    focal = cameras.focal_px[0].item()
    return np.array(CENTER) + focal * q[:, :2] / q[:, 2:] if focal else q[:, :2]


def look(focal_px: float, tilt_deg: float = 25.0) -> tuple[Cameras, Stage]:
    """Somebody's camera over a photo, and where he is on a stage that is turned against it."""
    # Down by the tilt, as the upright turn of the stage undoes it.
    upright = turn(0, -tilt_deg, 0)
    if focal_px:
        cameras = make_cameras(torch.eye(3), torch.tensor([0.3, -0.2, 5.0]), focal_px, CENTER)
    else:
        cameras = make_cameras(140.0 * torch.eye(3), torch.tensor([310.0, 250.0, 700.0]), 0.0, CENTER)
    return cameras, make_stage(140.0 * upright, np.array([700.0, 30.0, -400.0]), 172.0)


def share_of(focal_px: float) -> torch.Tensor:
    """Over the photo all cameras without perspective are tilted, and no others."""
    return torch.tensor([0.0 if focal_px else 1.0], dtype=torch.float64)


@pytest.mark.parametrize("focal_px", [0.0, 900.0])
def test_places_on_the_ground_land_where_they_are_drawn(focal_px):
    """Within a thousandth of a pixel: from the body to the stage, and by the homography back."""
    cameras, stage = look(focal_px)
    rng = np.random.default_rng(1)
    places = np.column_stack([rng.uniform(-1, 1, 40), np.zeros(40), rng.uniform(-1, 1, 40)])
    places = 140.0 * places + stage.shift[0].numpy()
    places[:, 1] = 172.0
    # v = matrix^-1 (p - shift), of a rotation and a factor.
    verts = (places - stage.shift[0].numpy()) @ stage.matrix[0].numpy() / 140.0**2
    pixels = project(cameras, verts)
    body = torch.zeros(1, dtype=torch.long)
    origin = (stage.shift[:, [0, 2]] / 140.0).floor()
    seen = tilt_down(see_stage(cameras, stage, body), stage.shift, share_of(focal_px))
    h = find_homographies(seen, stage.ground, stage.unit, origin)[0].double().numpy()
    on_ground = places[:, [0, 2]] / 140.0 - origin[0].numpy()
    u, v, w = np.linalg.inv(h) @ np.column_stack([on_ground, np.ones(40)]).T
    np.testing.assert_allclose(np.column_stack([u / w, v / w]), pixels, atol=1e-3)
    assert ((h @ np.column_stack([pixels, np.ones(40)]).T)[2] > 0).all()


@pytest.mark.parametrize("tilt_deg", [-20.0, 0.0, 3.0])
@pytest.mark.parametrize("roll_deg", [0.0, 8.0])
def test_weak_perspective_never_sees_the_ground_from_below(tilt_deg, roll_deg):
    upright = turn(0, -tilt_deg, roll_deg)
    stage = make_stage(140.0 * upright, np.zeros(3), 150.0)
    cameras = make_cameras(140.0 * torch.eye(3), torch.tensor([310.0, 250.0, 0.0]), 0.0, CENTER)
    seen = see_stage(cameras, stage, torch.zeros(1, dtype=torch.long))
    anchor = torch.tensor([[20.0, 150.0, -30.0]], dtype=torch.float64)
    tilted = tilt_down(seen, anchor, share_of(0.0))
    rows = tilted.matrix[0] / tilted.matrix[0, 2].norm()
    assert rows[2, 1].item() == pytest.approx(LEAST_DOWN)
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), atol=1e-12)
    before, after = (one.matrix[0] @ anchor[0] + one.translation[0] for one in (seen, tilted))
    np.testing.assert_allclose(after, before, atol=1e-9)
    assert find_homographies(tilted, stage.ground, stage.unit, torch.zeros(1, 2)).isfinite().all()


def test_who_sees_enough_of_the_ground_sees_it_as_before():
    for focal_px, tilt_deg in ((0.0, 20.0), (900.0, 1.0)):
        cameras, stage = look(focal_px, tilt_deg)
        seen = see_stage(cameras, stage, torch.zeros(1, dtype=torch.long))
        assert torch.equal(tilt_down(seen, stage.shift, share_of(focal_px)).matrix, seen.matrix)
