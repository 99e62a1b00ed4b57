"""Light that rays find: against what is known of spheres, and the same bytes whatever is drawn beside."""

import numpy as np
import pytest
import torch

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.compute.kernels import build_mesh
from render.light.directions import KEY_RADIUS_RAD, KEY_WAY
from render.sheet import staging
from tests.helpers.lit_scenes import lit_mode, show_light
from tests.helpers.round_bodies import make_ball
from tests.helpers.traced_points import trace_points

__all__ = ["lit_mode"]
# From the rig, y up, to the stage, y down, for a viewer who looks along z.
KEY_ON_STAGE = tuple(np.array(KEY_WAY) * [1, -1, -1] / np.linalg.norm(KEY_WAY))


def make_sphere(splits: int) -> tuple[np.ndarray, np.ndarray]:
    """See `make_ball`."""
    verts, faces = make_ball(splits)
    return verts.numpy(), faces.numpy()


def trace_plane(places_m: np.ndarray, columns: int, rays: int, middle=(0.0, -1.0, 0.0)) -> np.ndarray:
    """Sky, floor and key (3, K) of points of the plane y = 0, on which a sphere of radius 1 lies."""
    verts, faces = make_sphere(5)
    mesh = build_mesh(torch.from_numpy(verts + np.float32(middle)), torch.from_numpy(faces).view(-1))
    count = len(places_m)
    number = torch.arange(count, dtype=torch.int32)
    return np.stack(
        trace_points(
            torch.from_numpy(places_m).float(),
            torch.tensor([0.0, -1.0, 0.0]).repeat(count, 1),
            torch.stack([number % columns, number // columns], 1),
            mesh,
            KEY_ON_STAGE,
            rays,
        )
    )


@pytest.mark.parametrize(
    # 32 and 128 rays of the hemisphere. The sphere is of flat faces: it is smaller by 0.0005.
    ("rays", "most_rms", "most_mean"),
    [(64, 0.06, 0.004), (256, 0.02, 0.002)],
)
def test_the_sky_over_a_plane_below_a_sphere(rays, most_rms, most_mean):
    """The sphere hides r³ / D³ of it, with D the distance of its middle: the form factor of a sphere."""
    for distance in (0.3, 0.6, 1.0, 1.5, 3.0):
        sky, floor, _ = trace_plane(np.tile([[distance, 0.0, 0.0]], (64, 1)), 8, rays)
        expected = 1 - (1 + distance**2) ** -1.5
        assert not floor.any()
        assert np.sqrt(((sky - expected) ** 2).mean()) <= most_rms
        # Of 8 x 8 pixels, which share their points.
        assert abs(sky.mean() - expected) <= most_mean


def test_the_shadow_of_a_sphere_in_the_light_of_a_disc():
    """Against an integral over 20,000 directions of the disc, and a sphere as a formula."""
    x = np.linspace(-1.0, 3.5, 24)
    # Where the shadow falls: away from the light.
    away = -np.array([KEY_ON_STAGE[0], KEY_ON_STAGE[2]]) / np.hypot(KEY_ON_STAGE[0], KEY_ON_STAGE[2])
    points = np.stack([x * away[0], 0 * x, x * away[1]], 1)
    # As many pixels of each place as share their points.
    seen = trace_plane(np.repeat(points, 64, 0), 8, 256)[2].reshape(len(x), 64)
    number = np.arange(20_000)
    along = 1 - (1 - np.cos(KEY_RADIUS_RAD)) * (number + 0.5) / len(number)
    turn, aside = np.pi * (3 - np.sqrt(5)) * number, np.sqrt(1 - along**2)
    key = np.array(KEY_ON_STAGE)
    first = np.cross(key, [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    second = np.cross(key, first)
    ways = (
        along[:, None] * key
        + (aside * np.cos(turn))[:, None] * first
        + (aside * np.sin(turn))[:, None] * second
    )
    to_middle = np.array([0.0, -1.0, 0.0]) - points
    ahead = to_middle @ ways.T
    off2 = (to_middle**2).sum(1)[:, None] - ahead**2
    # Directions count by their cosine with the plane's normal.
    lean = np.maximum(-ways[:, 1], 0)
    expected = 1 - ((ahead > 0) & (off2 < 1)) @ lean / lean.sum()
    # All of it, half of it and none of it.
    assert expected.min() < 1e-6
    assert expected.max() > 1 - 1e-6
    assert ((expected > 0.2) & (expected < 0.8)).sum() >= 3
    np.testing.assert_allclose(seen.mean(1), expected, atol=0.005)
    # A pixel alone has 128 rays of the disc.
    assert np.abs(seen - expected[:, None]).max() < 0.04


@pytest.mark.parametrize("settings", [{}, {"edges": "smooth"}, {"supersample": 2}])
def test_a_convex_body_hides_nothing_of_itself(lit_mode, settings):
    """Not at the border of its shadow either: of 512 faces none is seen."""
    verts, faces = make_sphere(3)
    (picture,) = show_light(verts[None], faces, size_px=(96, 96), rays=64, **settings)
    light = picture.astype(int)
    y, x = np.mgrid[:96, :96] - 47.5
    is_on = np.hypot(x, y) < 0.9 * np.hypot(x, y)[light.any(2)].max()
    # Each rounded to a byte.
    assert np.abs(light[is_on][:, :2].sum(1) - 255).max() <= 1
    assert (light[is_on][:, 2] == 255).all()


def test_where_bodies_reach_into_each_other_is_no_black_line(lit_mode):
    """Places on the smooth surface of one may lie in the other, from which no light is seen."""
    verts, faces = make_sphere(2)
    beside = verts * [1, 1.3, 1] + np.float32([1.75, 0.1, 0.1])
    both = np.concatenate([verts, beside]).astype(np.float32)
    both_faces = np.concatenate([faces, faces + len(verts)])
    (picture,) = show_light(both[None], both_faces, rays=64, size_px=(192, 128))
    # Across both of them and what is between; of 32 rays more than one sees light.
    across = picture[50:78, 20:165, :2].astype(int).sum(2)
    assert across.min() > 2 * 255 / 32
    assert across.max() >= 255


def test_bodies_cast_shadows_on_each_other(lit_mode):
    """A small ball between a large one and the light."""
    verts, faces = make_sphere(3)
    small = 0.3 * verts + 2.0 * np.array(KEY_ON_STAGE, np.float32)
    both = np.concatenate([verts, small])
    alone, shaded = (
        show_light(one[None], faces_of, rays=16)[0]
        for one, faces_of in ((verts, faces), (both, np.concatenate([faces, faces + len(verts)])))
    )
    assert (alone[..., 2] == 255).sum() > 500
    assert ((shaded[..., 2] < 100) & (shaded[..., :2].sum(2) > 0)).sum() > 20


def test_a_body_has_the_same_light_beside_others_and_in_any_chunks(lit_mode, monkeypatch):
    verts, faces = make_sphere(2)
    bodies = np.stack([verts, verts * [1, 1.5, 1], verts * [0.5, 2, 0.7]]).astype(np.float32)
    together = show_light(bodies, faces, rays=16)
    alone = [show_light(body[None], faces, rays=16)[0] for body in bodies]
    for ours, theirs in zip(together, alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    monkeypatch.setattr(staging, "RAYS_CHUNK", {"cpu": 100})
    for ours, theirs in zip(show_light(bodies, faces, rays=16), alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_vertices_that_are_nowhere_cast_no_shadow(lit_mode, bad):
    """And cost no time: rays would go through all boxes that are not finite. Others stay."""
    verts, faces = make_sphere(3)
    small = 0.3 * verts + 2.0 * np.array(KEY_ON_STAGE, np.float32)
    both, all_faces = np.concatenate([verts, small])[None], np.concatenate([faces, faces + len(verts)])
    sheets = build_sheets(make_bodies(both, all_faces), ["camera/lit/black"], size_px=(64, 64))
    fragments = rasterize_sheets(sheets)
    (shaded,) = shade_sheets(sheets, fragments, rays=16)
    # All that rays may meet; where the bodies are drawn is known before.
    sheets.staged.bodies.verts[:, len(verts) :] = bad
    (light,) = shade_sheets(sheets, fragments, rays=16)
    x, y = fragments.pixel.numpy()[(fragments.face < len(faces)).numpy()].T
    before, after = shaded[y, x].astype(int), light[y, x].astype(int)
    assert (before[:, 2] < after[:, 2]).sum() > 20
    # Each rounded to a byte.
    assert (after[:, :2].sum(1) >= 254).all()


def test_a_body_of_nothing_has_light_and_a_mesh(lit_mode):
    verts, faces = make_sphere(2)
    flat = np.concatenate([verts, verts[:1]])[None]
    (picture,) = show_light(flat, np.concatenate([faces, [[len(verts)] * 3]]), rays=16)
    assert (picture[..., :2].astype(int).sum(2) >= 254).sum() > 500
