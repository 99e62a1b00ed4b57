"""Cameras: what files say of theirs and the two that there are put points in the same places."""

import numpy as np
import pytest

from render.fits.cameras import (
    crop_to_full,
    join_cameras,
    pinhole,
    weak_in_box,
    weak_in_picture,
    weak_perspective,
)
from render.types.fits import Unit
from tests.helpers.fit_files import project

# Of coordinates of some thousand pixels, of which a double holds sixteen digits.
ROUNDING_PX = 1e-9
WIDTH, HEIGHT = 1920.0, 1080.0
SIDE = max(WIDTH, HEIGHT)
PICTURE_CENTER = np.array([WIDTH, HEIGHT]) / 2


@pytest.fixture(scope="module")
def crops():
    """Five people in crops of a photo: s, tx, ty, the box and points of their bodies."""
    rng = np.random.default_rng(3)
    cam = np.column_stack([rng.uniform(0.5, 1.2, 5), rng.uniform(-0.4, 0.4, (5, 2))])
    center, side = rng.uniform(100, 1000, (5, 2)), rng.uniform(80, 700, 5)
    return cam, center, side, rng.uniform(-0.9, 0.9, (5, 30, 3))


def project_in_crop(crops):
    """What SPIN's networks are trained with: s (X + t), -1 to 1 over the crop."""
    cam, center, side, points = crops
    in_crop = cam[:, None, :1] * (points[..., :2] + cam[:, None, 1:])
    return center[:, None] + side[:, None, None] / 2 * in_crop


def test_a_crop_that_adds_before_scaling(crops):
    cam, center, side, points = crops
    found = project(weak_in_box(cam, center, side, adds_before_scaling=True), points)
    np.testing.assert_allclose(found, project_in_crop(crops), rtol=0, atol=ROUNDING_PX)


def test_a_crop_that_scales_before_adding_has_another_translation(crops):
    """EFT's t is s times SPIN's for the same picture; with the other rule people are elsewhere."""
    cam, center, side, points = crops
    of_eft = np.column_stack([cam[:, 0], cam[:, :1] * cam[:, 1:]])
    found = project(weak_in_box(of_eft, center, side, adds_before_scaling=False), points)
    np.testing.assert_allclose(found, project_in_crop(crops), rtol=0, atol=ROUNDING_PX)
    wrong = project(weak_in_box(of_eft, center, side, adds_before_scaling=True), points)
    assert np.abs(wrong - found).max() > 10


def test_a_crop_and_the_pinhole_of_the_full_picture_agree_at_the_depth_of_the_body(crops):
    cam, center, side, points = crops
    points = points * [1, 1, 0]
    focal = np.full(5, np.hypot(WIDTH, HEIGHT))
    transl = crop_to_full(cam, center, side, np.tile([WIDTH, HEIGHT], (5, 1)), focal)
    found = project(pinhole(focal, PICTURE_CENTER, transl, is_metric=True), points)
    np.testing.assert_allclose(found, project_in_crop(crops), rtol=0, atol=ROUNDING_PX)
    np.testing.assert_allclose(transl[:, 2], 2 * focal / (cam[:, 0] * side), rtol=1e-14)


def test_vibes_camera_of_the_picture_is_that_of_the_crop(crops):
    """x = W / 2 (1 + sx (X + tx)), y = H / 2 (1 + sy (Y + ty)), as VIBE converts and draws it."""
    cam, (cx, cy), side, points = crops[0], crops[1].T, crops[2], crops[3]
    sx, sy = cam[:, 0] * side / WIDTH, cam[:, 0] * side / HEIGHT
    tx = (cx - WIDTH / 2) / (WIDTH / 2) / sx + cam[:, 1]
    ty = (cy - HEIGHT / 2) / (HEIGHT / 2) / sy + cam[:, 2]
    x = WIDTH / 2 * (1 + sx[:, None] * (points[..., 0] + tx[:, None]))
    y = HEIGHT / 2 * (1 + sy[:, None] * (points[..., 1] + ty[:, None]))
    found = project(weak_in_box(cam, crops[1], side, adds_before_scaling=True), points)
    np.testing.assert_allclose(found, np.stack([x, y], -1), rtol=0, atol=ROUNDING_PX)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (700, 700)])
def test_vibes_camera_of_the_picture_needs_no_size(crops, width, height):
    cam, (cx, cy), side, points = crops[0], crops[1].T, crops[2], crops[3]
    sx, sy = cam[:, 0] * side / width, cam[:, 0] * side / height
    tx = (cx - width / 2) / (width / 2) / sx + cam[:, 1]
    ty = (cy - height / 2) / (height / 2) / sy + cam[:, 2]
    cameras = weak_in_picture(np.column_stack([sx, sy, tx, ty]))
    assert (cameras.unit == Unit.SIDE).all()
    found = project(cameras, points, (width, height))
    np.testing.assert_allclose(found, project_in_crop(crops), rtol=0, atol=ROUNDING_PX)


