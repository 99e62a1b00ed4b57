"""Light at the vertices of balls: on a floor, above it, and side by side."""

import numpy as np
import pytest
import torch

from render.light.depth_maps import sum_boundary
from render.light.directions import spread_over_sphere
from render.sheet.lighting.bake import bake_ambient, bake_key, count_block
from tests.helpers.round_bodies import make_ball, place


def bake(verts: torch.Tensor, faces: torch.Tensor, ground: float, sheets: list[int]) -> torch.Tensor:
    """Of balls that are `verts` moved, by how many of them are on each sheet."""
    count = len(verts)
    ends = np.repeat(np.cumsum(sheets), sheets)
    begins = ends - np.repeat(sheets, sheets)
    return bake_ambient(
        place(verts),
        (verts - verts.mean(1, keepdim=True)) / 0.5,
        faces,
        sum_boundary(faces),
        torch.from_numpy(begins.astype(np.int32)),
        torch.from_numpy(ends.astype(np.int32)),
        max(sheets),
        torch.full((count,), ground, dtype=torch.float64),
    )


@pytest.fixture(scope="module")
def ball() -> tuple[torch.Tensor, torch.Tensor]:
    verts, faces = make_ball(4)
    return 0.5 * verts, faces


def test_without_a_ground_all_around_is_light(ball):
    verts, faces = ball
    ambient = bake(verts[None], faces, np.nan, [1])[0]
    up = -verts[:, 1] / 0.5
    torch.testing.assert_close(ambient[:, 0], (1 + up) / 2, atol=1e-6, rtol=0)
    torch.testing.assert_close(ambient.sum(1), torch.ones(len(verts)), atol=1e-6, rtol=0)


def test_a_ball_on_a_floor_sees_its_own_dark_below(ball):
    """Each direction down ends on a floor that sees 1 - r^3 / (rho^2 + r^2)^1.5 of the sky itself."""
    verts, faces = ball
    ambient = bake(verts[None], faces, 0.5, [1])[0].numpy()
    at = verts.numpy()
    np.testing.assert_allclose(ambient[:, 0], (1 - at[:, 1] / 0.5) / 2, atol=1e-6)
    ways = spread_over_sphere(2000)[1000:]
    along = (0.5 - at[:, 1:2]) / ways[:, 1]
    rho2 = (at[:, :1] + along * ways[:, 0]) ** 2 + (at[:, 2:] + along * ways[:, 2]) ** 2
    lean = np.maximum(at / 0.5 @ ways.T, 0)
    expected = (lean * (1 - 0.125 / (rho2 + 0.25) ** 1.5)).sum(1) * 4 / 2000
    error = np.abs(ambient[:, 1] - expected)
    # The patch of floor has 24 places a side, and each of them sees the ball by 48 directions.
    assert error.mean() < 0.01
    assert error.max() < 0.06
    # Where it stands there is next to no light.
    assert ambient[at[:, 1].argmax(), 1] < 0.1


def test_a_ball_high_above_a_floor_has_all_of_its_light(ball):
    verts, faces = ball
    ambient = bake(verts[None], faces, 20.0, [1])[0]
    torch.testing.assert_close(ambient.sum(1), torch.ones(len(verts)), atol=0.01, rtol=0)


def test_balls_are_the_same_alone_and_among_other_sheets(ball):
    verts, faces = ball
    pair = torch.stack([verts, verts + torch.tensor([0.9, 0.1, 0.3])])
    several = torch.cat([verts[None] * 0.9, pair, verts[None] + 3.0])
    together = bake(several, faces, 0.6, [1, 2, 1])
    assert torch.equal(together[1:3], bake(pair, faces, 0.6, [2]))
    assert torch.equal(together[3:], bake(verts[None] + 3.0, faces, 0.6, [1]))
    # And what is near each other takes each other's light.
    alone = bake(pair[:1], faces, 0.6, [1])[0]
    assert (together[1].sum(1) < alone.sum(1) - 0.1).sum() > 20


def test_the_key_light_goes_with_the_viewer(ball):
    """A ball to the left of another shades it for who looks from the front, not for who looks from behind."""
    verts, faces = ball
    # Between the second and a key at the upper left in front; y is down and z is away here.
    pair = torch.stack([verts + torch.tensor([-0.77, -0.74, -0.55]), verts])
    front = torch.diag(torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64))
    behind = torch.diag(torch.tensor([-1.0, -1.0, 1.0], dtype=torch.float64))
    none, numbers = torch.zeros(4, dtype=torch.int32), torch.tensor([0, 0, 1, 1], dtype=torch.int32)
    key = bake_key(
        place(pair),
        verts.expand(2, -1, -1) / 0.5,
        faces,
        sum_boundary(faces),
        torch.tensor([0, 1, 0, 1], dtype=torch.int32),
        torch.stack([front, behind]),
        numbers,
        none + 2 * numbers,
        none + 2 * numbers + 2,
        2,
    )
    towards = (verts @ torch.tensor([-0.64, -0.62, -0.455])) > 0.35
    assert towards.sum() > 50
    # Past its border some of the disc is seen.
    assert key[1, towards].mean() < 0.05
    assert key[1, towards].max() < 0.25
    assert (key[0] == 1).all()
    assert (key[2:] == 1).all()


def test_a_block_takes_little_memory_or_one_direction():
    device = torch.device("cpu")
    assert count_block(1, 256, 6890, 48, device) > 4
    assert count_block(300, 128, 6890, 48, device) == 1
    assert count_block(1, 32, 8, 48, device) == 48
