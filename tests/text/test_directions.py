"""Letters from right to left and from left to right stand as Unicode has it."""

from dataclasses import dataclass

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from render.text.directions import find_levels, order_visually
from render.text.letters import clean_text

# Hebrew, Arabic with its own digits, Latin, digits, and what takes its direction from what is around it.
LETTERS = "abאבاب١23 .,%-#/()[]"


@dataclass(frozen=True)
class Letter:
    text: str
    level: int


def show(text: str) -> str:
    """The letters from left to right."""
    pieces = [Letter(*pair) for pair in zip(text, find_levels(text), strict=True)]
    return "".join(piece.text for piece in order_visually(pieces))


@given(st.text(LETTERS, max_size=14))
@settings(deadline=None, max_examples=150)
def test_the_order_is_that_of_another_implementation(text):
    """Of python-bidi's in Rust, which shares no code with the one whose levels are taken."""
    assert show(text) == get_display(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("demo 12.jpg", "demo 12.jpg"),
        ("אבג", "גבא"),
        ("a אב b", "a בא b"),
        # A number is read from the left, wherever it stands.
        ("אב 12", "12 בא"),
        # Both brackets belong to the text around them.
        ("אב (c) 12", "12 )c( בא"),
        ("x (אב) y", "x (בא) y"),
        # Spaces at the end stay there.
        ("a אב ", "a בא "),
    ],
)
def test_lines_as_people_write_them(text, shown):
    assert show(text) == shown


def test_deep_brackets_and_long_lines_come_to_an_end():
    text = "(" * 1000 + "א" + ")" * 1000
    assert len(show(text)) == len(text)


@given(st.text(max_size=30))
@settings(deadline=None)
def test_every_letter_of_any_line_has_a_level(text):
    clean = clean_text(text)
    levels = find_levels(clean)
    assert len(levels) == len(clean)
    assert set(levels) <= {0, 1, 2}
    assert sorted(show(clean)) == sorted(clean)
