import re

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from render.errors import ConfigError
from render.figure.lay_out import lay_out
from render.types.figure.content import (
    BAR,
    BarContent,
    CellContent,
    FigureContent,
    InsetContent,
    name_cell,
)
from render.types.figure.page import Box, FigurePage
from render.types.figure.spec import Column, FigureSpec, FigureStyle, Mark, Sample, Strip, Zoom
from tests.helpers.figures import fill, find_overlaps, find_text_box, is_inside, make_spec, overlap

WORDS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "Ours", "EFT (Joo et al., 2021)", "输入图像", "الطريقة المقترحة", "हमारी विधि", "x" * 60]
    ),
    st.text(max_size=40),
)


NARROW_BAR = BarContent(0, 1, "mm", "distance to the nearest point")


@st.composite
def draw_figures(draw: st.DrawFn) -> tuple[FigureSpec, FigureContent]:
    count = draw(st.integers(1, 6))
    strips = draw(st.sets(st.integers(0, 3), max_size=1))
    labels = draw(st.lists(WORDS, min_size=1, max_size=4))
    rows = tuple(
        Sample(row=number, label=label, strip=Strip(5, 4) if number in strips else None)
        for number, label in enumerate(labels)
    )
    strips &= set(range(len(rows)))
    style = FigureStyle(
        width_mm=draw(st.floats(40, 200)),
        dpi=draw(st.sampled_from([72, 300, 600])),
        font=draw(st.sampled_from(["times", "helvetica", "computer-modern"])),
        text_pt=draw(st.floats(4, 11)),
        note_pt=draw(st.floats(4, 11)),
        gap_mm=draw(st.floats(0, 3)),
        rule_pt=draw(st.sampled_from([0.0, 0.5])),
        letters=draw(st.sampled_from(["none", "cells", "columns", "rows"])),
    )
    share = st.floats(0, 0.8)
    zooms = (Zoom("left_hand", corner=draw(st.sampled_from(["tl", "br"]))), Zoom((0.5, 0.5), scale=0.3))
    insets = (
        InsetContent(0, draw(share), draw(share), 0.2, 0.2),
        InsetContent(1, draw(share), draw(share), 0.2, 0.1),
    )
    cells = {
        (row, column): CellContent(draw(WORDS), insets[: draw(st.integers(0, 2))])
        for row in range(len(rows))
        for column in range(1 if row in strips else count)
    }
    bar = BarContent(
        draw(st.floats(-10, 0)), draw(st.floats(1, 200)), "mm", draw(st.sampled_from(["", "error"])), True
    )
    spec = FigureSpec(
        "figure",
        rows,
        tuple(Column("image", title=draw(WORDS)) for _ in range(count)),
        style=style,
        zooms=zooms,
        marks=(Mark("arrow", (0.1, 0.9, 1.0, 0.0), 0, 0),),
        is_transposed=not strips and draw(st.booleans()),
    )
    content = FigureContent(
        draw(st.floats(0.4, 2.5)),
        cells,
        {row: draw(st.floats(2, 6)) for row in strips},
        bar if draw(st.booleans()) else None,
    )
    return spec, content


@settings(max_examples=60, deadline=None)
@given(draw_figures())
def test_everything_lies_on_the_page_and_nothing_on_something_else(figure):
    spec, content = figure
    try:
        page = lay_out(spec, content)
    except ConfigError as error:
        event(re.split(r"\d|:", str(error))[0])
        return
    event("laid out")
    assert page.width == spec.style.width_mm
    everything = list_boxes(page)
    assert [name for name, box in everything.items() if not is_inside(box, page.width, page.height)] == []
    apart = {name: box for name, box in everything.items() if not is_over_a_picture(name)}
    assert list(find_overlaps(apart)) == []
    pictures = {picture.name: picture.box for picture in page.pictures if "_zoom" not in picture.name}
    for line in page.lines:
        # A rule is the only line that is as long as the cells of a row.
        if not line.is_closed and line.width_pt == spec.style.rule_pt and line.points[0][0] == 0.0:
            rule = Box(0.0, line.points[0][1] - 0.1, line.points[1][0], 0.2)
            assert not any(overlap(rule, box) for box in pictures.values())


