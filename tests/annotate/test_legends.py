"""Legends on panels: where they lie, that they fit, and that their colours are those of the mode."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.annotate.find_shown import ShownShot, find_shown
from render.annotate.legends import paint_legend
from render.shade.colour_maps import ERRORS_RGB, sample_map
from render.shade.legend import ColourBar, Shown, ShownPerson, Swatches
from render.shade.palettes import CROWD_RGB
from render.types.fits import Fits
from tests.helpers.fit_tables import make_table

BAR = ColourBar("error", "mm", 0.0, 100.0, ERRORS_RGB, is_clamped=True)
NOWHERE = np.zeros((0, 2))


def make_names(count: int) -> Swatches:
    return Swatches(tuple((f"#{k}", CROWD_RGB[k % len(CROWD_RGB)]) for k in range(count)))


def make_panel(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.full((height, width, channels), 255, np.uint8)


@given(
    height=st.integers(1, 500),
    width=st.integers(1, 500),
    legend=st.one_of(st.just(BAR), st.integers(0, 60).map(make_names)),
    channels=st.sampled_from([3, 4]),
)
@settings(deadline=None, max_examples=40)
def test_it_stays_clear_of_the_edges_or_is_left_out(height, width, legend, channels):
    pixels = make_panel(height, width, channels)
    plate = paint_legend(pixels, legend, NOWHERE)
    changed = (pixels != 255).any(2)
    if plate is None:
        assert not changed.any()
        return
    assert min(plate.x, plate.y, width - plate.x - plate.w, height - plate.y - plate.h) >= 2
    rows, columns = changed.any(1).nonzero()[0], changed.any(0).nonzero()[0]
    assert (rows[0], rows[-1] + 1) == (plate.y, plate.y + plate.h)
    assert (columns[0], columns[-1] + 1) == (plate.x, plate.x + plate.w)
    # It is beside what is shown, and not in its place.
    assert plate.w <= 0.6 * width
    assert plate.h <= 0.5 * height


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_it_lies_in_the_corner_where_least_is(corner):
    """Points are everywhere but in one quarter."""
    y, x = np.mgrid[0:480:8, 0:640:8].reshape(2, -1)
    is_free = (x // 320 == corner[0]) & (y // 240 == corner[1])
    plate = paint_legend(make_panel(480, 640), BAR, np.column_stack([x, y])[~is_free])
    assert (plate.x >= 320, plate.y >= 240) == (corner[0] == 1, corner[1] == 1)


def test_points_that_are_nowhere_count_nowhere():
    points = np.array([[np.nan, 3.0], [np.nan, np.nan], [np.inf, 1e9]])
    assert paint_legend(make_panel(480, 640), BAR, points) == paint_legend(make_panel(480, 640), BAR, NOWHERE)


def test_the_bar_has_the_colours_of_the_map_in_their_order():
    pixels = make_panel(480, 640)
    plate = paint_legend(pixels, BAR, NOWHERE)
    region = pixels[plate.y : plate.y + plate.h, plate.x : plate.x + plate.w].astype(int)
    wine = (255 * np.array(ERRORS_RGB[-1])).round()
    rows = (np.abs(region - wine).max(2) <= 3).any(1).nonzero()[0]
    row = region[rows[len(rows) // 2]]
    # Inside of the bar's frame.
    white = (row == 255).all(1).nonzero()[0]
    bar = row[white[0] + 1 : white[-1]] / 255
    at = (np.arange(len(bar)) + 0.5) / len(bar)
    expected = sample_map(ERRORS_RGB, at)
    # Rounded to bytes.
    np.testing.assert_allclose(bar, expected, atol=0.51 / 255)


def test_each_swatch_has_its_colour():
    pixels = make_panel(480, 640)
    paint_legend(pixels, make_names(21), NOWHERE)
    there = {tuple(rgb) for rgb in pixels.reshape(-1, 3).tolist()}
    assert {tuple(round(255 * value) for value in rgb) for rgb in CROWD_RGB} <= there


def test_what_finds_no_room_is_left_out():
    few, many = make_panel(300, 300), make_panel(300, 300)
    paint_legend(few, make_names(3), NOWHERE)
    assert paint_legend(many, make_names(4000), NOWHERE) is not None
    assert (many != 255).any(2).sum() > (few != 255).any(2).sum()
    assert paint_legend(make_panel(300, 300), make_names(0), NOWHERE) is None


def show(body, fits: Fits) -> list[ShownShot]:
    """What is seen of people at rest in the photo's view and from the side."""
    poses = fits.sources[0].bodies
    posed = body.pose(torch.from_numpy(poses.rotmat), torch.from_numpy(poses.betas))
    photo = np.zeros((200, 300, 3), np.uint8)
    sheets = build_sheets(posed, ["camera/colordepth", "side/geo"], photos=[photo], fits=fits)
    shots = sheets.staged.batch.shots
    seen = find_shown(sheets.staged, 50.0)
    for one, shot in zip(seen, shots, strict=True):
        middle = np.nanmean(one.free_px, 0)
        assert (middle > 0).all()
        assert (middle < shot.size_px).all()
    return [seen[k] for k in np.argsort([shot.viewpoint.name for shot in shots])]


def test_a_panel_knows_its_people_and_its_scale(demo_body):
    """Under weak perspective nobody knows how far off they are."""
    for one in show(demo_body, make_table(1)):
        assert one.shown == Shown(50.0, None, (ShownPerson("#0", 1, 0),))


def test_depths_are_those_before_the_camera_of_the_photo(demo_body):
    fits = make_table(1)
    pinhole = {
        "scale": np.zeros(1),
        "focal": np.full((1, 2), 250.0),
        "center": np.array([[150.0, 100.0]]),
        "transl_m": np.array([[0.0, 0.0, 4.0]]),
        "is_metric": np.ones(1, bool),
    }
    camera, side = show(demo_body, replace(fits, **pinhole))
    z = demo_body.pose(torch.eye(3).repeat(1, 24, 1, 1), torch.zeros(1, 10)).verts[0, :, 2].numpy() + 4
    # Float32's last bits.
    assert camera.shown.depths_m == pytest.approx((z.min(), z.max()), abs=1e-5)
    assert side.shown.depths_m is None


def test_the_library_paints_legends_without_fits():
    """Of bodies that nobody has fitted, too; other annotations are of fits."""
    square = make_bodies(
        [[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1]], values=[0, 50, 100, 150]
    )
    sheets = build_sheets(square, ["camera/error/white", "camera/mask"], size_px=(240, 240))
    fragments = rasterize_sheets(sheets, "warp")
    plain, noted = (shade_sheets(sheets, fragments, annotate=names)[0] for names in ((), ("legend",)))
    assert (plain != noted)[:, :240].any()
    # Labels take no annotations.
    assert not (plain != noted)[:, 240:].any()
    with pytest.raises(ValueError, match="annotate: annotations are of fits"):
        shade_sheets(sheets, fragments, annotate=["legend", "bbox"])
