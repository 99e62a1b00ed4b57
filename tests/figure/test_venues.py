import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.figure.venues import LEAST_MM, MOST_MM, parse_width


@pytest.mark.parametrize(
    ("text", "width_mm"),
    [
        # The author kit sets 6.875 in, in columns 0.3125 in apart.
        ("cvpr.text", 174.625),
        ("cvpr.column", 83.34375),
        ("CVPR.Column ", 83.34375),
        # What LaTeX reports of acmart's sigconf: \textwidth 506.295pt, \columnwidth 241.14749pt.
        ("siggraph.text", 506.295 / 72.27 * 25.4),
        ("siggraph.column", 241.14749 / 72.27 * 25.4),
        # \textwidth 516pt and \columnwidth 252pt.
        ("ieee.column", 252 / 72.27 * 25.4),
        ("neurips.text", 139.7),
        ("eccv.text", 122.0),
        ("88mm", 88.0),
        ("8.8 cm", 88.0),
        ("3.25in", 82.55),
        ("72pt", 25.4),
    ],
)
def test_widths_of_venues_and_lengths(text, width_mm):
    # LaTeX rounds its points to a fifth decimal.
    assert parse_width(text) == pytest.approx(width_mm, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    ["", "cvpr", "eccv.column", "88", "mm", "88 furlongs", "-88mm", "1e3mm", "9mm", "1201mm", "nan mm"],
)
def test_what_is_no_width_is_refused(text):
    with pytest.raises(ConfigError, match=r"^width: expected"):
        parse_width(text)


def test_an_unknown_venue_is_told_the_known_ones():
    with pytest.raises(ConfigError, match=re.escape("cvpr.column") + ".*" + re.escape("eccv.text")):
        parse_width("icra.text")


@given(st.text())
def test_any_text_is_a_width_or_refused(text):
    try:
        width_mm = parse_width(text)
    except ConfigError:
        return
    assert LEAST_MM <= width_mm <= MOST_MM