@settings(max_examples=20, deadline=None)
@given(draw_figures())
def test_no_picture_has_fewer_pixels_than_asked_for_or_another_shape(figure):
    spec, content = figure
    try:
        page = lay_out(spec, content)
    except ConfigError:
        return
    for picture in page.pictures:
        for pixels, side in zip(picture.size_px, (picture.box.w, picture.box.h), strict=True):
            # Whole pixels of cells of one width make their heights, so one side may be short by half a pixel.
            assert pixels >= side / 25.4 * spec.style.dpi - 1e-6
    cells = {picture.name: picture for picture in page.pictures}
    first = [cells[name_cell(*place)] for place in content.cells if place[0] not in content.strips]
    assert len({picture.size_px for picture in first}) <= 1
    assert len({(round(picture.box.w, 6), round(picture.box.h, 6)) for picture in first}) <= 1


def list_boxes(page: FigurePage) -> dict[str, Box]:
    boxes = {picture.name: picture.box for picture in page.pictures}
    boxes |= {f"plate {number}": plate.box for number, plate in enumerate(page.plates)}
    for number, text in enumerate(page.texts):
        boxes[f"{text.role} {number} {text.text}"] = find_text_box(text, page.font)
    for number, line in enumerate(page.lines):
        xs, ys = zip(*line.points, strict=True)
        boxes[f"line {number}"] = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return boxes


def is_over_a_picture(name: str) -> bool:
    return "_zoom" in name or name.startswith(("plate", "letter", "line"))


def test_columns_and_rows_of_a_plain_figure():
    spec = make_spec((None,) * 4, (None, None), FigureStyle(width_mm=103, gap_mm=1, dpi=254))
    page = lay_out(spec, fill(spec, aspect=0.5))
    places = {picture.name: picture.box for picture in page.pictures}
    assert places["row1_column1"] == Box(0, 0, 25, 50)
    assert places["row2_column4"] == Box(78, 51, 25, 50)
    assert {picture.size_px for picture in page.pictures} == {(250, 500)}
    assert (page.width, page.height) == (103, 101)
    assert page.texts == page.lines == page.plates == ()


def test_transposed_rows_become_columns():
    spec = make_spec(("Input", "Ours"), ("one", "two", "three"), is_transposed=True)
    page = lay_out(spec, fill(spec))
    places = {picture.name: picture.box for picture in page.pictures}
    assert places["row1_column1"].y == places["row3_column1"].y < places["row1_column2"].y
    assert [text.text for text in page.texts if text.role == "title"] == ["one", "two", "three"]
    assert [text.text for text in page.texts if text.role == "label"] == ["Input", "Ours"]


def test_titles_stand_on_a_common_last_baseline():
    spec = make_spec(("Short", "A title of many words that does not fit into a single line of it", None))
    titles = [text for text in lay_out(spec, fill(spec)).texts if text.role == "title"]
    assert len(titles) > 2
    assert titles[0].y == titles[-1].y == max(title.y for title in titles)


def test_no_word_of_a_title_is_lost_or_broken():
    title = "A title of many words that does not fit into a single line of it"
    spec = make_spec((title, "Ours"), style=FigureStyle(width_mm=60))
    titles = [text.text for text in lay_out(spec, fill(spec)).texts if text.role == "title"]
    assert " ".join(titles) == f"{title} Ours"


@pytest.mark.parametrize(
    ("letters", "role", "found"),
    [
        ("cells", "letter", ["(a)", "(b)", "(c)", "(d)"]),
        ("columns", "title", ["(a) Input", "(b)"]),
        ("rows", "label", ["(a) one", "(b) two"]),
        ("none", "letter", []),
    ],
)
def test_letters_count_what_they_are_told_to(letters, role, found):
    spec = make_spec(("Input", None), ("one", "two"), FigureStyle(letters=letters))
    assert [text.text for text in lay_out(spec, fill(spec)).texts if text.role == role] == found


def test_letters_of_long_labels_have_a_line_of_their_own_in_all_rows():
    style = FigureStyle(letters="rows", width_mm=100)
    spec = make_spec(("Input",) * 4, ("short", "a label that is longer than its row"), style)
    labels = [text.text for text in lay_out(spec, fill(spec)).texts if text.role == "label"]
    assert labels[:3] == ["(a)", "short", "(b)"]
    assert len(labels) > 4


