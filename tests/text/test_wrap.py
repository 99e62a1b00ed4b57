"""Text breaks where its script lets it, and fills its lines."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.text.letters import clean_text, split_clusters
from render.text.lines import measure_text, wrap_text


@given(st.text(st.sampled_from("ab cd\n你好。ー(「안ه"), max_size=40), st.floats(20, 200))
@settings(deadline=None, max_examples=75)
def test_lines_fit_and_nothing_is_lost(text, width_px):
    lines = wrap_text(text, width_px, 12)
    assert all(measure_text(line, 12).width <= width_px for line in lines)
    assert "".join(lines).replace(" ", "") == clean_text(text).replace(" ", "")


@given(st.lists(st.sampled_from(["a", "word", "longer"]), min_size=1, max_size=12), st.floats(60, 200))
@settings(deadline=None, max_examples=30)
def test_no_line_has_room_for_the_next_word(words, width_px):
    lines = wrap_text(" ".join(words), width_px, 12)
    for line, following in pairwise(lines):
        assert measure_text(f"{line} {following.split()[0]}", 12).width > width_px


@pytest.mark.parametrize(
    ("text", "width_px", "lines"),
    [
        ("", 100, [""]),
        ("one", 100, ["one"]),
        ("one\ntwo", 100, ["one", "two"]),
        ("one\n\ntwo", 100, ["one", "", "two"]),
        ("one  two ", 30, ["one", "two"]),
        ("abcdef", 18, ["ab", "cd", "ef"]),
        # Chinese needs no spaces; a full stop does not begin a line, nor does a bracket end one.
        ("你好世界", 25, ["你好", "世界"]),
        ("你好。世界", 37, ["你好。", "世界"]),
        ("你「好」", 30, ["你", "「好」"]),
        ("カー", 25, ["カー"]),
        # A letter that is wider than all there is.
        ("你", 5, ["你"]),
    ],
)
def test_where_lines_end(text, width_px, lines):
    assert wrap_text(text, width_px, 12) == lines


def test_letters_keep_their_marks():
    assert split_clusters("ae\u0301\u0327b") == ["a", "e\u0301\u0327", "b"]
    assert all("\u0301" not in line[:1] for line in wrap_text("e\u0301" * 20, 20, 12))


def test_marks_without_end_are_cut():
    assert clean_text("a" + "\u0301" * 50) == "a" + "\u0301" * 8
    assert len(clean_text("x" * 10_000)) == 2001
    assert clean_text("\x00\ud800\ufffe\U0010ffff\u0378") == "\ufffd" * 5
    assert clean_text("a\tb\u2028c\u3000d") == "a b c d"
    assert clean_text("a\u202e\u2066\ufe0f\u00adb") == "ab"
