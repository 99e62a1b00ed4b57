"""Captions are readable, stay in their panel, and survive any label."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.annotate.caption import paint_caption
from tests.helpers.marked_panels import GREEN, GREY, changed, make_panel


def draw(label, h=200, w=300, box=None, taken=()):
    pixels = make_panel(h, w)
    return pixels, paint_caption(pixels, label, box, GREEN, taken)


boxes = st.one_of(
    st.none(),
    st.lists(st.one_of(st.floats(-500, 900), st.just(np.nan)), min_size=4, max_size=4).map(np.array),
)


@settings(deadline=None, max_examples=50)
@given(label=st.text(max_size=80), h=st.integers(1, 400), w=st.integers(1, 400), box=boxes)
def test_any_label_stays_on_its_plate_and_clear_of_the_edge(label, h, w, box):
    pixels, plate = draw(label, h, w, box)
    mask = changed(pixels)
    if plate is not None:
        assert 2 <= plate.x <= w - 2 - plate.w
        assert 2 <= plate.y <= h - 2 - plate.h
        mask[plate.y : plate.y + plate.h, plate.x : plate.x + plate.w] = False
    assert not mask.any()


@pytest.mark.parametrize("label", ["\ud800 lone", "a\nb", "日本語 😀", "\x00", "x" * 100_000])
def test_awkward_labels(label):
    assert draw(label)[1] is not None


def test_letters_of_other_scripts_are_drawn_as_they_are():
    pictures = [draw(label)[0] for label in ("日本語", "中文字", "???")]
    assert not any((a == b).all() for a, b in pairwise(pictures))


def test_long_labels_are_shortened_to_the_panel():
    pixels, plate = draw("a label that goes on and on and never seems to come to any end at all " * 3)
    assert plate.x + plate.w <= 298
    assert plate.w > 250
    # The ellipsis, and the plate's margin behind it.
    assert (pixels[:, plate.x + plate.w - 3 :].max(-1) <= GREY).all()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_text_is_bright_on_dark_over_any_background(value):
    pixels = np.full((800, 1200, 3), value, np.uint8)
    plate = paint_caption(pixels, "Mill", None, GREEN, ())
    inside = pixels[plate.y : plate.y + plate.h, plate.x + plate.h // 2 : plate.x + plate.w]
    assert inside.max() > 240
    assert np.median(inside) < 100


def test_caption_stands_above_its_box_or_inside_where_there_is_no_room():
    _, above = draw("label", box=np.array([40.0, 60.0, 140.0, 160.0]))
    assert (above.x, above.y + above.h) == (40, 60)
    _, inside = draw("label", box=np.array([40.0, 2.0, 140.0, 160.0]))
    assert (inside.x, inside.y) == (40, 4)
    _, corner = draw("label")
    assert (corner.x, corner.y) == (4, 4)


def test_captions_keep_clear_of_each_other():
    taken = []
    for _ in range(4):
        taken.append(draw("label", box=np.array([40.0, 60.0, 140.0, 160.0]), taken=taken)[1])
    rows = sorted((plate.y, plate.y + plate.h) for plate in taken)
    assert all(a[1] <= b[0] for a, b in pairwise(rows))


def test_no_caption_where_there_is_no_room():
    assert draw("label", h=8)[1] is None
    assert draw("label", w=15)[1] is None
    assert draw("")[1] is None


def test_text_scales_with_the_panel():
    small, large = draw("label", 224, 224)[1], draw("label", 2000, 2000)[1]
    assert small.h < 20
    assert large.h > 3 * small.h
