"""Where sheets and their panels lie among the pixels of a batch, and what is there before bodies are."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from render.photos.crop import crop_photo
from render.sheet.canvas import count_channels, cut_sheets, lay_out_canvas, paint_backgrounds, sheet_starts
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.shots import list_shots
from render.types.sheets import Panel, Rect, Sheet, Viewpoint

DIRT = 77


def make_sheet(*panels: str, hw: tuple[int, int] = (4, 6), columns: int = 9) -> Sheet:
    return lay_out_sheet("a", None, hw, tuple(parse_panel(text) for text in panels), (0,), columns=columns)


def make_loose(height: int, width: int, *panels: tuple[str, Rect]) -> Sheet:
    """A sheet with gaps: backgrounds by rectangle."""
    placed = tuple(Panel(Viewpoint("camera"), "geo", background, rect) for background, rect in panels)
    return Sheet("a", height, width, None, (height, width), placed, (0,))


def paint(
    sheet: Sheet, channels: int = 3, photo: np.ndarray | None = None, crop: tuple | None = None
) -> np.ndarray:
    """Over pixels that hold something else."""
    view = np.full((sheet.height, sheet.width, channels), DIRT, np.uint8)
    paint_backgrounds(view, sheet, photo, crop)
    return view


def make_photo(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


SIZES = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4)


@given(sizes=SIZES, channels=st.sampled_from([3, 4]), columns=st.integers(1, 3))
@settings(deadline=None, max_examples=40)
def test_each_pixel_of_a_layer_lies_where_kernels_are_told(sizes, channels, columns):
    """From a layer's first byte on, a stride a row: the same as in the sheets cut from the buffer."""
    # Shots of three layers, of two and of one, in another order than that of the sheets.
    texts = ("camera/geo", "top/parts", "camera/mask", "side/mask", "camera/normal", "side/geo")
    sheets = [make_sheet(*texts, hw=hw, columns=columns) for hw in sizes]
    shots = list_shots(sheets, 1, is_fitted=True)
    count = sheet_starts(sheets, channels)[-1]
    assert count == sum(sheet.height * sheet.width for sheet in sheets) * channels
    pixels = torch.zeros(count, dtype=torch.uint8)
    canvas = lay_out_canvas(sheets, shots, pixels, channels)
    assert canvas.channels == channels
    assert canvas.pixels is pixels
    starts, strides = canvas.layer_start.tolist(), canvas.layer_stride.tolist()
    numbered = {}
    for k, shot in enumerate(shots):
        for layer, panel in enumerate(shot.panels):
            number = numbered[shot.sheet, panel.rect] = len(numbered) + 1
            for y in range(panel.rect.h):
                row = starts[layer][k] + y * strides[k]
                pixels[row : row + panel.rect.w * channels] += number
        assert [start[k] for start in starts[len(shot.panels) :]] == [-1] * (3 - len(shot.panels))
    cut = cut_sheets(pixels, sheets, channels)
    for i, sheet in enumerate(sheets):
        assert cut[i].shape == (sheet.height, sheet.width, channels)
        for panel in sheet.panels:
            rect = panel.rect
            own = cut[i][rect.y : rect.y + rect.h, rect.x : rect.x + rect.w]
            assert (own == numbered[i, rect]).all()


def test_kernels_are_told_in_the_integers_that_they_take():
    sheet = make_sheet("camera/geo")
    shots = list_shots([sheet], 1, is_fitted=True)
    canvas = lay_out_canvas([sheet], shots, torch.zeros(72, dtype=torch.uint8), 3)
    assert (canvas.layer_start.dtype, canvas.layer_stride.dtype) == (torch.int64, torch.int32)


def test_sheets_are_views_of_the_buffer():
    """What is painted on one is in the pixels that go on to the device."""
    sheets = [make_sheet("camera/geo", hw=(2, 3)), make_sheet("camera/geo", hw=(1, 2))]
    pixels = np.zeros(sheet_starts(sheets, 3)[-1], np.uint8)
    cut_sheets(pixels, sheets, 3)[1][:] = 9
    assert pixels.tolist() == [0] * 18 + [9] * 6


def test_a_batch_of_more_bytes_than_32_bits_count_has_them_all():
    huge = [make_loose(40_000, 20_000)] * 3
    assert sheet_starts(huge, 4) == [0, 3_200_000_000, 6_400_000_000, 9_600_000_000]


def test_one_transparent_panel_gives_a_batch_alpha():
    opaque, clear = make_sheet("camera/geo"), make_sheet("camera/mask", "camera/geo/transparent")
    assert count_channels([opaque, opaque]) == 3
    assert count_channels([opaque, clear]) == 4
    assert count_channels([clear]) == 4


