"""Textures between their texels, at their borders, at seams, and the right way round."""

import cv2
import numpy as np
import pytest
import torch
import warp as wp

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.compute.kernels import MODULE_OPTIONS, launch, start_warp
from render.rasterize.kernel_views import Scene
from render.shade.texels import sample_texture
from render.types.bodies import TextureMap
from tests.helpers.painting import make_texels, sample_bilinear
from tests.helpers.squares import SQUARE

wp.set_module_options(MODULE_OPTIONS)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# As pictures are seen.
FOUR = np.array([[RED, GREEN], [BLUE, WHITE]], np.uint8)
# Of the square's corners, from the upper left clockwise, with the picture upright on it.
UPRIGHT = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)


@wp.kernel
def sample(scene: Scene, colour: wp.array(dtype=wp.vec3f)):
    i = wp.tid()
    colour[i] = sample_texture(scene.texels, scene.texture_uv[i])


def read(texels: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """The colours 0 to 255 at (P, 2) uv."""
    start_warp()
    scene, colour = Scene(), torch.zeros(len(uv), 3)
    scene.texels = wp.from_torch(torch.from_numpy(texels), dtype=wp.vec3ub)
    scene.texture_uv = wp.from_torch(torch.from_numpy(np.ascontiguousarray(uv, np.float32)), dtype=wp.vec2f)
    launch(sample, len(uv), [scene, colour], torch.device("cpu"))
    return 255 * colour.numpy()


def test_texels_have_their_colour_in_their_middle():
    middles = np.array([[0.25, 0.75], [0.75, 0.75], [0.25, 0.25], [0.75, 0.25]])
    np.testing.assert_allclose(read(FOUR, middles), FOUR.reshape(-1, 3), atol=1e-4)


def test_between_four_texels_is_the_mean_of_display_values():
    np.testing.assert_allclose(read(FOUR, np.array([[0.5, 0.5]])), [FOUR.reshape(-1, 3).mean(0)], atol=1e-4)


def test_beyond_the_border_the_border_goes_on():
    outside = np.array([[0, 1], [-7, 9], [1, 1], [5, 1.01], [0, 0], [-1e6, -1e6], [1, 0], [1e6, 0]])
    expected = np.repeat(FOUR.reshape(-1, 3), 2, 0)
    np.testing.assert_allclose(read(FOUR, outside), expected, atol=1e-4)


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 7), (9, 1), (33, 20)])
def test_any_picture_against_numpy_and_opencv(size_hw):
    texels = make_texels(*size_hw)
    uv = np.random.default_rng(6).uniform(-0.3, 1.3, (2000, 2)).astype(np.float32)
    found = read(texels, uv)
    # float32 places a point to some millionths of a texel.
    np.testing.assert_allclose(found, 255 * sample_bilinear(texels, uv.astype(np.float64)), atol=2e-3)
    x, y = uv[:, 0] * size_hw[1] - 0.5, (1 - uv[:, 1]) * size_hw[0] - 0.5
    picture = texels.astype(np.float32)
    expected = cv2.remap(picture, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    # OpenCV rounds places to a 32nd of a texel, in x and in y.
    np.testing.assert_allclose(found, expected, atol=2 * 255 / 64 + 0.1)


def draw(corner_uv: np.ndarray, texels: np.ndarray = FOUR) -> np.ndarray:
    """The four quarters of a square, (2, 2, 3); corner_uv: (F, 3, 2)."""
    square = make_bodies(*SQUARE, "cpu")
    texture = TextureMap(torch.tensor(corner_uv, dtype=torch.float32), torch.from_numpy(texels))
    sheets = build_sheets(square, ["camera/texture/black"], size_px=(40, 40), texture=texture)
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets, "warp"))
    return picture[[[10], [29]], [[10, 29]]]


def test_pictures_are_the_right_way_round():
    """Light from the front changes how bright colours are, not which they are."""
    faces = np.array(SQUARE[1])
    upright = draw(UPRIGHT[faces])
    np.testing.assert_array_equal(upright > 128, FOUR > 0)
    np.testing.assert_array_equal(draw((1, 0) - UPRIGHT[faces] * (1, -1)), upright[:, ::-1])
    np.testing.assert_array_equal(draw((0, 1) - UPRIGHT[faces] * (-1, 1)), upright[::-1])
    # Turned by a quarter, clockwise.
    np.testing.assert_array_equal(draw(np.roll(UPRIGHT, 1, 0)[faces]), np.rot90(upright, -1))


def test_faces_that_meet_at_a_seam_show_their_own_places():
    """The two halves of the square along its diagonal, each wholly in one texel's colour."""
    corner_uv = np.broadcast_to(np.array([[[0.0, 1.0]], [[1.0, 0.0]]]), (2, 3, 2))
    quarters = draw(corner_uv)
    # Faces 0, 2, 1 and 0, 3, 2: the upper right half and the lower left one.
    assert (quarters[0, 1] > 128).tolist() == [True, False, False]
    assert (quarters[1, 0] > 128).all()


def test_opposite_borders_do_not_mix():
    """With the texture's left border at one edge of the square and its right border at the other."""
    texels = np.zeros((4, 4, 3), np.uint8)
    texels[:, 0] = RED
    texels[:, -1] = BLUE
    corners = UPRIGHT[np.array(SQUARE[1])]
    square = make_bodies(*SQUARE, "cpu")
    texture = TextureMap(torch.from_numpy(corners), torch.from_numpy(texels))
    sheets = build_sheets(square, ["camera/texture/black"], size_px=(40, 40), texture=texture)
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets, "warp"))
    lit = picture[:, picture[20].any(1)][20]
    assert lit[0, 0] > 128
    assert lit[-1, 2] > 128
    # Only gloss has a share of the other colours.
    assert lit[0, 2] == lit[0, 1]
    assert lit[-1, 0] == lit[-1, 1]
