"""How much of a body is in the picture, by hand."""

import numpy as np
import pytest

from render.review.measures.picture import MEASURE
from tests.helpers.reviewed import make_image, make_person, measure_all, pinhole, weak_camera

# 400 wide, 300 high.
PHOTO_HW = (300, 400)


def measure(verts_m, faces, photo_hw=PHOTO_HW, **changed) -> dict[str, float]:
    person = make_person(
        verts_m=np.array(verts_m, np.float32), faces=np.array(faces, np.int32).reshape(-1, 3), **changed
    )
    (found,) = measure_all(MEASURE, make_image([person], photo_hw=photo_hw))
    return found


def make_sheet(cells: int):
    """A square of 1 m that faces the viewer, in so many cells a side."""
    line = np.linspace(0, 1, cells + 1)
    x, y = np.meshgrid(line, line)
    at = np.arange((cells + 1) ** 2).reshape(cells + 1, -1)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]
    faces = np.concatenate([np.stack(one, -1).reshape(-1, 3) for one in ((a, b, c), (b, d, c))])
    return np.stack([x, y, 0 * x], -1).reshape(-1, 3), faces


def test_a_third_of_each_face_belongs_to_each_corner():
    # 100 px a metre. Two corners of the second face, which is six times as large, are outside.
    verts_m = [(1, 0, 0), (1, 1, 0), (0, 1, 0), (4.5, 0, 0), (4.5, 2, 0), (1.5, 2, 0)]
    found = measure(verts_m, [(0, 1, 2), (3, 4, 5)])
    areas = np.array([0.5, 3])
    assert found["outside"] == pytest.approx(areas @ [0, 2 / 3] / areas.sum())
    assert found["behind_camera"] == 0


@pytest.mark.parametrize(("shift_px", "share"), [((350, 100), 0.5), ((-30, 0), 0.3), ((350, 250), 0.75)])
def test_a_surface_that_the_edge_of_the_photo_cuts(shift_px, share):
    verts_m, faces = make_sheet(100)
    found = measure(verts_m, faces, camera=weak_camera(origin=shift_px))
    # Corners of a cell at the edge belong to one of the sides.
    assert found["outside"] == pytest.approx(share, abs=0.01)
    assert found["drawn_height"] == 100


def test_the_left_edge_belongs_to_the_photo_and_the_right_one_does_not():
    triangle = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
    assert measure(triangle, [(0, 1, 2)])["outside"] == 0
    assert measure(triangle, [(0, 1, 2)], camera=weak_camera(origin=(300, 0)))["outside"] == pytest.approx(
        1 / 3
    )
    assert measure(triangle, [(0, 1, 2)], camera=weak_camera(origin=(0, 200)))["outside"] == pytest.approx(
        1 / 3
    )


def test_what_is_behind_the_camera_is_outside():
    # The middle of the photo is on the axis; one corner is behind, and one in front but far aside.
    found = measure(
        [(0, 0, 2), (9, 0, 2), (0, 0, -2), (0, 0.5, 2)],
        [(0, 1, 2), (0, 1, 3)],
        camera=pinhole(100, (200, 150), (0, 0, 1)),
    )
    areas = np.array([9 * 4 / 2, 9 * 0.5 / 2])
    assert found["behind_camera"] == pytest.approx(areas @ [1 / 3, 0] / areas.sum())
    assert found["outside"] == pytest.approx(areas @ [2 / 3, 1 / 3] / areas.sum())


def test_what_is_not_known_is_left_out():
    triangle = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
    without_photo = measure(triangle, [(0, 1, 2)], photo_hw=None)
    assert np.isnan(without_photo["outside"])
    assert (without_photo["behind_camera"], without_photo["drawn_height"]) == (0, 100)
    without_camera = measure(triangle, [(0, 1, 2)], camera=weak_camera()._replace(is_framed=True))
    assert np.isnan(list(without_camera.values())).all()
    without_surface = measure(triangle, [])
    assert np.isnan(without_surface["outside"])
    # Faces of no area, one of whose corners is outside.
    assert np.isnan(measure([(0, 0, 0), (9, 0, 0)], [(0, 1, 1)])["outside"])
