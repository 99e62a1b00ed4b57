"""Where people are in the space of their photo, and the boxes around those who have none."""

import numpy as np
import pytest
import torch

from render.fits.cameras import framed, join_cameras, pinhole, weak_perspective
from render.sheet.photo_cameras import find_cameras
from render.sheet.place_people import find_boxes, place_people
from render.types.fits import Unit
from tests.helpers.seen_people import make_seen, measure

WIDE, TALL, SQUARE = (800, 600), (300, 400), (512, 512)
# Bodies that are in no way alike from one side to the other.
BODIES = np.array(
    [
        [(-0.25, -1, -0.5), (0.5, -0.5, 0), (0.125, 0.75, 0.25), (0.25, 0, 0.5)],
        [(0, 0, 0), (1, 0.25, 0), (0.5, -0.5, 0.5), (-0.125, 0.125, 1)],
    ]
)


def place(cameras, bodies, picture_wh=WIDE, first=None):
    first = np.array([0, len(cameras)] if first is None else first)
    hw = np.array([picture_wh[::-1]] * (len(first) - 1))
    people = place_people(find_cameras(make_seen(cameras), first, hw), measure(bodies), first)
    return people, {name: getattr(people, name).numpy() for name in people._fields}


def sharp(focal=500.0, center=(400.0, 300.0), transl_m=((0.5, -0.25, 4),), *, is_metric=True, **given):
    return pinhole([focal] * len(transl_m), center, transl_m, is_metric=is_metric, **given)


def see(verts, focal=(500.0, 500.0), center=(400.0, 300.0), transl_m=(0.5, -0.25, 4)):
    q = verts + transl_m
    return center + np.array(focal) * q[:, :2] / q[:, 2:]


@pytest.mark.parametrize("picture_wh", [WIDE, TALL, SQUARE])
@pytest.mark.parametrize("body", [0, 1])
def test_a_body_without_a_camera_is_shown_whole_and_in_the_middle(picture_wh, body):
    _, found = place(framed(1), BODIES[[body]], picture_wh)
    seen = found["origin_px"][0, :2] + found["scale_px"][0] * BODIES[body, :, :2]
    low, high = seen.min(0), seen.max(0)
    np.testing.assert_allclose((low + high) / 2, np.array(picture_wh) / 2, rtol=1e-12)
    # As large as nine tenths of one of the sides, and no larger than that of the other.
    np.testing.assert_allclose(((high - low) / picture_wh).max(), 0.9, rtol=1e-12)
    assert found["scale_px"][0] > 0


def test_a_mesh_without_a_height_is_framed_by_its_width():
    flat = BODIES[[0]] * [1, 0, 1]
    _, found = place(framed(1), flat, TALL)
    np.testing.assert_allclose(found["scale_px"][0] * 0.75, 0.9 * 300, rtol=1e-12)


def test_people_who_share_a_pinhole_keep_their_distances_in_metres():
    transl = np.array([(0.5, -0.25, 4), (-1, 0.5, 7)])
    _, found = place(sharp(transl_m=transl), BODIES)
    assert found["scale_px"][0] == found["scale_px"][1]
    np.testing.assert_allclose(found["origin_px"] / found["scale_px"][:, None], transl, rtol=1e-12)
    np.testing.assert_array_equal(found["origin_px"], found["eye_px"])
    # A metre at the depth of the middle of the first of them.
    np.testing.assert_allclose(found["scale_px"], 500 / (4 + BODIES[0, :, 2].mean()), rtol=1e-12)
    assert not found["depth_shift_px"].any()


def test_people_with_pinholes_of_their_own_are_as_large_and_where_perspective_has_their_middle():
    transl = np.array([(0.5, -0.25, 4), (-1, 0.5, 7)])
    focal, center = np.array([(500.0, 450.0), (900.0, 900.0)]), np.array([(410.0, 290.0), (380.0, 310.0)])
    _, found = place(pinhole(focal, center, transl, is_metric=True), BODIES)
    for k, body in enumerate(BODIES):
        middle = body.mean(0)
        scale = focal[k, 1] / (transl[k] + middle)[2]
        np.testing.assert_allclose(found["scale_px"][k], scale, rtol=1e-12)
        on_photo = found["origin_px"][k, :2] + scale * middle[:2]
        np.testing.assert_allclose(on_photo, see(middle[None], focal[k], center[k], transl[k])[0], rtol=1e-12)
    # 106 and 121 px a metre: the second is in front though it is farther away, and nobody is inside another.
    scale, depth = found["scale_px"][:, None], found["origin_px"][:, None, 2]
    slabs = scale * BODIES[..., 2] + depth
    assert slabs[1].max() < slabs[0].min()
    np.testing.assert_allclose(
        found["depth_shift_px"], found["origin_px"][:, 2] - found["scale_px"] * transl[:, 2], rtol=1e-12
    )


