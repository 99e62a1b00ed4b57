"""Each mistake by itself: what undoes it puts points where they are in truth."""

import numpy as np
import pytest

from render.sanity import undo
from render.sanity.alternatives import ALTERNATIVES
from render.sanity.placed import Placed, find_bounds, project

COUNT, POINTS = 5, 9
# Of coordinates up to some thousand pixels, of which a double holds sixteen digits.
ROUNDING_PX = 1e-6
WIDTH_HEIGHT = np.array([1280.0, 720.0])


def make(is_pinhole: bool, **given) -> Placed:
    rng = np.random.default_rng(3)
    numbers = {
        "points_m": rng.uniform(-0.9, 0.9, (COUNT, POINTS, 3)),
        "root_m": np.zeros((COUNT, 3)),
        "is_pinhole": np.full(COUNT, is_pinhole),
        "scale": np.zeros(COUNT) if is_pinhole else rng.uniform(80, 200, COUNT),
        "origin": np.zeros((COUNT, 2)) if is_pinhole else rng.uniform(100, 600, (COUNT, 2)),
        "focal": np.tile([1000.0, 1100.0], (COUNT, 1)) * is_pinhole,
        "center": np.tile([640.0, 360.0], (COUNT, 1)) * is_pinhole,
        "transl_m": rng.uniform([-2, -1, 4], [2, 1, 9], (COUNT, 3)) * is_pinhole,
        "frame_px": np.column_stack([rng.uniform(0, 500, (COUNT, 2)), rng.uniform(100, 400, COUNT)]),
        "box_px": np.zeros(0),
        "picture_px": np.tile(WIDTH_HEIGHT, (COUNT, 1)),
    }
    numbers["box_px"] = numbers["frame_px"]
    return Placed(**(numbers | given))


def assert_same(placed: Placed, points_px: np.ndarray) -> None:
    np.testing.assert_allclose(project(placed), points_px, atol=ROUNDING_PX)


@pytest.mark.parametrize("signs", [(1, -1, -1), (-1, -1, 1)])
def test_axes(signs):
    signs = np.array(signs, float)
    truth = make(True)
    points_px = project(truth)
    root_m = np.random.default_rng(1).normal(0, 0.3, (COUNT, 3))
    turned = root_m[:, None] + signs * (truth.points_m - root_m[:, None])
    assert_same(undo.turn_points(truth._replace(points_m=turned, root_m=root_m), signs), points_px)
    frame = truth._replace(points_m=signs * truth.points_m, transl_m=signs * truth.transl_m)
    assert_same(undo.turn_frame(frame, signs), points_px)


@pytest.mark.parametrize("factor", [100.0, 1000.0])
def test_units(factor):
    truth = make(True)
    points_px = project(truth)
    assert_same(undo.shrink_points(truth._replace(points_m=factor * truth.points_m), factor), points_px)
    assert_same(undo.shrink_transl(truth._replace(transl_m=factor * truth.transl_m), factor), points_px)


def test_weak_perspective_in_a_box():
    """Of the formulas s (X + t) and s X + t, from -1 to 1 over the box."""
    rng = np.random.default_rng(2)
    cam, base = rng.uniform(0.4, 0.8, (COUNT, 3)), make(False)
    left_top, half = base.box_px[:, :2], base.box_px[:, 2:] / 2
    points = base.points_m[..., :2]
    scaled = cam[:, None, :1] * points + cam[:, None, 1:]
    added = cam[:, None, :1] * (points + cam[:, None, 1:])
    in_photo = [left_top[:, None] + half[:, None] * (1 + inside) for inside in (scaled, added)]
    read_scaled = base._replace(scale=(half * cam[:, :1])[:, 0], origin=left_top + half * (1 + cam[:, 1:]))
    assert_same(read_scaled, in_photo[0])
    assert_same(undo.add_before_scaling(read_scaled), in_photo[1])
    read_added = read_scaled._replace(origin=left_top + half * (1 + cam[:, :1] * cam[:, 1:]))
    assert_same(undo.add_after_scaling(read_added), in_photo[0])
    swapped = read_scaled._replace(origin=left_top + half * (1 + cam[:, [2, 1]]))
    assert_same(undo.swap_shift(swapped), in_photo[0])
    # A network of 224 px sees 0 to 224 where the box is.
    crop = base._replace(scale=112 * cam[:, 0], origin=112 * (1 + cam[:, 1:]))
    assert_same(undo.leave_crop(crop, 224.0), in_photo[0])


def test_pinholes_have_no_scale():
    for undone in (undo.add_before_scaling(make(True)), undo.add_after_scaling(make(True))):
        assert np.isnan(project(undone)).all()


