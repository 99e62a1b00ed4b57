"""Cameras in pixels of their photos, whatever a file gives them in."""

import numpy as np
import pytest

from render.fits.cameras import framed, join_cameras, pinhole, weak_perspective
from render.sheet.photo_cameras import find_cameras, project_to_photo
from render.types.fits import Unit
from tests.helpers.seen_people import make_seen

# Width and height; of two the diagonal is a whole number.
WIDE, TALL, SQUARE = (800, 600), (300, 400), (512, 512)
# What a length of 1 is, and where 0 lies.
UNITS = {
    ("PIXELS", WIDE): (1, (0, 0)),
    ("PIXELS", TALL): (1, (0, 0)),
    ("PIXELS", SQUARE): (1, (0, 0)),
    ("CENTRED", WIDE): (1, (400, 300)),
    ("CENTRED", TALL): (1, (150, 200)),
    ("CENTRED", SQUARE): (1, (256, 256)),
    ("SIDE", WIDE): (800, (400, 300)),
    ("SIDE", TALL): (400, (150, 200)),
    ("SIDE", SQUARE): (512, (256, 256)),
    ("HEIGHT", WIDE): (600, (400, 300)),
    ("HEIGHT", TALL): (400, (150, 200)),
    ("HEIGHT", SQUARE): (512, (256, 256)),
    ("DIAGONAL", WIDE): (1000, (400, 300)),
    ("DIAGONAL", TALL): (500, (150, 200)),
    ("DIAGONAL", SQUARE): (512 * 2**0.5, (256, 256)),
}


def find(cameras, picture_wh=WIDE, first=None):
    first = [0, len(cameras)] if first is None else first
    hw = np.array([picture_wh[::-1]] * (len(first) - 1))
    return find_cameras(make_seen(cameras), np.array(first), hw)


@pytest.mark.parametrize(("unit", "picture_wh"), UNITS)
def test_lengths_and_places_are_in_pixels_of_the_photo(unit, picture_wh):
    length, zero = UNITS[unit, picture_wh]
    weak = weak_perspective([0.25], [[0.125, -0.5]], Unit[unit])
    sharp = pinhole([[1.5, 1.25]], [[-0.25, 0.5]], [[0.5, 1, 4]], unit=Unit[unit], is_metric=True)
    found = find(join_cameras([weak, sharp]), picture_wh)
    assert found.is_pinhole.tolist() == [False, True]
    assert not found.is_framed.any()
    np.testing.assert_array_equal(found.picture_px, [picture_wh, picture_wh])
    np.testing.assert_allclose(found.scale[0], 0.25 * length, rtol=1e-14)
    np.testing.assert_allclose(found.origin[0], np.add(zero, [0.125 * length, -0.5 * length]), rtol=1e-14)
    np.testing.assert_allclose(found.focal[1], [1.5 * length, 1.25 * length], rtol=1e-14)
    np.testing.assert_allclose(found.center[1], np.add(zero, [-0.25 * length, 0.5 * length]), rtol=1e-14)
    # Metres are no unit of the picture.
    assert found.transl_m[1].tolist() == [0.5, 1, 4]
    assert not found.scale[1]
    assert not found.focal[0].any()


def test_each_sheet_has_the_size_of_its_own_photo():
    fits = make_seen(weak_perspective([0.1] * 4, np.zeros((4, 2)), Unit.HEIGHT))
    found = find_cameras(fits, np.array([0, 1, 3, 4]), np.array([[100, 300], [500, 200], [40, 40]]))
    np.testing.assert_allclose(found.scale, [10, 50, 50, 4], rtol=1e-14)
    assert found.origin.tolist() == [[150, 50], [100, 250], [100, 250], [20, 20]]
    assert found.picture_px.tolist() == [[300, 100], [200, 500], [200, 500], [40, 40]]


def test_a_body_without_a_camera_is_none_of_the_two():
    found = find(framed(2))
    assert found.is_framed.all()
    assert not found.is_pinhole.any()
    assert not found.shares_depth.any()


