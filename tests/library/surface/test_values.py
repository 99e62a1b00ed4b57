"""Numbers of vertices: as people hand them in, and errors against other bodies."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render import bodies_with_errors, build_sheets, make_bodies, pose_bodies, rasterize_sheets, shade_sheets
from render.errors import ConfigError
from render.shade.colour_maps import ERRORS_RGB
from render.types.bodies import Bodies

SQUARE, FACES = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 2, 1], [0, 3, 2]]


def draw(bodies: Bodies, **style) -> np.ndarray:
    sheets = build_sheets(bodies, ["camera/error/white"], size_px=(20, 20))
    return shade_sheets(sheets, rasterize_sheets(sheets, "warp"), **style)[0]


def posed(body, count: int, seed: int) -> Bodies:
    rng = np.random.default_rng(seed)
    return pose_bodies(body, np.tile(np.eye(3), (count, 24, 1, 1)), rng.normal(size=(count, 10)), up="y")


@pytest.mark.parametrize("align", ["none", "root", "procrustes"])
def test_bodies_against_themselves_have_no_errors(demo_body, align):
    bodies = posed(demo_body, 2, 0)
    found = bodies_with_errors(bodies, bodies, align=align).values
    assert found.shape == bodies.verts.shape[:2]
    assert found.max() <= (1e-9 if align == "procrustes" else 0.0)


def test_moved_bodies_have_errors_only_where_nothing_is_aligned(demo_body):
    bodies = posed(demo_body, 1, 0)
    moved = replace(bodies, verts=bodies.verts + 0.25, joints=bodies.joints + 0.25)
    # Float32's last bits, of bodies a quarter of a metre away.
    tolerance = {"atol": 1e-3, "rtol": 0}
    expected = torch.full_like(bodies.verts[:, :, 0], 250 * 3**0.5)
    torch.testing.assert_close(bodies_with_errors(moved, bodies, align="none").values, expected, **tolerance)
    for align in ("root", "procrustes"):
        found = bodies_with_errors(moved, bodies, align=align).values
        torch.testing.assert_close(found, torch.zeros_like(found), **tolerance)


def test_the_colour_is_that_of_the_map():
    """A square that faces the viewer, in half of the light: each number lies on its place of the scale."""
    for share in (0.0, 0.5, 1.0, 7.0):
        square = make_bodies([SQUARE], FACES, values=[[200 * share] * 4])
        colour = draw(square, error_mm=200.0)[10, 10] / 255
        expected = np.array(ERRORS_RGB[round(min(share, 1.0) * (len(ERRORS_RGB) - 1))])
        # The light comes from the side: it takes the same small share of all colours.
        np.testing.assert_allclose(colour, expected * (1 - 0.1 * (1 - 0.82)), atol=0.6 / 255)


def test_who_has_no_number_is_grey():
    picture = draw(make_bodies([SQUARE], FACES, values=[np.nan] * 4))
    assert len(set(picture[10, 10].tolist())) == 1
    assert 100 < picture[10, 10, 0] < 180


def test_what_cannot_be_is_refused(demo_body):
    bodies, square = posed(demo_body, 2, 0), make_bodies([SQUARE], FACES)
    with pytest.raises(ValueError, match="expected 2 bodies of 6890 vertices, found 1 bodies of 4 vertices"):
        bodies_with_errors(bodies, square)
    with pytest.raises(ValueError, match="align: root needs bodies with joints"):
        bodies_with_errors(square, square)
    turned = make_bodies([SQUARE], [[0, 1, 2], [0, 2, 3]])
    with pytest.raises(ValueError, match="reference: expected bodies of the same topology"):
        bodies_with_errors(square, turned, align="none")
    with pytest.raises(ValueError, match="align: expected one of none, root, procrustes, found 'pa'"):
        bodies_with_errors(square, square, align="pa")
    with pytest.raises(ValueError, match=r"values: expected shape \(1, 4\), found \(1, 3\)"):
        make_bodies([SQUARE], FACES, values=[[1, 2, 3]])
    with pytest.raises(ConfigError, match="panels: 'error' needs a number of each vertex; pass bodies_with_"):
        draw(square)
    valued = make_bodies([SQUARE], FACES, values=[1, 2, 3, 4])
    for wrong in (0, -1.0, np.inf, np.nan, True, "100"):
        with pytest.raises(ValueError, match="error_mm: expected a number above 0"):
            draw(valued, error_mm=wrong)
    with pytest.raises(TypeError, match=r"bodies\.values: expected float32, found torch"):
        draw(replace(valued, values=valued.values.double()))
