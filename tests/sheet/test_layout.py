"""Who is on a sheet, where its panels lie, and how large it may be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.errors import PhotoError
from render.sheet import layout
from render.sheet.layout import MAX_SHEET_BYTES, group_people, lay_out_sheet, needs_photo_size, shows_photo
from render.sheet.panels import parse_panel
from render.types.sheets import Panel, Rect, Sheet
from tests.helpers.fit_tables import make_table

GEO = (parse_panel("orbit/geo"),)


def parse(*panels: str) -> tuple:
    return tuple(parse_panel(text) for text in panels)


def make_sheet(
    height: int = 2,
    width: int = 3,
    people: int = 1,
    frames: int = 1,
    samples: int = 1,
    specs: tuple = GEO,
    photo: Path | None = None,
) -> Sheet:
    who = tuple(range(people))
    return lay_out_sheet("a", photo, (height, width), specs, who, columns=1, frames=frames, samples=samples)


def test_each_person_has_a_sheet_or_each_image():
    """Images in the order of the file, also where other images come between their people."""
    fits = make_table(5, image_name=np.array(["b", "a", "b", "c", "a"]))
    assert group_people(fits, "alone") == [[(0,), (2,)], [(1,), (4,)], [(3,)]]
    assert group_people(fits, "together") == [[(0, 2)], [(1, 4)], [(3,)]]


@given(
    views=st.lists(st.sampled_from(["camera", "crop:1", "crop:2.5", "orbit:30", "side:ortho"]), min_size=1),
    columns=st.integers(1, 5),
    frames=st.integers(1, 4),
    photo_hw=st.tuples(st.integers(1, 900), st.integers(1, 900)),
    free_hw=st.none() | st.tuples(st.integers(1, 900), st.integers(1, 900)),
    gap=st.integers(0, 9),
)
@settings(deadline=None, max_examples=60)
def test_panels_follow_one_another_in_rows_and_frames(views, columns, frames, photo_hw, free_hw, gap):
    """No two share a pixel, none leaves the sheet, and the sheet is no larger than it must be."""
    specs = parse(*(f"{view}/geo/white" for view in views))
    sheet = lay_out_sheet(
        "a", None, photo_hw, specs, (4,), columns=columns, free_hw=free_hw, frames=frames, gap=gap
    )
    assert len(sheet.panels) == frames * len(specs)
    assert sheet.height % frames == 0
    frame_height = sheet.height // frames
    right = bottom = 0
    for k, panel in enumerate(sheet.panels):
        frame, i = divmod(k, len(specs))
        # At the left border, or where the one before it ends, in its row.
        before = sheet.panels[k - 1].rect
        if i % columns == 0:
            # All of the row above ends where this one begins, with a gap between them.
            row = sheet.panels[max(k - columns, frame * len(specs)) : k]
            assert panel.rect.x == 0
            assert panel.rect.y == max((p.rect.y + p.rect.h + gap for p in row), default=frame * frame_height)
        else:
            assert (panel.rect.x, panel.rect.y) == (before.x + before.w + gap, before.y)
        right = max(right, panel.rect.x + panel.rect.w)
        bottom = max(bottom, panel.rect.y + panel.rect.h)
        assert panel.rect.y + panel.rect.h <= (frame + 1) * frame_height
    assert (sheet.width, sheet.height) == (right, bottom)


@pytest.mark.parametrize(
    ("view", "free_hw", "size_hw"),
    [
        ("camera", (5, 6), (20, 30)),
        ("orbit", (5, 6), (5, 6)),
        ("orbit", None, (20, 30)),
        ("crop:1", (5, 6), (224, 224)),
        # To the nearest whole pixel: 224 x 1.004 is 224.896.
        ("crop:1.004", None, (225, 225)),
    ],
)
def test_only_what_does_not_lie_over_the_photo_is_free_in_its_size(view, free_hw, size_hw):
    sheet = lay_out_sheet("a", None, (20, 30), parse(f"{view}/geo"), (0,), columns=1, free_hw=free_hw)
    assert sheet.panels[0].rect == Rect(0, 0, w=size_hw[1], h=size_hw[0])
    assert (sheet.height, sheet.width) == size_hw


@pytest.mark.parametrize(
    ("panels", "columns", "rects"),
    [
        # Beside the photo, as high as it is, and three quarters as wide; a crop that names no size too.
        ("camera side", 9, [Rect(0, 0, 700, 400), Rect(705, 0, 300, 400)]),
        ("crop top camera", 9, [Rect(0, 0, 400, 400), Rect(405, 0, 300, 400), Rect(710, 0, 700, 400)]),
        # One that does has it, in the middle of its row.
        ("camera crop:1 side", 9, [Rect(0, 0, 700, 400), Rect(705, 88, 224, 224), Rect(934, 0, 300, 400)]),
        # The highest says how high the row is.
        (
            "camera crop:2 crop orbit",
            9,
            [Rect(0, 24, 700, 400), Rect(705, 0, 448, 448), Rect(1158, 0, 448, 448), Rect(1611, 0, 336, 448)],
        ),
        # Without a photo beside them crops are as large as they are by themselves.
        ("crop side", 9, [Rect(0, 0, 448, 448), Rect(453, 0, 336, 448)]),
        ("side orbit", 9, [Rect(0, 0, 384, 512), Rect(389, 0, 384, 512)]),
        # Each row by itself.
        ("camera side", 1, [Rect(0, 0, 700, 400), Rect(0, 405, 384, 512)]),
        ("camera side crop", 2, [Rect(0, 0, 700, 400), Rect(705, 0, 300, 400), Rect(0, 405, 448, 448)]),
    ],
)
def test_rows_with_sizes_of_their_own(panels, columns, rects):
    specs = parse(*(f"{view}/geo/white" for view in panels.split()))
    sheet = lay_out_sheet("a", None, (400, 700), specs, (0,), columns=columns, free_hw="auto", gap=5)
    assert [panel.rect for panel in sheet.panels] == rects
    assert sheet.width == max(rect.x + rect.w for rect in rects)
    assert sheet.height == max(rect.y + rect.h for rect in rects)


def test_beside_the_smallest_photo_there_is_still_a_panel():
    sheet = lay_out_sheet("a", None, (1, 9), parse("camera/geo", "side/geo"), (0,), columns=9, free_hw="auto")
    assert sheet.panels[1].rect == Rect(9, 0, 1, 1)


def test_a_sheet_keeps_what_it_is_told():
    spec = parse_panel("crop:2/normal/grey")
    look = {"paper": "transparent", "outside": "rgb:010203"}
    sheet = lay_out_sheet("b/c", Path("c.jpg"), (20, 30), (spec,), (7, 3), columns=1, **look)
    assert sheet == Sheet(
        name="b/c",
        height=448,
        width=448,
        photo=Path("c.jpg"),
        photo_hw=(20, 30),
        panels=(Panel(spec.viewpoint, "normal", "grey", Rect(0, 0, 448, 448)),),
        fits=(7, 3),
        frames=1,
        **look,
    )


def test_views_around_bodies_turn_once_and_those_over_the_photo_do_not():
    """The last frame is a step before the first: a clip that runs over and over shows no frame twice."""
    specs = parse("orbit:10:5/geo", "camera/geo", "side:ortho/geo", "crop:2/geo")
    sheet = lay_out_sheet("a", None, (4, 4), specs, (0,), columns=4, frames=8)
    for k, panel in enumerate(sheet.panels):
        frame, i = divmod(k, len(specs))
        turn = 45.0 * frame if i in (0, 2) else 0.0
        expected = specs[i].viewpoint
        assert panel.viewpoint == replace(expected, azimuth_deg=expected.azimuth_deg + turn)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ({"height": 30_000, "width": 30_000}, "more than a sheet can hold"),
        ({"height": 15_000, "width": 15_000, "samples": 16}, "16 sample.s. each"),
        ({"height": 9999, "width": 9999, "frames": 90}, "90 frame.s. of 9999 x 9999 pixels"),
        ({"height": 16, "width": 16, "people": 200, "frames": 90}, "200 people on 1 panel.s. in 90 frame.s."),
    ],
)
def test_sheets_beyond_all_bounds_are_refused(size, message):
    with pytest.raises(PhotoError, match=f"^a: .*{message}"):
        make_sheet(**size)
    # Who is to scale a photo down is told which.
    with pytest.raises(PhotoError, match=f"^c.jpg: .*{message}"):
        make_sheet(**size, photo=Path("c.jpg"))


@pytest.mark.parametrize(("samples", "bytes_a_pixel"), [(1, 4), (4, 4), (16, 16)])
def test_a_sheet_may_be_exactly_as_large_as_the_bound(monkeypatch, samples, bytes_a_pixel):
    """Four bytes a pixel with alpha, or one for each sample where those are more."""
    most = 20 * 30 * 7 * bytes_a_pixel
    size = {"height": 20, "width": 30, "frames": 7, "samples": samples}
    monkeypatch.setattr(layout, "MAX_SHEET_BYTES", most)
    assert make_sheet(**size).height == 140
    monkeypatch.setattr(layout, "MAX_SHEET_BYTES", most - 1)
    with pytest.raises(PhotoError, match="more than a sheet can hold"):
        make_sheet(**size)


def test_gaps_count_as_what_a_sheet_holds(monkeypatch):
    def make(gap: int) -> Sheet:
        return lay_out_sheet("a", None, (20, 30), (*GEO, *GEO, *GEO), (0,), columns=2, gap=gap)

    monkeypatch.setattr(layout, "MAX_SHEET_BYTES", 4 * 43 * 63)
    assert (make(3).height, make(3).width) == (43, 63)
    with pytest.raises(PhotoError, match=r"1 frame\(s\) of 64 x 44 pixels"):
        make(4)


def test_the_bound_of_bytes_is_what_32_bits_index():
    assert np.iinfo(np.int32).max == MAX_SHEET_BYTES


def test_ten_thousand_bodies_are_taken_and_not_one_more():
    """People times panels times frames."""
    specs = parse("orbit/geo", "side/geo")
    assert len(make_sheet(people=50, frames=100, specs=specs).panels) == 200
    with pytest.raises(PhotoError, match=r"^a: 51 people on 2 panel\(s\) in 100 frame\(s\) .* 10000 bodies"):
        make_sheet(people=51, frames=100, specs=specs)


def test_a_mask_tells_255_people_apart_and_other_modes_any_number():
    specs = parse("camera/geo", "camera/mask")
    assert len(make_sheet(people=255, specs=specs).fits) == 255
    with pytest.raises(PhotoError, match=r"^a: mask tells 255 people apart, found 256 .*people=alone"):
        make_sheet(people=256, specs=specs)
    assert len(make_sheet(people=256, specs=specs[:1]).fits) == 256


@pytest.mark.parametrize(
    ("panels", "free_hw", "needed"),
    [
        (["camera/mask"], None, True),
        (["side/geo"], None, True),
        (["side/geo"], (9, 9), False),
        (["crop/geo"], None, True),
        (["crop/geo/white"], None, False),
        (["crop/geo/white", "side/geo"], (9, 9), False),
        (["crop/geo/white", "camera/geo/white"], (9, 9), True),
        (["side/geo", "crop/geo/photo"], (9, 9), True),
        (["side/geo", "orbit/geo"], "auto", False),
        (["side/geo", "crop/geo/white"], "auto", False),
        (["side/geo", "camera/geo/white"], "auto", True),
        (["side/geo", "crop/geo/photo"], "auto", True),
    ],
)
def test_photos_are_opened_only_if_their_size_or_pixels_count(panels, free_hw, needed):
    assert needs_photo_size(parse(*panels), free_hw) is needed


def test_a_photo_is_shown_where_one_panel_shows_it():
    assert shows_photo(parse("side/geo", "camera/geo/photo"))
    assert not shows_photo(parse("side/geo", "camera/geo/white"))