@pytest.mark.parametrize("channels", [3, 4])
def test_panels_have_their_backgrounds_and_alpha_where_there_is_any(channels):
    """Colours are opaque; transparent pixels are without a colour too, for files may keep it."""
    photo = make_photo(4, 6)
    backgrounds = ("photo", "rgb:ff8800", "grey", "black", "transparent")
    painted = paint(make_sheet(*(f"camera/geo/{name}" for name in backgrounds)), channels, photo)
    expected = np.full((4, 30, 4), 255, np.uint8)
    expected[:, :6, :3] = photo
    expected[:, 6:12, :3] = (255, 136, 0)
    expected[:, 12:18, :3] = 128
    expected[:, 18:24, :3] = 0
    expected[:, 24:] = 0
    np.testing.assert_array_equal(painted, expected[:, :, :channels])


def test_a_crop_shows_its_square_of_the_photo():
    photo, corner = make_photo(300, 400), np.array([20.0, -5.0])
    painted = paint(make_sheet("camera/geo", "crop:1/geo", hw=(300, 400)), 4, photo, (corner, 250.0))
    np.testing.assert_array_equal(painted[:, :400, :3], photo)
    np.testing.assert_array_equal(painted[:224, 400:, :3], crop_photo(photo, corner, 250.0, 224))
    assert (painted[:224, :, 3] == 255).all()


@pytest.mark.parametrize(
    ("backgrounds", "channels", "gap"),
    [
        # What all panels share; of labels that is black, and the whole sheet is labels then.
        (["black", "black"], 3, [0, 0, 0]),
        (["grey", "grey"], 4, [128, 128, 128, 255]),
        (["rgb:102030", "rgb:102030"], 3, [16, 32, 48]),
        (["rgb:102030", "rgb:102030"], 4, [16, 32, 48, 255]),
        (["transparent", "transparent"], 4, [0, 0, 0, 0]),
        # Else white, for there is no one colour.
        (["black", "grey"], 3, [255] * 3),
        (["black", "transparent"], 4, [255] * 4),
        (["photo", "photo"], 4, [255] * 4),
    ],
)
def test_gaps_between_panels_have_the_background_that_all_share(backgrounds, channels, gap):
    rects = (Rect(0, 0, 2, 2), Rect(2, 0, 2, 2))
    sheet = make_loose(5, 6, *zip(backgrounds, rects, strict=True))
    painted = paint(sheet, channels, make_photo(2, 2))
    assert (painted[2:] == gap).all()
    assert (painted[:, 4:] == gap).all()


@pytest.mark.parametrize(
    ("paper", "pixel"),
    [("rgb:102030", [16, 32, 48, 255]), ("black", [0, 0, 0, 255]), ("transparent", [0, 0, 0, 0])],
)
@pytest.mark.parametrize("channels", [3, 4])
def test_paper_of_a_colour_is_around_panels_whatever_they_have(paper, pixel, channels):
    rects = (Rect(0, 0, 2, 2), Rect(3, 0, 2, 2))
    sheet = make_loose(2, 5, *zip(["grey", "grey"], rects, strict=True))
    painted = paint(replace(sheet, paper=paper), channels)
    assert (painted[:, 2] == pixel[:channels]).all()
    assert (painted[:, [0, 1, 3, 4], :3] == 128).all()


def test_transparent_paper_gives_a_batch_alpha():
    sheet = make_sheet("camera/geo")
    assert count_channels([sheet, replace(sheet, paper="transparent")]) == 4


def test_a_crop_beyond_the_photo_has_the_colour_of_outside():
    photo, crop = make_photo(300, 400), (np.array([-100.0, -100.0]), 224.0)
    sheet = make_sheet("crop:1/geo", hw=(300, 400))
    painted = paint(replace(sheet, outside="rgb:102030"), 4, photo, crop)
    assert (painted[:99] == [16, 32, 48, 255]).all()
    assert (painted[:, :99] == [16, 32, 48, 255]).all()
    np.testing.assert_array_equal(painted[100:, 100:, :3], photo[:124, :124])
    assert (paint(sheet, 4, photo, crop)[:99] == [0, 0, 0, 255]).all()


def test_a_single_missing_pixel_is_a_gap():
    sheet = make_loose(2, 3, ("grey", Rect(0, 0, 3, 1)), ("grey", Rect(0, 1, 2, 1)))
    assert (paint(sheet) == 128).all()


@pytest.mark.parametrize("panel", ["camera/geo", "camera/geo/rgb:ff8800", "camera/geo/grey"])
def test_tensors_are_painted_as_arrays_are(panel):
    """On a GPU the pixels and the photo are torch's."""
    sheet, photo = make_sheet(panel, "camera/geo/transparent", "crop:1/geo/grey", hw=(8, 9)), make_photo(8, 9)
    view = torch.full((sheet.height, sheet.width, 4), DIRT, dtype=torch.uint8)
    paint_backgrounds(view, sheet, torch.from_numpy(photo), None)
    np.testing.assert_array_equal(view.numpy(), paint(sheet, 4, photo))


@pytest.mark.parametrize("channels", [3, 4])
def test_where_there_is_no_photo_it_is_white(channels):
    assert (paint(make_sheet("camera/geo", "crop:1/geo/photo"), channels) == 255).all()
