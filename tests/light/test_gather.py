"""Light that reaches points, where mathematics has the answer."""

import numpy as np
import pytest
import torch

from render.light.depth_maps import DepthMapper, sum_boundary
from render.light.directions import KEY_RADIUS_RAD, KEY_WAY, SPHERE_COUNT, frame_directions, spread_over_disc
from render.light.gather import FloorPatches, gather
from tests.helpers.round_bodies import group_points, make_ball, place, sum_light

RADIUS = 0.5
HALF = SPHERE_COUNT // 2


@pytest.fixture(scope="module")
def ball() -> tuple[torch.Tensor, torch.Tensor]:
    return make_ball()


def floor_points(count: int = 600) -> torch.Tensor:
    """Places on a plane that a ball about 0 stands on, up to 2 m from where it does."""
    rng = np.random.default_rng(7)
    off, turn = 2 * np.sqrt(rng.uniform(0, 1, count)), rng.uniform(0, 2 * np.pi, count)
    places = np.stack([off * np.cos(turn), np.full(count, RADIUS), off * np.sin(turn)], 1)
    return torch.from_numpy(places).float()[None]


def upward(points: torch.Tensor) -> torch.Tensor:
    return torch.tensor([0.0, -1.0, 0.0]).expand_as(points)


def test_the_sky_over_a_plane_with_a_ball_on_it(ball):
    """1 - r^3 / (rho^2 + r^2)^1.5: a ball of solid angle theta, at the cosine of its middle."""
    verts, faces = ball
    points = floor_points()
    sums = sum_light(place(RADIUS * verts[None]), faces, group_points(points, upward(points), 1))[0]
    rho = points[0, :, [0, 2]].norm(dim=1)
    expected = 1 - RADIUS**3 / (rho**2 + RADIUS**2) ** 1.5
    error = sums[:, 0] / sums[:, 1] - expected
    assert error.abs().mean() < 0.02
    # The hemisphere is 48 directions, so a place may be off by about two of them where the ball is near.
    assert error.abs().max() < 0.08


def test_a_ball_sees_what_a_plane_below_it_leaves(ball):
    """(1 + cos) / 2 of the sky, exactly what its normal lets in: a convex body is in nobody's way."""
    verts, faces = ball
    groups = group_points(RADIUS * verts[None], verts[None], 1)
    half = sum_light(place(RADIUS * verts[None]), faces, groups)[0]
    # Not a bit: the lift takes a vertex above all texels around it.
    assert torch.equal(half[:, 0], half[:, 1])


