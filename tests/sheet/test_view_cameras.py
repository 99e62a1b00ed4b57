"""Where the cameras of views stand, and what they are sure to show."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from render.sheet.view import VIEWS
from render.sheet.view_cameras import FIELD_OF_VIEW_RAD, ViewInputs, around, enclose, over_photo
from render.types.placements import Cameras

ANGLE = st.floats(-360, 360)
SIDE = st.integers(16, 2000)
TAN = math.tan(FIELD_OF_VIEW_RAD / 2)


def make_inputs(**fields: object) -> ViewInputs:
    """One placement at the origin of the photo, seen from the front, with the fields that are given."""
    whole = {
        "scale_px": 1.0,
        "origin_px": (0.0, 0.0, 0.0),
        "eye_px": (0.0, 0.0, 0.0),
        "focal_px": (0.0, 0.0),
        "principal_px": (0.0, 0.0),
        "depth_shift_px": 0.0,
        "center_px": (0.0, 0.0, 0.0),
        "extent_px": 200.0,
        "radius_px": 100.0,
        "size_px": (80.0, 60.0),
        "zoom": 1.0,
        "offset_px": (0.0, 0.0),
        "azimuth_rad": 0.0,
        "elevation_rad": 0.0,
        "perspective": 1.0,
        "upright": np.eye(3),
        "magnify": 1.0,
    }
    return ViewInputs(
        **{name: torch.tensor(np.array([value])).double() for name, value in (whole | fields).items()}
    )


def project(cameras: Cameras, points_m: np.ndarray) -> np.ndarray:
    """x, y and depth on the panel of points of the one body, by the formula of `Cameras`."""
    matrix, translation, center = (
        getattr(cameras, name)[0].double().numpy() for name in ("matrix", "translation", "center_px")
    )
    q = points_m @ matrix.T + translation
    if float(cameras.focal_px[0]):
        assert (q[:, 2] > 0).all(), "a point behind the eye"
        q[:, :2] = center + float(cameras.focal_px[0]) * q[:, :2] / q[:, 2:]
    return q


def find_eye(azimuth_deg: float, elevation_deg: float) -> np.ndarray:
    """Towards the eye, with y down: azimuth turns it from the front to the left, elevation lifts it."""
    azimuth, elevation = np.radians([azimuth_deg, elevation_deg])
    flat = np.cos(elevation)
    return -np.array([np.sin(azimuth) * flat, np.sin(elevation), np.cos(azimuth) * flat])


def points_on_sphere(count: int = 4000) -> np.ndarray:
    """Unit vectors, evenly on a spiral."""
    i = np.arange(count) + 0.5
    z, turn = 1 - 2 * i / count, np.pi * (1 + 5**0.5) * i
    return np.column_stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z])


SPHERE = points_on_sphere()


@pytest.mark.parametrize("is_flat", [False, True])
@pytest.mark.parametrize("view", ["top", "orbit"])
@given(
    azimuth=ANGLE,
    elevation=ANGLE,
    width=SIDE,
    height=SIDE,
    radius=st.floats(1, 3000),
    center=st.tuples(*[st.floats(-2000, 2000)] * 3),
)
@settings(deadline=None, max_examples=25)
def test_views_around_bodies_show_the_whole_sphere_with_a_margin(
    view, is_flat, azimuth, elevation, width, height, radius, center
):
    """At any angle, in any shape of panel, and not much smaller than it may be."""
    inputs = make_inputs(
        center_px=center,
        radius_px=radius,
        size_px=(width, height),
        azimuth_rad=math.radians(azimuth),
        elevation_rad=math.radians(elevation),
        perspective=0.0 if is_flat else 1.0,
    )
    placed = project(VIEWS.load(view).load_frame()(inputs), np.array(center) + radius * SPHERE)
    # Of half the panel, from its middle to its nearest edge.
    share = np.abs(placed[:, :2] - [width / 2, height / 2]) / [width / 2, height / 2]
    assert share.max() <= 0.985
    # An eye that is as near as it can be sees less than half of the sphere, and a flat view shows it smaller.
    half_view = math.atan(TAN * min(width / height, 1))
    assert share.max() >= 0.94 * (math.cos(half_view) if is_flat else 1)


def test_a_sphere_at_the_margin_touches_what_is_left_of_it():
    """A sphere of radius R is seen from D under the angle asin(R / D), and D has 3 % to spare."""
    placed = project(enclose(make_inputs()), 100.0 * points_on_sphere(100_000))
    seen = math.tan(math.asin(math.sin(FIELD_OF_VIEW_RAD / 2) / 1.03)) / TAN
    assert np.abs(placed[:, 1] / 30 - 1).max() == pytest.approx(seen, abs=1e-4)


@given(azimuth=ANGLE, elevation=ANGLE)
@settings(deadline=None, max_examples=30)
def test_the_eye_stands_where_azimuth_and_elevation_have_it(azimuth, elevation):
    """From the front at 0, 0; from the picture's left at 90; from above at an elevation of 90."""
    angles = {"azimuth_rad": math.radians(azimuth), "elevation_rad": math.radians(elevation)}
    cameras = around(make_inputs(origin_px=(9.0, 8.0, 7.0), center_px=(9.0, 8.0, 7.0), **angles))
    rotation, translation = (a[0].double().numpy() for a in (cameras.rotation, cameras.translation))
    # 1.2 times the extent away, and turned without a mirror.
    np.testing.assert_allclose(-rotation.T @ translation, 240 * find_eye(azimuth, elevation), atol=1e-3)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(rotation) > 0
    # Upright: the vertical of the photo stays that of the picture, and is not turned to a side.
    assert rotation[0, 1] == 0