SHARED = {
    "one camera": ({}, True),
    "digits that a file cut off": ({"focal": [500.0, 500.0003]}, True),
    "another focal length": ({"focal": [500.0, 501.0]}, False),
    "another focal length of x": ({"focal": [[500.0, 500.0], [501.0, 500.0]]}, False),
    "another centre": ({"center": [[10.0, 20.0], [10.0, 21.0]]}, False),
    "depths that are not true": ({"is_metric": False}, False),
    "other translations": ({"transl_m": [[0, 0, 3], [1, 1, 9]]}, True),
}


@pytest.mark.parametrize(("given", "is_shared"), SHARED.values(), ids=SHARED)
def test_people_share_depth_where_all_of_a_sheet_have_one_true_camera(given, is_shared):
    whole = {"focal": [500.0] * 2, "center": [10.0, 20.0], "transl_m": [[0, 0, 3]] * 2, "is_metric": True}
    cameras = pinhole(**(whole | given))
    assert find(cameras).shares_depth.tolist() == [is_shared] * 2
    # Apart, each is the only one of its sheet.
    alone = find(cameras, first=[0, 1, 2]).shares_depth
    assert alone.tolist() == [given.get("is_metric", True)] * 2


def test_one_person_of_another_kind_takes_true_depth_from_the_whole_sheet_and_from_no_other():
    def sharp(count, **given):
        given = {"is_metric": True, "unit": Unit.CENTRED} | given
        return pinhole(np.full(count, 500.0), np.zeros(2), np.full((count, 3), 3.0), **given)

    others = [weak_perspective([90], [[5, 5]]), framed(1), sharp(1, is_metric=False)]
    cameras = join_cameras([sharp(2), *(part for other in others for part in (sharp(1), other, sharp(1)))])
    found = find(cameras, first=[0, 2, 5, 8, 11])
    assert found.shares_depth.tolist() == [True] * 2 + [False] * 9


def test_weak_perspective_shares_no_depth_whatever_is_said_of_it():
    cameras = weak_perspective([90.0] * 2, [[5, 5]] * 2)
    cameras.is_metric[:] = True
    assert not find(cameras).shares_depth.any()


def test_a_camera_is_the_same_in_whatever_unit_it_is_given():
    """In the middle of a picture of 800 x 600 px: half of its side is 400 px."""
    cameras = [
        pinhole([400.0], [400.0, 300.0], [[0, 0, 3]], is_metric=True),
        pinhole([400.0], [0.0, 0.0], [[0, 0, 3]], unit=Unit.CENTRED, is_metric=True),
        pinhole([0.5], [0.0, 0.0], [[0, 0, 3]], unit=Unit.SIDE, is_metric=True),
        pinhole([0.4], [0.0, 0.0], [[0, 0, 3]], unit=Unit.DIAGONAL, is_metric=True),
    ]
    assert find(join_cameras(cameras)).shares_depth.all()
    assert not find(join_cameras(cameras), TALL).shares_depth.any()


def test_points_land_on_the_photo_by_the_formulas_of_both_cameras():
    weak = weak_perspective([100.0], [[20.0, 30.0]])
    sharp = pinhole([[500.0, 400.0]], [60.0, 70.0], [[0.5, -0.5, 2.0]], is_metric=True)
    found = find(join_cameras([weak, sharp]))
    points = np.array([[0.25, 0.5, 9.0], [0.0, 0.0, -2.0], [0.5, 0.0, -2.5]])
    assert project_to_photo(found, 0, points).tolist() == [[45, 80], [20, 30], [70, 30]]
    # At a depth of 11 m, in the plane of the eye, and behind it.
    landed = project_to_photo(found, 1, points)
    np.testing.assert_allclose(landed[0], [60 + 500 * 0.75 / 11, 70], rtol=1e-14)
    assert np.isnan(landed[1:]).all()
