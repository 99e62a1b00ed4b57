"""Regions of views: what must be shown is, at the shape that all pictures have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.run.figures.regions import MARGIN, Region, choose_aspect, cut_square, enclose, widen

NUMBERS = st.floats(-500, 1500)
SIZES = st.floats(4, 2000)
REGIONS = st.builds(Region, NUMBERS, NUMBERS, SIZES, SIZES)


def test_a_region_leaves_a_margin_and_keeps_to_the_photo():
    region = enclose([100, 200], [200, 500])
    assert region == pytest.approx(
        (100 - 300 * MARGIN, 200 - 300 * MARGIN, 100 + 600 * MARGIN, 300 + 600 * MARGIN)
    )
    assert enclose([-50, 200], [200, 500], within=(640, 480)) == pytest.approx((0, 176, 224, 304))
    # Whoever is beside his photo is shown there.
    assert enclose([700, 10], [800, 110], within=(640, 480)).left == pytest.approx(692)


@given(REGIONS, st.floats(0.2, 5))
def test_a_wider_region_has_all_of_it(region, aspect):
    wide = widen(region, aspect)
    assert wide.aspect == pytest.approx(aspect)
    assert min(wide.width / region.width, wide.height / region.height) == pytest.approx(1)
    assert wide.left <= region.left + 1e-6
    assert wide.top <= region.top + 1e-6
    assert wide.left + wide.width >= region.left + region.width - 1e-6


@given(st.floats(0, 600), st.floats(0, 440), st.floats(0.3, 3))
def test_a_region_is_moved_into_its_photo_where_it_fits(left, top, aspect):
    wide = widen(Region(left, top, 40, 40), aspect, within=(640, 480))
    assert 0 <= wide.left <= 640 - wide.width + 1e-6
    assert 0 <= wide.top <= 480 - wide.height + 1e-6


def test_pictures_have_a_shape_that_each_photo_has_room_for():
    narrow = Region(0, 0, 100, 200), (640.0, 480.0)
    assert choose_aspect([(Region(0, 0, 90, 90), None)] * 2) == pytest.approx(1)
    assert choose_aspect([(Region(0, 0, 1, 100), None)]) == pytest.approx(0.66)
    # All of a wide photo: anything narrower would be higher than the photo is.
    assert choose_aspect([narrow, (Region(0, 0, 640, 300), (640.0, 480.0))]) == pytest.approx(4 / 3)


@given(REGIONS, st.floats(0, 1), st.floats(0, 1), st.floats(0.02, 0.6))
def test_a_square_part_lies_within(region, x, y, size):
    left, top, width, height = cut_square(region, (x, y), size)
    assert width * region.width == pytest.approx(height * region.height)
    assert width * region.width == pytest.approx(size * min(region.width, region.height))
    low, high = np.array([left, top]), np.array([left + width, top + height])
    assert (low >= -1e-9).all()
    assert (high <= 1 + 1e-9).all()
    # About the point, but for what the border takes.
    assert left - 1e-9 <= x <= left + width + 1e-9
