"""Titles have room of their own beside the panels, and are written into it alone."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from render.sheet.canvas import paint_backgrounds
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.titles.paint import paint_title
from render.types.sheets import Rect, Title

GRID = [f"{view}/{mode}" for mode in ("geo", "normal", "wireframe") for view in ("camera", "crop", "side")]


def lay_out(panels=GRID, columns=3, hw=(240, 320), **options):
    specs = tuple(parse_panel(text, "white") for text in panels)
    given = {"titles": "grid", "free_hw": "auto"} | options
    return lay_out_sheet("a", None, hw, specs, (0,), columns=columns, **given)


def overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


def paint(sheet, channels=3):
    view = np.full((sheet.height, sheet.width, channels), 77, np.uint8)
    paint_backgrounds(view, sheet, None, None)
    return view


@given(
    views=st.lists(st.sampled_from(["camera", "crop", "crop:2", "side", "orbit:30"]), min_size=1, max_size=7),
    modes=st.lists(st.sampled_from(["geo", "normal", "mask"]), min_size=1, max_size=3, unique=True),
    columns=st.integers(1, 5),
    hw=st.tuples(st.integers(1, 700), st.integers(1, 700)),
    gap=st.integers(0, 9),
    frames=st.integers(1, 3),
)
@settings(deadline=None, max_examples=80)
def test_titles_and_panels_share_no_pixel(views, modes, columns, hw, gap, frames):
    panels = [f"{view}/{mode}" for mode in modes for view in views]
    sheet = lay_out(panels, columns, hw, gap=gap, frames=frames)
    page = Rect(0, 0, sheet.width, sheet.height)
    places = [panel.rect for panel in sheet.panels] + [title.rect for title in sheet.titles]
    for i, place in enumerate(places):
        assert 0 <= place.x <= page.w - place.w
        assert 0 <= place.y <= page.h - place.h
        assert not any(overlap(place, other) for other in places[:i])
    plain = lay_out(panels, columns, hw, gap=gap, frames=frames, titles="none")
    assert not plain.titles
    assert [(p.rect.w, p.rect.h) for p in plain.panels] == [(p.rect.w, p.rect.h) for p in sheet.panels]


def test_names_stand_above_their_columns_and_left_of_their_rows():
    sheet = lay_out(frames=2)
    first = sheet.titles[:6]
    assert [title.text for title in first] == ["camera", "crop", "side", "geo", "normal", "wireframe"]
    assert [title.is_upward for title in first] == [False] * 3 + [True] * 3
    rects = [panel.rect for panel in sheet.panels]
    for title, panel in zip(first[:3], rects[:3], strict=True):
        assert (title.rect.x, title.rect.w) == (panel.x, panel.w)
        assert title.rect.y + title.rect.h < panel.y
    for title, panel in zip(first[3:], rects[:9:3], strict=True):
        assert (title.rect.y, title.rect.h) == (panel.y, panel.h)
        assert title.rect.x + title.rect.w < panel.x
    # The second frame has them, too, as far below as its panels.
    below = rects[9].y - rects[0].y
    moved = [replace(title.rect, y=title.rect.y + below) for title in first]
    assert [title.rect for title in sheet.titles[6:]] == moved
    assert sheet.height == 2 * below


def test_panels_of_a_column_lie_in_its_middle():
    """Of views that go by rows, whose widths differ."""
    sheet = lay_out(["camera/geo", "camera/mask", "side/geo", "side/mask"], 2)
    camera, _, side, _ = (panel.rect for panel in sheet.panels)
    assert side.w != camera.w
    assert abs((side.x + side.w / 2) - (camera.x + camera.w / 2)) <= 0.5


def test_panels_of_the_contact_sheet_fill_their_cells():
    rects = [panel.rect for panel in lay_out(gap=6).panels]
    assert {rect.h for rect in rects} == {240}
    for left, right in pairwise(rects):
        assert right.x == left.x + left.w + 6 or right.y == left.y + 246


def test_letters_grow_with_the_sheet_and_stay_below_their_panels():
    def size_px(*hw):
        return lay_out(hw=hw).titles[0].size_px

    assert size_px(20, 20) == 10
    assert size_px(480, 640) < size_px(960, 1280) < 0.1 * 960
    assert size_px(100, 9000) <= 10


@pytest.mark.parametrize(
    ("paper", "channels", "colour"),
    [("white", 3, (255, 255, 255)), ("black", 3, (0, 0, 0)), ("rgb:204060", 4, (32, 64, 96, 255))],
)
def test_names_are_read_on_any_paper(paper, channels, colour):
    sheet = lay_out(paper=paper)
    view = paint(sheet, channels)
    outside = np.ones(view.shape[:2], bool)
    for title in sheet.titles:
        r = title.rect
        area = view[r.y : r.y + r.h, r.x : r.x + r.w]
        outside[r.y : r.y + r.h, r.x : r.x + r.w] = False
        assert np.abs(area[:, :, :3].astype(int) - colour[:3]).max() > 120
    for panel in sheet.panels:
        r = panel.rect
        outside[r.y : r.y + r.h, r.x : r.x + r.w] = False
    assert (view[outside] == colour).all()


def test_transparent_paper_holds_nothing_but_letters():
    view = paint(lay_out(paper="transparent"), 4)
    assert (view[view[:, :, 3] == 0] == 0).all()
    top = view[: view.shape[0] // 30]
    assert {0, 255} < set(top[:, :, 3].ravel().tolist())


@given(text=st.text(max_size=200), w=st.integers(1, 90), h=st.integers(1, 40), is_upward=st.booleans())
@settings(deadline=None, max_examples=80)
def test_any_title_stays_in_its_place(text, w, h, is_upward):
    view = np.full((60, 120, 3), 255, np.uint8)
    paint_title(view, Title(text, Rect(7, 9, w, h), 14, is_upward), (255, 255, 255))
    view[9 : 9 + h, 7 : 7 + w] = 255
    assert (view == 255).all()


def test_names_are_the_same_on_any_device():
    title = Title("orbit:45", Rect(2, 3, 80, 20), 16)
    array = np.full((30, 90, 3), 255, np.uint8)
    tensor = torch.from_numpy(array.copy())
    paint_title(array, title, (255, 255, 255))
    paint_title(tensor, title, (255, 255, 255))
    assert (tensor.numpy() == array).all()
    assert array.min() < 60