def test_phalps_translation_is_that_of_4d_humans(crops):
    """PHALP scales the photo, padded to a square, to 256 px, where its focal length is 5000 px."""
    cam, center, side, points = crops
    ratio = 256 / SIDE
    padding = (SIDE - np.array([WIDTH, HEIGHT])) / 2
    depth = 2 * 5000 / (cam[:, 0] * side * ratio)
    shift = cam[:, 1:] + ((center + padding) * ratio - 128) * depth[:, None] / 5000
    of_phalp = np.column_stack([shift, depth])
    focal = np.full(5, 5000 / 256 * SIDE)
    of_hmr2 = crop_to_full(cam, center, side, np.tile([WIDTH, HEIGHT], (5, 1)), focal)
    np.testing.assert_allclose(of_phalp, of_hmr2, rtol=1e-12, atol=1e-12)
    relative = pinhole(np.full(5, 5000 / 256), np.zeros(2), of_phalp, unit=Unit.SIDE, is_metric=True)
    absolute = pinhole(focal, PICTURE_CENTER, of_hmr2, is_metric=True)
    np.testing.assert_allclose(project(relative, points), project(absolute, points), rtol=0, atol=ROUNDING_PX)


def test_romps_camera_is_of_the_picture_padded_to_a_square(crops):
    """x = (s X + tx + 1) S / 2 - (S - W) / 2, which needs no size but that of the longer side."""
    cam, _, _, points = crops
    expected = (cam[:, None, :1] * points[..., :2] + cam[:, None, 1:] + 1) * SIDE / 2
    expected = expected - (SIDE - np.array([WIDTH, HEIGHT])) / 2
    cameras = weak_in_box(cam, np.zeros((5, 2)), np.ones(5), Unit.SIDE, adds_before_scaling=False)
    np.testing.assert_allclose(project(cameras, points), expected, rtol=0, atol=ROUNDING_PX)


def test_bevs_pinhole_has_60_degrees_over_the_padded_square(crops):
    transl = np.column_stack([crops[0][:, 1:], np.linspace(3, 9, 5)])
    points = crops[3]
    focal = 1 / (2 * np.tan(np.radians(30)))
    cameras = pinhole(np.full(5, focal), np.zeros(2), transl, unit=Unit.SIDE, is_metric=True)
    moved = points + transl[:, None]
    # In the square of 512 px that the network sees, and back.
    in_square = 512 * focal * moved[..., :2] / moved[..., 2:] + 256
    expected = in_square * SIDE / 512 - (SIDE - np.array([WIDTH, HEIGHT])) / 2
    np.testing.assert_allclose(project(cameras, points), expected, rtol=0, atol=ROUNDING_PX)
    # The edges of the square are 30 degrees from its centre, whatever the depth.
    at_the_edge = np.array([[[np.tan(np.radians(30)) * 4, 0, 4.0]]])
    edge = project(
        pinhole([focal], np.zeros(2), np.zeros((1, 3)), unit=Unit.SIDE, is_metric=True), at_the_edge
    )
    np.testing.assert_allclose(edge, [[[WIDTH, HEIGHT / 2]]], rtol=0, atol=ROUNDING_PX)


def test_a_pinhole_with_two_focal_lengths_and_a_rotation(crops):
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    cameras = pinhole([[900, 1100]], [[400, 300]], [[0, 0, 4]], turn[None], is_metric=False)
    found = project(cameras, np.array([[[0.2, 0.1, 0.0]]]))
    np.testing.assert_allclose(found, [[[400 + 900 * -0.1 / 4, 300 + 1100 * 0.2 / 4]]], rtol=1e-14)
    assert not cameras.is_metric.any()


def test_one_number_is_both_focal_lengths_and_one_center_is_that_of_all(crops):
    cameras = pinhole([500, 600], [1, 2], np.ones((2, 3)), is_metric=True)
    assert cameras.focal.tolist() == [[500, 500], [600, 600]]
    assert cameras.center.tolist() == [[1, 2], [1, 2]]


def test_cameras_are_joined_in_order(crops):
    weak = weak_perspective([2.0], [[3.0, 4.0]], Unit.CENTRED)
    sharp = pinhole([5.0], [6.0, 7.0], [[8.0, 9.0, 10.0]], is_metric=True)
    joined = join_cameras([weak, sharp])
    assert len(joined) == 2
    assert joined.unit.tolist() == [Unit.CENTRED, Unit.PIXELS]
    assert joined.scale.tolist() == [2, 0]
    assert joined.focal.tolist() == [[0, 0], [5, 5]]
    assert joined.transl_m.tolist() == [[0, 0, 0], [8, 9, 10]]