def test_boxes_do_not_shade_themselves():
    verts = torch.tensor([[x, y, z] for x in (-1.0, 1) for y in (-1.0, 1) for z in (-1.0, 1)])
    faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    faces += [[2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
    # Also of very different sides, as bodies have them.
    for sides in ([1, 1, 1], [0.2, 0.9, 0.05]):
        corners = verts * torch.tensor(sides)
        grid = torch.linspace(-0.95, 0.95, 12)
        for axis in range(3):
            for side in (-1.0, 1.0):
                first, second = torch.meshgrid(grid, grid, indexing="ij")
                points = torch.zeros(144, 3)
                points[:, axis] = side
                points[:, (axis + 1) % 3], points[:, (axis + 2) % 3] = first.ravel(), second.ravel()
                normals = torch.zeros(144, 3)
                normals[:, axis] = side
                groups = group_points((points * torch.tensor(sides))[None], normals[None], 1)
                sums = sum_light(place(corners[None]), torch.tensor(faces, dtype=torch.int32), groups)
                assert torch.equal(sums[..., 0], sums[..., 1])


def test_the_shadow_of_a_ball_in_the_light_of_a_disc(ball):
    """Against the integral over the disc, by 4,000 rays that meet the ball or do not."""
    verts, faces = ball
    # y is down here, and up in the rig.
    middle = (KEY_WAY[0], -KEY_WAY[1], KEY_WAY[2])
    points = floor_points(1500)
    groups = group_points(points, upward(points), 1)
    sums = sum_light(
        place(RADIUS * verts[None]), faces, groups, spread_over_disc(24, middle, KEY_RADIUS_RAD), block=8
    )[0]
    many = spread_over_disc(4000, middle, KEY_RADIUS_RAD)
    at = points[0].double().numpy()
    along = at @ many.T
    is_hit = (along**2 > (at**2).sum(1)[:, None] - RADIUS**2) & (along < 0)
    lit = -many[:, 1]
    expected = (~is_hit * lit).sum(1) / lit.sum()
    assert ((expected > 0.1) & (expected < 0.9)).sum() > 100
    error = np.abs((sums[:, 0] / sums[:, 1]).numpy() - expected)
    # One of 24 directions is 0.04.
    assert error.mean() < 0.01
    assert error.max() < 0.1


def test_of_two_bodies_one_shades_the_other(ball):
    verts, faces = make_ball(4)
    pair = torch.stack([verts, verts + torch.tensor([0.0, -3.0, 0.0])])
    groups = group_points(torch.stack([verts, verts]), verts.expand(2, -1, -1), 2)
    groups = groups._replace(origin=torch.tensor([[0.0, 0, 0], [0, -3, 0]], dtype=torch.float64))
    sums = sum_light(place(pair), faces, groups)
    top, bottom = verts[:, 1].argmin(), verts[:, 1].argmax()
    share = sums[..., 0] / sums[..., 1]
    # A ball of radius 1 in the zenith at a distance of 2 m hides the square of its sine: 1/4.
    assert share[0, top].item() == pytest.approx(0.75, abs=0.04)
    assert share[1, bottom].item() == pytest.approx(0.75, abs=0.04)
    assert share[0, bottom].item() == 1.0
    assert share[1, top].item() == 1.0


def test_sums_are_the_same_in_any_block_and_any_company():
    verts, faces = make_ball(3)
    several = torch.stack([verts, 0.4 * verts + torch.tensor([1.5, 0.0, 0.0]), verts + 40.0])
    groups = group_points(several, verts.expand(3, -1, -1), 3)
    first = sum_light(place(several), faces, groups, block=16)
    assert torch.equal(first, sum_light(place(several), faces, groups, block=7))
    alone = sum_light(place(several[:2]), faces, group_points(several[:2], verts.expand(2, -1, -1), 2))
    assert torch.equal(first[:2], alone)
    assert (first[2, :, 0] == first[2, :, 1]).all()


def test_points_that_are_nowhere_do_no_harm():
    verts, faces = make_ball(2)
    points = verts[None].clone()
    points[0, 3], points[0, 5] = torch.nan, 1e30
    groups = group_points(points, verts[None], 1)._replace(reach=torch.tensor([1.0]))
    sums = sum_light(place(verts[None]), faces, groups)
    assert sums.isfinite().all()
    assert (sums[0, :, 0] <= sums[0, :, 1]).all()


def test_a_floor_sends_up_what_it_has():
    """A ball above a floor that is dark on one side: what looks at the dark half of it gets half."""
    verts, faces = make_ball(2)
    light = torch.ones(1, 5, 5)
    light[:, :, :2] = 0.0
    floor = FloorPatches(light, torch.tensor([[-2.0, -2.0]]), torch.ones(1), torch.tensor([0.5]))
    none = torch.zeros(1, dtype=torch.int32)
    mapper = DepthMapper(place(verts[None]), faces, sum_boundary(faces), none, none, 3)
    # Down, and aside to either side so that the floor is met 1 m off.
    ways = np.array([[0.0, 1, 0], [-0.9, 0.45, 0], [0.9, 0.45, 0]])
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    points = torch.zeros(1, 1, 3)
    groups = group_points(points, torch.tensor([[[0.0, 1.0, 0.0]]]), 0)._replace(reach=torch.ones(1))
    maps = mapper.draw(torch.from_numpy(frame_directions(ways)).float()[None])
    sums = torch.zeros(1, 1, 2)
    gather(maps, groups, none, sums, floor)
    # Of the cells' middles at -2 to 2 m those at -2 and -1 are dark.
    expected = 1.0 + 0.0 + ways[2, 1]
    assert sums[0, 0, 0].item() == pytest.approx(expected, abs=1e-5)
    assert sums[0, 0, 1].item() == pytest.approx(ways[:, 1].sum(), abs=1e-5)
