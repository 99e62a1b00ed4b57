import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.errors import ConfigError
from render.figure.typesetting import MM_PER_PT, Face, check_width, clean_text, measure, set_text

FACE = Face("times", 9.0)


def test_lengths_grow_with_the_size():
    width, ascent, descent = measure("Ours", FACE)
    assert measure("Ours", Face("times", 18.0)) == pytest.approx((2 * width, 2 * ascent, 2 * descent))
    # An em of digits is two digits wide in Times.
    assert measure("0" * 10, FACE)[0] == pytest.approx(5 * 9 * MM_PER_PT, rel=0.01)


def test_lines_are_as_few_as_there_can_be_and_even():
    text = "one two three four five six seven eight nine ten"
    whole = measure(text, FACE)[0]
    found = set_text(text, FACE, whole * 0.6)
    assert len(found.lines) == 2
    first, second = (measure(line, FACE)[0] for line in found.lines)
    # The longest word that could change lines is half of the difference.
    assert abs(first - second) < 2 * measure("seven ", FACE)[0]
    assert found.width == max(first, second)
    assert found.height == pytest.approx(found.ascent + found.leading + found.descent)


def test_a_text_that_fits_is_one_line_and_no_text_is_none():
    assert set_text("Ours", FACE, 100).lines == ("Ours",)
    assert set_text("", FACE, 100).lines == ()
    assert set_text("", FACE, 100).height == 0.0


def test_line_ends_of_the_author_are_kept():
    assert set_text(clean_text("title", "Ours\n\n (EFT) "), FACE, 100).lines == ("Ours", "(EFT)")


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60), st.floats(5, 60))
def test_lines_have_room_and_no_letter_is_lost(text, room):
    cleaned = clean_text("title", text)
    found = set_text(cleaned, FACE, room)
    assert "".join("".join(found.lines).split()) == "".join(cleaned.split())
    assert all(measure(line, FACE)[0] <= room or len(line) == 1 or not line.isascii() for line in found.lines)


def test_a_letter_wider_than_its_room_is_refused():
    with pytest.raises(ConfigError, match="title: a letter is"):
        check_width("title", set_text("W", FACE, 1.0), 1.0)


def test_what_cannot_be_drawn_is_cleaned():
    # A tab, a control character, half a surrogate pair, and an override that turns letters around.
    assert clean_text("title", "a\tb\x00c\ud800d\u202ee") == "a b\ufffdc\ufffdde"
    with pytest.raises(ConfigError, match="at most 1000 letters"):
        clean_text("title", "x" * 1001)
