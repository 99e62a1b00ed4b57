"""Cameras of one's own, and bodies framed without one."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render import (
    build_sheets,
    make_bodies,
    make_cameras,
    make_fits,
    rasterize_sheets,
    shade_sheets,
)
from tests.helpers.squares import SQUARE


def test_without_a_fit_a_body_is_shown_whole(turned):
    sheets = build_sheets(turned, ["camera/silhouette"], size_px=(300, 200))
    for picture in shade_sheets(sheets, rasterize_sheets(sheets)):
        y, x = np.nonzero((picture < 255).any(2))
        # Nine tenths of the panel in one direction, in its middle.
        assert max((x.max() - x.min() + 1) / 300, (y.max() - y.min() + 1) / 200) == pytest.approx(
            0.9, abs=0.02
        )
        assert (x.min() + x.max() + 1) / 2 == pytest.approx(150, abs=1)
        assert (y.min() + y.max() + 1) / 2 == pytest.approx(100, abs=1)


def test_own_cameras():
    """A small square lands where the formula has it, on the panel of the view `camera` only."""
    verts = np.array(SQUARE[0]) * 0.1 + [0.3, -0.2, 0]
    angle = 0.4
    rotation = Rotation.from_euler("y", angle).as_matrix()
    cameras = make_cameras(rotation[None], [[0.1, 0.2, 4.0]], [500.0], [[100.0, 80.0]])
    sheets = build_sheets(
        make_bodies(verts, SQUARE[1]), ["camera/mask", "orbit/mask"], size_px=(200, 160), cameras=cameras
    )
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
    q = (rotation @ (verts[0].mean(0))) + [0.1, 0.2, 4.0]
    expected = [100, 80] + 500 * q[:2] / q[2]
    y, x = np.nonzero(picture[:, :200, 0])
    np.testing.assert_allclose([x.mean() + 0.5, y.mean() + 0.5], expected, atol=0.5)
    assert len(x) == pytest.approx((500 / q[2] * 0.1) ** 2 * np.cos(angle), rel=0.15)
    assert (picture[80, 300] == 1).all()


@pytest.mark.parametrize(("z", "is_seen"), [(0.5, True), (0.005, True), (-1.0, False)])
def test_an_eye_within_the_scene(z, is_seen):
    """Faces beside the eye are far off the picture; they are left out, and the others are drawn."""
    x, y = np.meshgrid(np.linspace(-3, 3, 31), np.linspace(-3, 3, 31))
    place = np.arange(31 * 31).reshape(31, 31)
    corners = [place[:-1, :-1], place[1:, :-1], place[1:, 1:], place[:-1, 1:]]
    faces = np.concatenate(
        [np.stack([corners[i].ravel() for i in pick], 1) for pick in ([0, 1, 2], [0, 2, 3])]
    )
    floor = make_bodies(
        np.stack([x.ravel(), np.ones(31 * 31), y.ravel() + z + 3 * np.sign(z)], 1)[None], faces
    )
    cameras = make_cameras(np.eye(3)[None], np.zeros((1, 3)), [500], [[160, 120]])
    sheets = build_sheets(floor, ["camera/mask"], size_px=(320, 240), cameras=cameras)
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
    assert picture[-1].any() == is_seen
    assert not picture[:121].any()


def test_own_cameras_stay_with_their_bodies_where_people_are_put_together():
    """Of three squares the first and the last are on one photo, so the sheets have them in another order."""
    centers = np.array([[20.0, 20.0], [40.0, 60.0], [60.0, 20.0]])
    count = len(centers)
    cameras = make_cameras(
        np.tile(np.eye(3), (count, 1, 1)), [[-0.5, -0.5, 4]] * count, [40] * count, centers
    )
    fits = make_fits(
        np.tile(np.eye(3), (count, 24, 1, 1)),
        np.zeros((count, 10)),
        np.ones((count, 3)),
        np.ones((count, 2)),
        np.ones(count),
        image_name=["a.jpg", "b.jpg", "a.jpg"],
    )
    bodies = make_bodies(np.repeat(SQUARE[0], count, 0), SQUARE[1])
    settings = {"size_px": (80, 80), "fits": fits, "cameras": cameras, "people": "together"}
    sheets = build_sheets(bodies, ["camera/mask"], **settings)
    assert repr(sheets).startswith("SheetBatch(2 sheets of 80x80, Placements(")
    both, alone = (picture[..., 0] for picture in shade_sheets(sheets, rasterize_sheets(sheets)))
    for picture, number, center in ((both, 1, centers[0]), (both, 2, centers[2]), (alone, 1, centers[1])):
        y, x = np.nonzero(picture == number)
        np.testing.assert_allclose([x.mean() + 0.5, y.mean() + 0.5], center, atol=0.5)
