import pytest

from render.errors import ConfigError
from render.figure.place.grid import Cell
from render.figure.place.headings import letter
from render.figure.place.marks import place_letter, place_mark
from render.figure.place.sketch import Sketch
from render.figure.typesetting import Face
from render.types.figure.page import Box, PlacedLine
from render.types.figure.spec import Mark

CELL = Cell(0, 0, Box(10.0, 20.0, 40.0, 30.0), (400, 300))


def test_a_box_and_an_arrow_lie_where_their_shares_say():
    sketch = Sketch("000000")
    place_mark(sketch, CELL, Mark("box", (0.25, 0.5, 0.75, 0.5), 0, 0, "rgb:0072b2"), "marks[0]")
    place_mark(sketch, CELL, Mark("arrow", (0.0, 1.0, 0.5, 0.5), 0, 0, "white"), "marks[1]")
    box, arrow = sketch.lines
    assert box == PlacedLine(((20, 35), (50, 35), (50, 50), (20, 50)), 1.0, "0072b2", is_closed=True)
    assert (arrow.points, arrow.colour, arrow.has_head) == (((10, 50), (30, 35)), "ffffff", True)


@pytest.mark.parametrize(
    ("kind", "points", "message"),
    [
        ("box", (0.5, 0.5, 0.6, 0.1), r"marks\[0\]: expected left, top, width and height"),
        ("box", (-0.1, 0.5, 0.2, 0.1), "left, top"),
        ("arrow", (0.5, 0.5, 1.5, 0.1), "tail and the head"),
        ("arrow", (0.5, 0.5, 0.5, 0.5), "tail and the head"),
        ("arrow", (float("nan"), 0.5, 0.5, 0.5), "tail and the head"),
    ],
)
def test_marks_that_leave_the_picture_are_refused(kind, points, message):
    with pytest.raises(ConfigError, match=message):
        place_mark(Sketch("000000"), CELL, Mark(kind, points, 0, 0), "marks[0]")


def test_an_unknown_colour_is_refused():
    with pytest.raises(ConfigError, match=r"marks\[0\].colour"):
        place_mark(Sketch("000000"), CELL, Mark("box", (0, 0, 1, 1), 0, 0, "transparent"), "marks[0]")


def test_a_letter_takes_the_first_free_corner():
    sketch = Sketch("000000")
    place_letter(sketch, CELL, "(a)", Face("times", 8.0), {"tl", "tr"})
    (plate,), (text,) = sketch.plates, sketch.texts
    assert (plate.box.x, plate.box.bottom) == (10.0, 50.0)
    assert plate.box.y < text.y < plate.box.bottom


def test_letters_go_on_after_z():
    assert [letter(number) for number in (0, 25, 26, 701, 702)] == ["(a)", "(z)", "(aa)", "(zz)", "(aaa)"]
