"""Sheets and batches stay within what memory holds."""

import pytest

from render.errors import PhotoError
from render.panels import parse_panel
from render.plan import MAX_BATCH_PX, gather_batches, lay_out_sheet, needs_photo_size
from render.types import Sheet

GEO = (parse_panel("orbit/geo"),)


def make_sheet(height: int, width: int, people: int = 1, frames: int = 1, samples: int = 1) -> Sheet:
    return lay_out_sheet(
        "a", None, (height, width), GEO, tuple(range(people)), columns=1, frames=frames, samples=samples
    )


def test_batches_are_bounded_by_count_by_pixels_and_by_bodies():
    small = [make_sheet(100, 100)] * 10
    assert [len(batch) for batch in gather_batches(small, 4)] == [4, 4, 2]
    large = [make_sheet(5000, 4000)] * 5
    assert [len(batch) for batch in gather_batches(large, 64)] == [3, 2]
    assert [len(batch) for batch in gather_batches(large, 64, samples=16)] == [1] * 5
    turning = [make_sheet(16, 16, frames=900)] * 4
    assert [len(batch) for batch in gather_batches(turning, 64)] == [1] * 4


def test_photos_count_however_small_their_sheets_are():
    crop = (parse_panel("crop:1/geo"),)
    sheets = [lay_out_sheet("a", None, (4000, 6000), crop, (0,), columns=1)] * 6
    assert [len(batch) for batch in gather_batches(sheets, 64)] == [2, 2, 2]


def test_a_sheet_larger_than_a_batch_has_its_own():
    huge = make_sheet(10_000, 10_000)
    assert huge.height * huge.width > MAX_BATCH_PX
    assert [len(batch) for batch in gather_batches([make_sheet(9, 9), huge, make_sheet(9, 9)], 64)] == [
        1,
        1,
        1,
    ]


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
    with pytest.raises(PhotoError, match=message):
        make_sheet(**size)


def test_a_mask_tells_255_people_apart():
    with pytest.raises(PhotoError, match="255 people apart, found 256"):
        lay_out_sheet("a", None, (9, 9), (parse_panel("camera/mask"),), tuple(range(256)), columns=1)


@pytest.mark.parametrize(
    ("panel", "free_hw", "needed"),
    [
        ("camera/mask", None, True),
        ("side/geo", None, True),
        ("side/geo", (9, 9), False),
        ("crop/geo", None, True),
        ("crop/geo/white", None, False),
    ],
)
def test_photos_are_opened_only_if_their_size_or_pixels_count(panel, free_hw, needed):
    assert needs_photo_size((parse_panel(panel),), free_hw) is needed
