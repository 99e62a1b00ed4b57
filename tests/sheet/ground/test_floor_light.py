"""The light of the floor around bodies: against formulas and integrals, the same whoever is there."""

import numpy as np
import pytest
import torch

from render.light.directions import KEY_RADIUS_RAD, KEY_WAY, spread_over_disc
from render.sheet.ground.floor_light import QUALITIES, Quality, choose_quality, light_from_key, light_from_sky
from render.sheet.ground.silhouettes import FloorMap, OnFloor
from tests.helpers.grounds import make_plates
from tests.helpers.round_bodies import make_ball

FINEST = QUALITIES[0][1]
UPRIGHT = torch.eye(2)[None]


def stand(verts: torch.Tensor, unit: float = 1.0) -> OnFloor:
    """Bodies in metres, whose lowest vertex is on the floor."""
    count, wide = len(verts), torch.float64
    return OnFloor(
        verts * unit,
        torch.eye(3, dtype=wide).repeat(count, 1, 1),
        torch.zeros(count, 3, dtype=wide),
        unit * verts[..., 1].amax(1).to(wide),
        torch.full((count,), unit, dtype=wide),
    )


def list_places(found: FloorMap) -> np.ndarray:
    """(C, C, 2) x and z of the middles of the cells of the first map."""
    along = (np.arange(found.light.shape[2]) + 0.5) * found.cell[0].item()
    x, z = np.meshgrid(along + found.corner[0, 0].item(), along + found.corner[0, 1].item())
    return np.stack([x, z], 2)


@pytest.fixture(scope="module")
def ball() -> tuple[torch.Tensor, torch.Tensor]:
    """A sphere whose radius is half a body's height."""
    verts, faces = make_ball(5)
    return 0.9 * verts[None], faces


def test_the_sky_below_a_sphere_is_the_formula_s(ball):
    """Of a floor's point at rho from where a sphere of radius r rests, r^3 / (rho^2 + r^2)^1.5 is hidden: the
    solid angle of a sphere, projected, is a disc's. Out to where the shadow begins to end.
    """
    found = light_from_sky(stand(ball[0]), ball[1], FINEST)
    rho = np.linalg.norm(list_places(found), axis=2) / 0.9
    exact = 1 - 1 / (rho**2 + 1) ** 1.5
    near = rho < 1.75
    np.testing.assert_allclose(found.light[0].numpy()[near], exact[near], atol=0.02)
    assert (found.light[0, [0, -1]] == 1).all()


def test_the_key_behind_a_sphere_is_a_disc_s_integral(ball):
    """By brute force over the disc. Within 0.06, for 32 silhouettes are blurred into one another."""
    found = light_from_key(stand(ball[0]), ball[1], UPRIGHT, FINEST)
    places = list_places(found)[::6, ::6]
    ways = spread_over_disc(4096, KEY_WAY, KEY_RADIUS_RAD)
    # x to the right and z towards the viewer are x and z here; y is up. The sphere's middle is r above 0.
    offset = np.stack([-places[..., 0], np.full(places.shape[:2], 0.9), -places[..., 1]], 2)
    along = offset @ ways.T
    off = (offset**2).sum(2)[..., None] - along**2
    seen = 1 - ((off < 0.9**2) & (along > 0)).mean(2)
    light = found.light[0].numpy()[::6, ::6]
    np.testing.assert_allclose(light, seen, atol=0.06)
    assert np.abs(light - seen).mean() < 0.005
    assert seen.min() == 0.0


def test_shadows_turn_with_the_key(ball):
    """A quarter turn of the rig turns the map, which has the sphere in another place."""
    quarter = torch.tensor([[[0.0, 1.0], [-1.0, 0.0]]])
    maps = [light_from_key(stand(ball[0]), ball[1], turn, FINEST) for turn in (UPRIGHT, quarter)]
    weights = [1 - one.light[0].numpy() for one in maps]
    middles = [
        (list_places(one) * dark[..., None]).sum((0, 1)) / dark.sum()
        for one, dark in zip(maps, weights, strict=True)
    ]
    np.testing.assert_allclose(middles[1], [middles[0][1], -middles[0][0]], atol=0.01)
    # Away from where the key stands.
    np.testing.assert_array_less(0, -middles[0] * np.sign([KEY_WAY[0], KEY_WAY[2]]))


def test_shadows_are_sharp_on_the_ground_and_wide_above_it():
    """From a tenth of the dark to nine tenths of it, across the border of a plate."""
    widths = []
    for height in (0.02, 0.4):
        verts, faces = make_plates(height)
        bodies = stand(verts)._replace(floor=torch.zeros(1, dtype=torch.float64))
        dark = 1 - light_from_key(bodies, faces, UPRIGHT, FINEST).light[0].numpy()
        row = dark[np.unravel_index(dark.argmax(), dark.shape)[0]]
        share = np.interp([0.1, 0.9], row[: row.argmax()] / row.max(), np.arange(row.argmax()))
        widths.append(float(np.diff(share)[0]) * light_cell(bodies, faces))
    assert widths[0] < 0.04
    assert widths[1] > 5 * widths[0]


def light_cell(bodies: OnFloor, faces: torch.Tensor) -> float:
    return light_from_key(bodies, faces, UPRIGHT, FINEST).cell[0].item()


def test_a_body_has_the_same_light_alone_and_among_others_and_in_any_unit():
    verts, faces = make_plates(0.0, 0.3, 0.7, 0.1, 1.0)
    few = Quality(64, 1, 1)
    turn = UPRIGHT.repeat(5, 1, 1)
    bodies = stand(verts)._replace(floor=torch.full((5,), 0.2, dtype=torch.float64))
    sky, key = light_from_sky(bodies, faces, few), light_from_key(bodies, faces, turn, few)
    for i in range(5):
        alone = OnFloor(*(column[i : i + 1] for column in bodies))
        for found, whole in (
            (light_from_sky(alone, faces, few), sky),
            (light_from_key(alone, faces, UPRIGHT, few), key),
        ):
            assert torch.equal(found.light[0], whole.light[i])
            assert torch.equal(found.corner[0], whole.corner[i])
    # Powers of two, so that all numbers are the same.
    large = bodies._replace(verts=8 * bodies.verts, floor=8 * bodies.floor, unit=8 * bodies.unit)
    assert torch.equal(light_from_sky(large, faces, few).light, sky.light)


def test_what_is_nowhere_or_deep_below_the_floor_casts_no_shadow():
    verts, faces = make_plates(0.5, 0.5, -0.5)
    verts[1] = torch.nan
    # The third body has something above the floor too, which leaves its height as it is.
    bodies = stand(verts)._replace(floor=torch.zeros(3, dtype=torch.float64))
    few = Quality(64, 1, 1)
    for found in (
        light_from_sky(bodies, faces, few),
        light_from_key(bodies, faces, UPRIGHT.repeat(3, 1, 1), few),
    ):
        assert found.light.isfinite().all()
        assert found.light[0].min() < 0.9
        assert (found.light[1:] == 1).all()


def test_crowds_have_less_for_each():
    cells = [choose_quality(people).cells for people in (1, 16, 17, 300, 100_000)]
    assert cells == sorted(cells, reverse=True)
    # Of the largest crowd of each kind, a map in bytes.
    assert 4 * 128 * choose_quality(128).cells ** 2 < 1 << 25
