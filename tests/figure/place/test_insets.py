from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.figure.place.grid import Cell
from render.figure.place.insets import choose_corners, find_leaders
from render.types.figure.content import InsetContent
from render.types.figure.page import Box
from render.types.figure.spec import Zoom
from tests.helpers.figures import overlap

CELL = Cell(0, 0, Box(10.0, 20.0, 40.0, 30.0), (400, 300))
FAR = 1000.0


def show(left: float, top: float, size: float = 0.2, zoom: int = 0) -> InsetContent:
    return InsetContent(zoom, left, top, size, size * 40 / 30)


def choose(*rows: list[InsetContent], zooms: tuple[Zoom, ...]) -> list[list[str]]:
    placed = choose_corners([(replace(CELL, column=k), row) for k, row in enumerate(rows)], zooms)
    return [[inset.corner for inset in cell] for cell in placed]


def test_an_inset_lies_in_its_corner_on_the_edge():
    ((inset,),) = choose_corners([(CELL, [show(0.1, 0.1)])], (Zoom("head", corner="br", scale=0.5),))
    assert inset.corner == "br"
    assert (inset.part.x, inset.part.y, inset.part.w, inset.part.h) == pytest.approx((14, 23, 8, 8))
    # Half of the shorter side, half a stroke of one point away from the picture's edge.
    assert (inset.box.w, inset.box.h) == pytest.approx((15, 15))
    assert 50 - inset.box.right == pytest.approx(0.5 * 25.4 / 72)
    assert 50 - inset.box.bottom == pytest.approx(0.5 * 25.4 / 72)


def test_all_pictures_of_a_row_take_the_corner_that_is_free_in_all():
    zooms = (Zoom("head", corner="br"),)
    assert choose([show(0.1, 0.1)], [show(0.7, 0.7)], [show(0.1, 0.7)], zooms=zooms) == [["tr"]] * 3
    # The part is in each corner of one picture: there is none that is free in all.
    corners = [[show(x, y)] for x in (0.05, 0.75) for y in (0.05, 0.7)]
    assert choose(*corners, zooms=zooms) == [["br"]] * 4


def test_an_inset_that_names_a_corner_goes_before_its_zoom():
    zooms = (Zoom("head", corner="br"),)
    assert choose([replace(show(0.7, 0.7), corner="tl")], [show(0.1, 0.1)], zooms=zooms) == [["tl"], ["br"]]


def test_insets_do_not_cover_each_other():
    zooms = tuple(Zoom((0.5, 0.5), corner="br") for _ in range(4))
    (corners,) = choose([show(0.45, 0.45, 0.05, zoom) for zoom in range(4)], zooms=zooms)
    assert sorted(corners) == ["bl", "br", "tl", "tr"]
    zooms += (Zoom((0.5, 0.5)),)
    with pytest.raises(ConfigError, match=r"zooms\[4\]: no corner has room"):
        choose([show(0.45, 0.45, 0.05, zoom) for zoom in range(5)], zooms=zooms)


def test_a_part_outside_of_the_picture_is_refused():
    with pytest.raises(ConfigError, match=r"zooms\[0\]: what it shows lies outside"):
        choose([show(1.1, 0.5)], zooms=(Zoom("head"),))


def test_leaders_join_corners_of_one_name():
    part, inset = Box(0, 0, 2, 2), Box(10, 10, 4, 4)
    assert find_leaders(part, inset, FAR) == [((2, 0), (14, 10)), ((0, 2), (10, 14))]
    assert find_leaders(part, Box(1, 1, 4, 4), FAR) == []
    # 8 mm to the right and 8 mm down.
    assert find_leaders(part, inset, 11) == []


@given(*(st.floats(0, 20) for _ in range(4)), st.floats(1, 6), st.floats(1, 6))
def test_leaders_cross_neither_the_part_nor_the_inset(x, y, u, v, small, large):
    part, inset = Box(x, y, small, small), Box(u, v, large, large)
    leaders = find_leaders(part, inset, FAR)
    beside = part.x >= inset.right or inset.x >= part.right
    is_over = not beside and part.y < inset.bottom and inset.y < part.bottom
    assert is_over == (not leaders)
    for (ax, ay), (bx, by) in leaders:
        for share in (0.25, 0.5, 0.75):
            dot = Box(ax + share * (bx - ax) - 1e-3, ay + share * (by - ay) - 1e-3, 2e-3, 2e-3)
            inner = [Box(box.x + 2e-3, box.y + 2e-3, box.w - 4e-3, box.h - 4e-3) for box in (part, inset)]
            assert not any(overlap(dot, box) for box in inner)