def test_pinholes_of_crops():
    """The crop's picture, and where its square lies in the photo."""
    truth = make(True, focal=np.full((COUNT, 2), 5000.0), center=np.full((COUNT, 2), 128.0))
    truth = truth._replace(transl_m=truth.transl_m * [0.1, 0.1, 8])
    in_crop = project(truth)
    in_photo = truth.box_px[:, None, :2] + truth.box_px[:, None, 2:] / 256 * in_crop
    assert_same(undo.leave_crop(truth, 256.0), in_photo)
    # The focal length of the whole photo: 5000 px for each 256 px of its longer side.
    scaled = truth._replace(focal=truth.focal / 256 * 1280, center=np.tile(WIDTH_HEIGHT / 2, (COUNT, 1)))
    assert_same(undo.leave_scaled_crop(scaled), in_photo)


def test_exchanged_translations():
    truth = make(True)
    assert_same(undo.swap_shift(truth._replace(transl_m=truth.transl_m[:, [1, 0, 2]])), project(truth))


@pytest.mark.parametrize("is_pinhole", [True, False])
def test_pictures_of_another_size(is_pinhole):
    truth = make(is_pinhole)
    small = truth._replace(
        scale=truth.scale / 3, origin=truth.origin / 3, focal=truth.focal / 3, center=truth.center / 3
    )
    assert_same(undo.rescale_picture(small, project(truth)), project(truth))
    # Without any joint there is no factor.
    nothing = np.full((COUNT, POINTS, 2), np.nan)
    assert np.isnan(project(undo.rescale_picture(small, nothing))).all()


@pytest.mark.parametrize("is_pinhole", [True, False])
def test_principal_points_from_the_middle_and_from_the_corner(is_pinhole):
    truth = make(is_pinhole)
    off = WIDTH_HEIGHT / 2
    left = truth._replace(origin=truth.origin - off, center=truth.center - off)
    assert_same(undo.count_from_middle(left), project(truth))
    right = truth._replace(origin=truth.origin + off, center=truth.center + off)
    assert_same(undo.count_from_corner(right), project(truth))


def test_other_focal_lengths():
    truth = make(True)
    long = truth._replace(focal=2.5 * truth.focal)
    # One person of whom another factor is told, and one of whom nothing is.
    marks_px = project(truth)
    marks_px[0] = truth.center[0] + 3 * (marks_px[0] - truth.center[0])
    marks_px[1] = np.nan
    assert_same(undo.rescale_focal(long, marks_px), project(truth))
    # No lens turns a picture upside down, and weak perspective has none.
    upside_down = truth.center[:, None] - (project(truth) - truth.center[:, None])
    assert np.isnan(project(undo.rescale_focal(truth, upside_down))).all()
    assert np.isnan(project(undo.rescale_focal(make(False), project(make(False))))).all()


def test_missing_translations():
    truth = make(True)
    marks_px = project(truth)
    marks_px[0, 2:4] = np.nan
    found = undo.move(truth._replace(transl_m=np.zeros((COUNT, 3))), marks_px)
    np.testing.assert_allclose(found.transl_m, truth.transl_m, atol=1e-9)
    # Few joints are explained by too much, and weak perspective has no translation.
    marks_px[1, undo.FEWEST_JOINTS - 1 :] = np.nan
    assert np.isnan(undo.move(truth, marks_px).transl_m[1]).all()
    assert np.isnan(undo.move(make(False), marks_px).transl_m).all()


@pytest.mark.parametrize("is_pinhole", [True, False])
def test_what_is_not_known_is_nowhere_and_nothing_fails(is_pinhole):
    nan = {name: np.full(make(is_pinhole)._asdict()[name].shape, np.nan) for name in Placed._fields}
    nan["is_pinhole"] = np.full(COUNT, is_pinhole)
    marks_px = np.full((COUNT, POINTS, 2), np.nan)
    for alternative in ALTERNATIVES:
        assert np.isnan(project(alternative.apply(Placed(**nan), marks_px))).all()
    assert np.isnan(find_bounds(marks_px)).all()


def test_bounds_and_what_is_behind():
    placed = make(True)
    placed.points_m[0, 0, 2] = -20
    points_px = project(placed)
    assert np.isnan(points_px[0, 0]).all()
    bounds = find_bounds(points_px)
    np.testing.assert_array_equal(bounds[0, :2], points_px[0, 1:].min(0))
    np.testing.assert_array_equal(bounds[0, 2:], points_px[0, 1:].max(0))
