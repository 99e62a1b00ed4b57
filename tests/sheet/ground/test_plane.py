"""The plane of the ground: where pixels see it, where its lines lie, and what it leaves alone."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.sheet.ground.homographies import find_homographies
from render.sheet.ground.plane import LINE_WIDTH_M
from tests.helpers.grounds import lay_nobody, look_along, look_down, make_cameras

FLOOR = np.round(255 * np.array([0.945, 0.950, 0.957]))
LINE = 255 * np.array([0.800, 0.815, 0.835])


@pytest.mark.parametrize("focal_px", [0.0, 700.0])
@pytest.mark.parametrize("unit", [1.0, 130.0])
def test_pixels_see_the_places_that_land_on_them(focal_px, unit):
    rng = np.random.default_rng(4)
    turn = Rotation.from_euler("yx", [30, 25], degrees=True).as_matrix()
    scale = 1.0 if focal_px else 90.0 / unit
    shift = np.array([0.2, 0.5, 6.0]) * (unit if focal_px else 90.0)
    cameras = make_cameras(torch.from_numpy(scale * turn), torch.from_numpy(shift), focal_px, (320.0, 240.0))
    ground, origin = 0.9, np.array([2.0, -3.0])
    found = find_homographies(
        cameras,
        torch.tensor([ground * unit], dtype=torch.float64),
        torch.tensor([unit], dtype=torch.float64),
        torch.from_numpy(origin)[None],
    )[0].numpy()
    places = np.column_stack([rng.uniform(-2, 2, 50), np.full(50, ground), rng.uniform(-2, 2, 50)])
    q = scale * unit * places @ turn.T + shift
    pixels = q[:, :2] if not focal_px else 320 * np.array([1, 0.75]) + focal_px * q[:, :2] / q[:, 2:]
    u, v, w = found @ np.column_stack([pixels, np.ones(50)]).T
    assert (w > 0).all()
    # In 32 bits, a hundredth of a millimetre at some metres.
    np.testing.assert_allclose(np.column_stack([u / w, v / w]) + origin, places[:, [0, 2]], atol=1e-4)


def test_lines_cover_the_pixels_that_they_cross():
    """From above, a line a metre: each pixel is as dark as the share of it that the line covers."""
    size, px_per_m = (330, 50), 150.0
    picture = lay_nobody(look_down(px_per_m, size), size)
    # Between two lines of the other direction, half a metre off the middle.
    row = picture[25 - 37].astype(float)
    edge = np.arange(size[0] + 1)
    for metre in (-1, 0, 1):
        middle, half = size[0] / 2 + metre * px_per_m, LINE_WIDTH_M * px_per_m / 2
        share = np.clip(np.minimum(edge[1:], middle + half) - np.maximum(edge[:-1], middle - half), 0, 1)
        near = np.abs(edge[:-1] - middle) < 4
        expected = FLOOR + share[near, None] * (LINE - FLOOR)
        # A finer line lies below, and shows where the heavy one covers a part of a pixel.
        np.testing.assert_allclose(row[near], expected, atol=5)
        assert row[near].min(0) == pytest.approx(expected.min(0), abs=1.5)


def test_lines_lie_where_perspective_has_them():
    """Seen along the ground from 1.5 m above it: what is z off lies focal * 1.5 / z below the horizon."""
    size, eye, focal, horizon = (64, 400), 1.5, 300.0, 100.0
    picture = lay_nobody(look_along(eye, focal, (13.5, horizon)), size).astype(int)
    # Where lines along the view are far away.
    column = picture[:, 60, 0]
    for z in (2, 3, 4):
        at = horizon + focal * eye / z
        near = slice(int(at) - 4, int(at) + 5)
        assert abs(np.argmin(column[near]) + near.start + 0.5 - at) <= 1
    assert (picture[:100] == 255).all()


def test_far_lines_fade_before_they_shimmer():
    """Close to the horizon of a plane that never ends, there is only the floor."""
    size = (200, 120)
    picture = lay_nobody(look_along(1.5, 150.0, (100.0, 20.0)), size)
    assert (picture[20:22] == FLOOR).all()
    assert (np.ptp(picture[60:].astype(int), axis=(0, 1)) > 15).all()


def test_the_plane_ends_softly_where_nothing_is_to_be_seen():
    size = (400, 40)
    picture = lay_nobody(look_down(20.0, size), size, radius=2.0).astype(int)
    assert (picture[:, :18] == 255).all()
    between = picture[15, 20:160, 0]
    assert between.max() == 255
    # Between lines it grows no darker by a step that can be seen.
    assert np.abs(np.diff(np.sort(np.unique(between)))[-8:]).max() <= 2


def test_from_below_and_without_a_ground_the_page_stays():
    size = (60, 40)
    below = look_along(-1.0, 50.0, (30.0, 20.0))
    assert (lay_nobody(below, size) == 255).all()
    above = look_down(20.0, size)
    assert (lay_nobody(above, size) < 255).any()
    for lost in ({"ground": np.nan}, {"unit": np.nan}, {"background": "white"}):
        assert (lay_nobody(above, size, **lost) == 255).all()


def test_alpha_stays_and_colours_are_those_without_it():
    size = (60, 40)
    opaque = lay_nobody(look_down(20.0, size), size)
    clear = lay_nobody(look_down(20.0, size), size, page=(255, 255, 255, 77))
    np.testing.assert_array_equal(clear[:, :, :3], opaque)
    assert (clear[:, :, 3] == 77).all()


def test_the_plane_darkens_any_page_in_proportion():
    size = (60, 40)
    white, dark = (lay_nobody(look_down(20.0, size), size, page=(grey,) * 3) for grey in (255, 51))
    # Each is rounded.
    np.testing.assert_allclose(dark, white / 5, atol=0.7)