@pytest.mark.parametrize(("extent", "distance"), [(500.0, 600.0), (100.0, 120.0), (3.0, 120.0)])
def test_the_original_viewer_s_frame_stands_off_by_the_extent_but_never_too_near(extent, distance):
    cameras = around(make_inputs(extent_px=extent))
    assert cameras.translation[0].tolist() == [0.0, 0.0, distance]
    # 65 degrees from top to bottom, whatever the width.
    assert float(cameras.focal_px[0]) == pytest.approx(30 / math.tan(math.radians(32.5)))


@pytest.mark.parametrize("frame", [around, enclose])
@given(scale=st.floats(0.5, 500), azimuth=ANGLE, elevation=ANGLE, radius=st.floats(50, 2000))
@settings(deadline=None, max_examples=25)
def test_the_middle_of_the_bodies_is_in_the_middle_and_as_large_with_perspective_as_without(
    frame, scale, azimuth, elevation, radius
):
    given_to_both = {
        "scale_px": scale,
        "origin_px": (300.0, 200.0, 40.0),
        "center_px": (320.0, 100.0, 50.0),
        "radius_px": radius,
        "azimuth_rad": math.radians(azimuth),
        "elevation_rad": math.radians(elevation),
    }
    deep, flat = (frame(make_inputs(**given_to_both, perspective=kind)) for kind in (1.0, 0.0))
    middle_m = np.array([[20.0, -100.0, 10.0]]) / scale
    # A step to the right and one down on the picture, small enough that perspective does not bend it.
    steps_m = middle_m + 0.01 / scale * deep.rotation[0].double().numpy()[:2]
    for cameras in (deep, flat):
        np.testing.assert_allclose(project(cameras, middle_m)[:, :2], [[40, 30]], atol=1e-2)
    ends = [project(cameras, steps_m)[:, :2] - project(cameras, middle_m)[:, :2] for cameras in (deep, flat)]
    shrink = float(deep.focal_px[0]) / project(deep, middle_m)[0, 2]
    np.testing.assert_allclose(
        flat.matrix[0], shrink * deep.matrix[0].double().numpy(), rtol=1e-4, atol=1e-6 * scale * shrink
    )
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-3 * shrink)
    assert flat.focal_px[0] == 0


def test_depth_without_perspective_grows_away_from_the_viewer_in_the_panel_s_pixels():
    flat = enclose(make_inputs(perspective=0.0))
    ahead, behind = project(flat, np.array([[0.0, 0, -10], [0, 0, 10]]))
    right = project(flat, np.array([[20.0, 0, 0]]))[0]
    assert behind[2] - ahead[2] == pytest.approx(right[0] - 40, rel=1e-5)


def test_over_the_photo_a_body_lies_where_the_fit_has_it():
    """zoom * (scale * point + origin) + offset, and its depth without an offset: exact."""
    inputs = make_inputs(
        scale_px=4.0,
        origin_px=(10.0, 20.0, 30.0),
        zoom=1.5,
        offset_px=(-6.0, 7.0),
        # None of these is for the photo.
        azimuth_rad=1.0,
        elevation_rad=1.0,
        center_px=(5.0, 5.0, 5.0),
    )
    cameras = over_photo(inputs)
    placed = project(cameras, np.array([[0.5, -1.0, 2.0]]))
    assert placed.tolist() == [[1.5 * 12 - 6, 1.5 * 16 + 7, 1.5 * 38]]
    assert cameras.rotation[0].tolist() == np.eye(3).tolist()
    assert cameras.focal_px.tolist() == [0]


@pytest.mark.parametrize("frame", [over_photo, around, enclose])
def test_bodies_are_closed_so_faces_turned_away_are_dropped(frame):
    cameras = frame(make_inputs())
    assert cameras.cull.tolist() == [1]
    assert all(getattr(cameras, name).dtype == torch.float32 for name in Cameras.SHAPES if name != "cull")


def test_a_body_far_off_in_its_photo_loses_no_precision():
    """Differences are taken in float64: here float32 would be off by a thirtieth of a pixel."""
    near = enclose(make_inputs(origin_px=(1.125, 0.0, 0.0), center_px=(1.0, 0.0, 0.0)))
    far = enclose(make_inputs(origin_px=(999_999.125, 0.0, 0.0), center_px=(999_999.0, 0.0, 0.0)))
    assert torch.equal(near.translation, far.translation)
    assert near.translation[0, 0] == 0.125