def test_weak_perspective_is_taken_as_it_is_beside_a_pinhole():
    cameras = join_cameras([weak_perspective([90.0], [[30.0, 40.0]]), sharp()])
    _, found = place(cameras, BODIES)
    assert found["scale_px"][0] == 90
    assert found["origin_px"][0, :2].tolist() == [30, 40]
    assert found["focal_px"][0].tolist() == [0, 0]
    assert found["depth_shift_px"][0] == 0
    assert found["focal_px"][1].tolist() == [500, 500]


def test_people_of_other_sheets_change_nothing():
    cameras = join_cameras(
        [sharp(), framed(1), sharp(transl_m=((0, 0, 9),)), weak_perspective([50], [[1, 2]])]
    )
    bodies = BODIES[[0, 1, 1, 0]]
    _, together = place(cameras, bodies, first=[0, 1, 2, 4])
    for k, who in enumerate(([0], [1], [2, 3])):
        parts = [[sharp()], [framed(1)], [sharp(transl_m=((0, 0, 9),)), weak_perspective([50], [[1, 2]])]][k]
        _, alone = place(join_cameras(parts), bodies[who])
        for name, value in alone.items():
            np.testing.assert_array_equal(together[name][who], value, err_msg=name)


def box_around(seen):
    """Square, about the middle, 1.2 times as wide as what is seen of the body is long."""
    low, high = seen.min(0), seen.max(0)
    side = 1.2 * (high - low).max()
    return [*((low + high - side) / 2), side]


@pytest.mark.parametrize("unit", [Unit.PIXELS, Unit.SIDE])
def test_boxes_lie_around_what_is_seen_of_bodies(unit):
    length, zero = (1, 0) if unit == Unit.PIXELS else (800, np.array([400, 300]))
    weak = weak_perspective([90 / length], [(np.array([330, 240]) - zero) / length], unit)
    focal, center = np.array([500, 450]), np.array([410, 290])
    transl = np.array([[0.5, -0.25, 4]])
    own = pinhole([focal / length], [(center - zero) / length], transl, unit=unit, is_metric=True)
    people, _ = place(join_cameras([weak, own]), BODIES)
    found = find_boxes(people, torch.from_numpy(BODIES))
    expected = [
        box_around(np.array([330, 240]) + 90 * BODIES[0, :, :2]),
        box_around(see(BODIES[1], focal, center, transl)),
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_box_is_around_what_is_before_the_eye_and_nowhere_where_nothing_is():
    half, behind = ((0, 0, -0.25),), ((0, 0, -4),)
    people, _ = place(sharp(transl_m=(*half, *behind)), BODIES[[0, 0]], first=[0, 1, 2])
    found = find_boxes(people, torch.from_numpy(BODIES[[0, 0]])).numpy()
    # Of the four one has a depth above 0; a single place still has a box, of a pixel.
    np.testing.assert_allclose(found[0], box_around_point(see(BODIES[0, 3:], transl_m=half[0])[0]), rtol=1e-9)
    assert np.isnan(found[1]).all()


def box_around_point(place_px):
    return [*(place_px - 0.6), 1.2]


def test_a_body_in_the_plane_of_the_eye_has_numbers_for_a_place():
    """It is not drawn; whoever shares its sheet is placed all the same."""
    people, found = place(sharp(transl_m=((0, 0, -BODIES[0, :, 2].mean()), (0, 0, 5))), BODIES)
    assert all(np.isfinite(column).all() for column in found.values())
    assert torch.isfinite(find_boxes(people, torch.from_numpy(BODIES))[1]).all()


def test_a_body_without_a_camera_has_its_box_in_the_middle():
    people, _ = place(framed(1), BODIES[[0]], TALL)
    (box,) = find_boxes(people, torch.from_numpy(BODIES[[0]])).numpy()
    np.testing.assert_allclose(box[:2] + box[2] / 2, [150, 200], rtol=1e-12)
    assert box[2] == pytest.approx(1.2 * 0.9 * 400)