def test_letters_stand_clear_of_insets():
    spec = make_spec(style=FigureStyle(letters="cells"), zooms=(Zoom("head", corner="tl"),))
    inset = InsetContent(0, 0.6, 0.6, 0.2, 0.2)
    content = FigureContent(1.0, {(0, 0): CellContent(insets=(inset,)), (0, 1): CellContent()})
    page = lay_out(spec, content)
    first, second = page.plates
    assert not any(overlap(first.box, picture.box) for picture in page.pictures if "_zoom" in picture.name)
    assert first.box.y == second.box.y
    right, left = first.box.x - page.pictures[0].box.x, second.box.x - page.pictures[1].box.x
    assert right > left == 0


def test_ink_is_white_on_a_dark_page_and_letters_on_their_plates_are_not():
    spec = make_spec(style=FigureStyle(page="black", letters="cells"))
    page = lay_out(spec, fill(spec, note="43.1"))
    assert page.page == "000000"
    assert {text.role: text.colour for text in page.texts} == {
        "title": "ffffff",
        "note": "ffffff",
        "letter": "000000",
    }
    transparent = make_spec(style=FigureStyle(page="transparent"))
    assert lay_out(transparent, fill(transparent)).page is None


def test_a_bar_stands_beside_high_pictures_and_lies_below_low_ones():
    spec = make_spec()
    bar = BarContent(0, 100, "mm", "error", is_clamped=True)
    high, low = (lay_out(spec, fill(spec, aspect, bar=bar)) for aspect in (1.0, 8.0))
    upright, lying = (page.pictures[-1] for page in (high, low))
    assert upright.name == lying.name == BAR
    assert upright.box.h > upright.box.w
    assert lying.box.w > lying.box.h
    for page in (high, low):
        texts = [text.text for text in page.texts if text.role == "bar"]
        assert {"error (mm)", "0", "≥ 100"} <= set(texts)


def test_strips_alone_need_no_columns():
    spec = FigureSpec("figure", (Sample(row=0, label="walk", strip=Strip(5, 8)),), ())
    page = lay_out(spec, FigureContent(1.0, {(0, 0): CellContent("at 30 Hz")}, {0: 5.0}))
    (strip,) = page.pictures
    assert strip.name == "row1_column1"
    assert strip.box.w / strip.box.h == pytest.approx(5, rel=0.01)
    assert strip.box.right == pytest.approx(page.width)


@pytest.mark.parametrize(
    ("spec", "content", "message"),
    [
        (make_spec(("a",) * 10, style=FigureStyle(width_mm=20)), {}, "fewer columns"),
        (make_spec(labels=("long " * 60,), style=FigureStyle(width_mm=30)), {}, "shorter labels"),
        (make_spec(labels=(None,) * 200), {"aspect": 0.1}, "1500 mm is the most"),
        (make_spec(), {"aspect": 50.0}, "another aspect"),
        (make_spec(("W",) * 20, style=FigureStyle(width_mm=83, text_pt=20)), {}, "a letter is"),
        (make_spec(style=FigureStyle(dpi=20_000)), {}, "smaller dpi"),
        (make_spec(style=FigureStyle(width_mm=800, dpi=1200)), {"aspect": 4.0}, "16384 is the most"),
        (make_spec(("a" * 1001,)), {}, r"columns\[0\].title"),
        (make_spec(style=FigureStyle(page="blu")), {}, "page"),
        (make_spec(style=FigureStyle(page="photo")), {}, "page"),
        (make_spec(style=FigureStyle(width_mm=12, letters="cells", note_pt=14)), {}, "letters=columns"),
        (make_spec(), {"bar": BarContent(1, 1, "mm")}, "low end below"),
        (make_spec(style=FigureStyle(width_mm=20)), {"aspect": 2.0, "bar": NARROW_BAR}, "beside its title"),
        (make_spec(), {"bar": BarContent(0, float("nan"), "mm")}, "low end below"),
        (FigureSpec("figure", (), ()), {}, "at least one row"),
    ],
)  # fmt: skip
def test_what_has_no_room_is_refused_in_a_line_that_says_what_to_do(spec, content, message):
    with pytest.raises(ConfigError, match=message) as caught:
        lay_out(spec, fill(spec, **content))
    assert "\n" not in str(caught.value)


def test_an_upright_strip_is_refused():
    spec = FigureSpec("figure", (Sample(row=0, strip=Strip(5, 8)),), (Column("image"),), is_transposed=True)
    with pytest.raises(ConfigError, match="lies along a row"):
        lay_out(spec, FigureContent(1.0, {}, {0: 5.0}))
