"""The square crops of fits and what they hold, by EFT's formulas."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.sheet.crops import find_sheet_crops
from render.types.fits import Fits
from tests.helpers.fit_tables import make_table

PLACE = st.floats(-3000, 3000)
SCALE = st.floats(0.001, 20)
BOX = st.tuples(PLACE, PLACE, st.floats(0.01, 900))


def make_boxes(*boxes: tuple[float, float, float], cam: tuple[float, float, float] = (1, 0, 0)) -> Fits:
    """Fits with boxes of these middles (x, y) and sides, in px."""
    x, y, side = np.array(boxes, float).T
    return make_table(
        len(boxes),
        bbox_center_px=np.column_stack([x, y]),
        bbox_scale=side / 200,
        cam=np.tile(np.array(cam, float), (len(boxes), 1)),
    )


@pytest.mark.parametrize(
    ("box", "corner", "side"),
    [
        ((100, 80, 40), (80, 60), 40),
        # -9.5 to 10.5 becomes -9 to 10, which is a pixel less, and across zero both ends move towards it.
        ((0.5, 0.5, 20), (-9, -9), 19),
        # The height serves both axes: x would have 10, y has 11.
        ((100, 100.5, 11), (94, 95), 11),
        ((100.5, 100, 11), (95, 94), 11),
        ((-50.75, 40.25, 10.5), (-56, 35), 10),
        ((5, 5, 0.5), (4, 4), 1),
        ((5.5, 5.5, 0.5), (5, 5), 0),
    ],
)
def test_corners_are_cut_towards_zero_to_whole_pixels(box, corner, side):
    assert make_boxes(box).box_px.tolist() == [[*corner, side]]


def test_the_camera_spans_the_crop_from_minus_one_to_one():
    """Its middle is the crop's where nothing shifts it; s X + t, not s (X + t)."""
    fits = make_boxes((110, 90, 40))
    assert (fits.scale.tolist(), fits.origin.tolist()) == ([20.0], [[110.0, 90.0]])
    fits = make_boxes((110, 90, 40), cam=(0.5, 1, -0.25))
    assert (fits.scale.tolist(), fits.origin.tolist()) == ([10.0], [[130.0, 85.0]])


@given(x=PLACE, y=PLACE, side=st.floats(2, 2000), cam=st.tuples(SCALE, st.floats(-2, 2), st.floats(-2, 2)))
@settings(deadline=None, max_examples=60)
def test_a_body_s_points_land_where_the_camera_has_them(x, y, side, cam):
    fits = make_boxes((x, y, side), cam=cam)
    corner, side_px = fits.box_px[0, :2], fits.box_px[0, 2]
    (scale,), (origin,) = fits.scale, fits.origin
    point = np.array([0.25, -1.75])
    in_crop = cam[0] * point + cam[1:]
    expected = corner + (in_crop + 1) / 2 * side_px
    np.testing.assert_allclose(origin + scale * point, expected, rtol=1e-9, atol=1e-6)


@given(x=PLACE, y=PLACE, side=st.floats(3, 2000))
@settings(deadline=None, max_examples=60)
def test_one_person_s_sheet_shows_their_own_crop(x, y, side):
    fits = make_boxes((x, y, side))
    (corner,), (side_px,) = find_sheet_crops(fits.box_px, np.array([0, 1]), np.array([[480, 640]]))
    np.testing.assert_array_equal([*corner, side_px], fits.box_px[0])


@given(st.lists(st.lists(BOX, min_size=1, max_size=3), min_size=1, max_size=3))
@settings(deadline=None, max_examples=60)
def test_a_sheet_s_crop_is_the_smallest_square_around_all_in_their_middle(groups):
    """Of a pixel at least, so that there is something to magnify."""
    first = np.cumsum([0, *map(len, groups)])
    fits = make_boxes(*(box for group in groups for box in group))
    corner, side = fits.box_px[:, :2], fits.box_px[:, 2]
    square_corner, square_side = find_sheet_crops(
        fits.box_px, first, np.array([[480, 640]] * (len(first) - 1))
    )
    assert square_corner.shape == (len(groups), 2)
    for i, (begin, end) in enumerate(pairwise(first)):
        low = corner[begin:end].min(0)
        high = (corner[begin:end] + side[begin:end, None]).max(0)
        assert square_side[i] == max((high - low).max(), 1)
        np.testing.assert_allclose(square_corner[i] + square_side[i] / 2, (low + high) / 2)


def test_the_crop_of_nobody_is_around_the_whole_photo():
    first, picture_hw = np.array([0, 0, 1, 1]), np.array([[480, 640], [480, 640], [640, 480]])
    corner, side_px = find_sheet_crops(np.array([[10.0, 20.0, 30.0]]), first, picture_hw)
    assert corner.tolist() == [[0, -80], [10, 20], [-80, 0]]
    assert side_px.tolist() == [640, 30, 640]
