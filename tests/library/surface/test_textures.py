"""Textures and colours through the functions of the library."""

import cv2
import numpy as np
import pytest
import torch

from render import build_sheets, load_texture, make_bodies, make_fits, rasterize_sheets, shade_sheets
from render.errors import BodyModelError, RenderError
from render.types.bodies import TextureMap
from tests.helpers.painting import make_texels, save_texture, save_uv_obj
from tests.helpers.squares import SQUARE, build, make_square

UV = np.array([[[0.0, 1], [1, 0], [1, 1]], [[0, 1], [0, 0], [1, 0]]])


def save_square(path):
    return save_uv_obj(path, np.array(SQUARE[0][0], float), np.array(SQUARE[1]), UV)


def show(sheets):
    return shade_sheets(sheets, rasterize_sheets(sheets, "warp"))


def test_a_texture_of_files_is_that_of_arrays(tmp_path):
    """In any format of pictures that loses nothing."""
    obj, square = save_square(tmp_path / "a.obj"), make_square()
    expected = make_texels(12, 9)
    for name in ("a.png", "a.bmp"):
        found = load_texture(obj, square, save_texture(tmp_path / name, 12, 9))
        np.testing.assert_array_equal(found.uv.numpy(), UV.astype(np.float32))
        np.testing.assert_array_equal(found.texels.numpy(), expected)
    cv2.imwrite(str(tmp_path / "grey.png"), expected[:, :, 0])
    grey = load_texture(obj, square, tmp_path / "grey.png").texels.numpy()
    np.testing.assert_array_equal(grey, np.repeat(expected[:, :, :1], 3, 2))
    np.testing.assert_array_equal(load_texture(obj, square, expected).texels.numpy(), expected)
    assert load_texture(obj, square).texels is None


def test_pictures_of_no_use_are_refused(tmp_path):
    obj, square = save_square(tmp_path / "a.obj"), make_square()
    (tmp_path / "b.png").write_bytes(save_texture(tmp_path / "a.png", 99, 99).read_bytes()[:-40])
    for picture, said in (
        (tmp_path / "nothing.png", "there is no such texture. Set body.texture"),
        (obj, "It is the texture that body.texture names"),
        (tmp_path / "b.png", "damaged"),
        (np.zeros((1, 16_385, 3), np.uint8), "at most 16384 px a side, found 16385 x 1"),
    ):
        with pytest.raises(BodyModelError, match=said):
            load_texture(obj, square, picture)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"uv": torch.zeros(3, 3, 2)}, "texture: expected that of 2 faces on cpu, found 3 faces"),
        ({"uv": torch.full((2, 3, 2), torch.nan)}, "texture.uv: expected finite"),
        ({"texels": torch.zeros(4, 4, 3)}, "texture.texels: expected pixels, uint8, found torch.float32"),
        ({"texels": torch.zeros(0, 4, 3, dtype=torch.uint8)}, "texture.texels: expected pixels"),
        ({"texels": torch.zeros(1, 1, 3, dtype=torch.uint8).expand(1, 20_000, 3)}, "up to 16384 px a side"),
    ],
)
def test_textures_that_users_made_are_checked(change, said):
    held = {"uv": torch.from_numpy(UV), "texels": torch.zeros(2, 2, 3, dtype=torch.uint8)} | change
    with pytest.raises(ValueError, match=said):
        build("camera/texture", texture=TextureMap(**held))


def test_a_texture_may_be_in_memory_in_any_way():
    """Double numbers, and pixels whose rows are not in order: the picture is the same."""
    texels = torch.from_numpy(make_texels(12, 9))
    plain = TextureMap(torch.from_numpy(UV).float(), texels)
    other = TextureMap(torch.from_numpy(UV), texels.transpose(0, 1).contiguous().transpose(0, 1))
    first, second = (show(build("camera/texture", texture=one))[0] for one in (plain, other))
    np.testing.assert_array_equal(first, second)


def test_modes_that_show_what_is_not_there_are_refused():
    with pytest.raises(
        RenderError, match="'texture' needs a UV map and a picture; pass texture=load_texture"
    ):
        build("camera/texture")
    with pytest.raises(RenderError, match="'texture' needs a UV map and a picture"):
        build("camera/texture", texture=TextureMap(torch.from_numpy(UV)))
    with pytest.raises(RenderError, match="'vertexcolor' needs colours of vertices"):
        build("camera/vertexcolor")


def test_colours_go_with_their_bodies_where_fits_reorder_them():
    """Bodies of two photos in turn: the sheets have them in another order."""
    verts = np.repeat(SQUARE[0], 3, 0)
    colors = np.eye(3)[:, None].repeat(4, 1)
    bodies = make_bodies(verts, SQUARE[1], "cpu", colors=colors)
    ones = np.ones((3, 2))
    fits = make_fits(
        np.tile(np.eye(3), (3, 24, 1, 1)),
        np.zeros((3, 10)),
        np.ones((3, 3)),
        10 * ones,
        ones[:, 0],
        ["a", "b", "a"],
    )
    sheets = build_sheets(
        bodies, ["orbit:20:0/vertexcolor/black"], size_px=(20, 20), fits=fits, people="together"
    )
    # The first of them shows the first and the third body, the second the second.
    together, alone = (picture[picture.any(2)].mean(0) for picture in show(sheets))
    assert alone.argmax() == 1
    assert together.argmin() == 1


def test_bytes_and_floats_are_the_same_colours():
    floats = np.random.default_rng(2).integers(0, 256, (1, 4, 3)) / 255
    pictures = []
    for colors in (floats, floats[0], np.rint(255 * floats).astype(np.uint8), torch.from_numpy(floats)):
        bodies = make_bodies(*SQUARE, "cpu", colors=colors)
        assert bodies.colors.dtype == torch.uint8
        pictures += show(build_sheets(bodies, ["camera/vertexcolor"], size_px=(20, 20)))
    assert all((picture == pictures[0]).all() for picture in pictures)
