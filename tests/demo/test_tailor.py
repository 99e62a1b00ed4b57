"""Garments are cut along their edges, and light is taken only by what stands in its way."""

import numpy as np
import pytest

from render.demo.light import choose_light
from render.demo.occlusion import find_shares
from render.demo.people.mannequin import Mannequin
from render.demo.people.wardrobe.tailor import bridge, cut


@pytest.fixture(scope="module")
def mannequin(demo_body) -> Mannequin:
    return Mannequin.of(demo_body)


def measure_area(verts: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = (verts[faces[:, k]].astype(np.float64) for k in range(3))
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_piece_and_the_rest_are_the_whole(mannequin, axis):
    """Of a slanted plane, which passes through faces in all ways."""
    slant = np.full(3, 0.3, np.float32)
    slant[axis] = 1.0
    inside_m = mannequin.rest_m @ slant - 0.021
    piece, rest = cut(mannequin.faces, inside_m), cut(mannequin.faces, -inside_m)
    areas = [measure_area(part.carry(mannequin.rest_m), part.faces) for part in (piece, rest)]
    # float32 has 7 digits, of coordinates up to a metre and faces of a few square millimetres.
    assert sum(areas) == pytest.approx(measure_area(mannequin.rest_m, mannequin.faces), rel=1e-5)
    assert min(areas) > 0.05
    height = piece.carry(inside_m[:, None])
    assert height.min() > -1e-6
    # The edge of the piece lies on the plane.
    assert (np.abs(height) < 1e-6).sum() > 50


def test_pieces_are_wound_as_the_body_is(mannequin):
    inside_m = mannequin.rest_m[:, 1] - 0.1
    piece = cut(mannequin.faces, inside_m)
    verts = piece.carry(mannequin.rest_m)
    a, b, c = (verts[piece.faces[:, k]] for k in range(3))
    # The normals of a closed surface add up to nothing; without its part below a plane they point down.
    total = np.cross(b - a, c - a).sum(0)
    assert abs(total[0]) < 1e-4 * abs(total[1])
    assert abs(total[2]) < 1e-4 * abs(total[1])


def test_cloth_hangs_over_hollows_and_never_under_the_skin():
    normals = np.tile([0.0, 0.0, 1.0], (2, 1))
    skin = np.array([[0.0, 0.0, 0.3], [0.0, 0.0, 0.5]])
    smooth = np.array([[0.1, 0.0, 0.4], [0.0, 0.2, 0.4]])
    np.testing.assert_allclose(bridge(skin, smooth, normals), [0.1, 0.0], atol=1e-12)


def test_smoothing_leaves_what_is_even(mannequin):
    even = np.full((len(mannequin.rest_m), 2), 3.0, np.float32)
    np.testing.assert_allclose(mannequin.smooth(even, 5), even, rtol=1e-6)


def test_a_roof_takes_the_sky_and_a_wall_the_key_light():
    light = choose_light(np.random.default_rng(0), outdoors=True)
    up = np.array([0.0, 1.0, 0.0])
    square = np.array([[-3, 0, -3], [3, 0, -3], [3, 0, 3], [-3, 0, 3]], float)
    faces = np.array([[0, 1, 2], [0, 2, 3], [2, 1, 0], [3, 2, 0]])
    points = np.array([[0.0, 0.0, 0.0]])
    # A plate half a metre above the point, and one half a metre below it.
    above = find_shares(square + 0.5 * up, faces, points, up[None], light)[0]
    np.testing.assert_allclose(above, [0, 1, 0], atol=0.02)
    below = find_shares(square - 0.5 * up, faces, points, -up[None], light)[0]
    np.testing.assert_allclose(below, [1, 0, 1], atol=0.02)
