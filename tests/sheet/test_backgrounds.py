"""Backgrounds by name, and colours as hexadecimal digits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.errors import ConfigError
from render.sheet.backgrounds import (
    BACKGROUNDS,
    COLOURS_RGB,
    background_rgb,
    check_background,
    check_outside,
    parse_background,
)

BYTE = st.integers(0, 255)


@given(rgb=st.tuples(BYTE, BYTE, BYTE), is_upper=st.booleans())
@settings(deadline=None, max_examples=100)
def test_digits_give_red_green_and_blue_in_that_order(rgb, is_upper):
    digits = bytes(rgb).hex()
    name = f"rgb:{digits.upper() if is_upper else digits}"
    check_background("here", name)
    assert background_rgb(name) == rgb


def test_the_colours_with_a_name_are_what_their_names_say():
    named = {name: background_rgb(name) for name in COLOURS_RGB}
    assert named == {"white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128)}


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_each_background_with_a_name_is_taken(name):
    check_background("here", name)


@pytest.mark.parametrize(
    "name",
    ["", "White", "rgb:", "rgb:ff880", "rgb:ff88000", "rgb:gg8800", "RGB:ff8800", "rgb:ff8800\n"],
)
def test_what_is_no_background_is_refused_where_it_stands(name):
    with pytest.raises(ConfigError, match=r"^here: no background .*photo, transparent, white"):
        check_background("here", name)


@pytest.mark.parametrize("name", ["ff8800", "#ff8800", "#FF8800"])
def test_colours_of_html_are_refused_by_their_right_spelling(name):
    with pytest.raises(ConfigError, match=r"^here: colours are written rgb:ff8800, found "):
        check_background("here", name)


@pytest.mark.parametrize("name", ["photo", "transparent", "white", "rgb:ff8800"])
def test_a_background_may_have_shadows(name):
    assert parse_background("here", name) == (name, False)
    assert parse_background("here", f"{name}+shadow") == (name, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "ground+shadow",
            r"^here: the ground has the bodies' shadows already; write ground, found 'ground\+sh",
        ),
        ("white+", r"^here: expected white or white\+shadow, found 'white\+'$"),
        ("white+Shadow", r"^here: expected white or white\+shadow, found 'white\+Shadow'$"),
        ("white+shadow+shadow", r"^here: expected white or white\+shadow"),
        ("+shadow", "^here: no background ''"),
        ("shadow", "^here: no background 'shadow'"),
        ("ff8800+shadow", "^here: colours are written rgb:ff8800"),
    ],
)
def test_what_takes_no_shadow_is_told(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_background("here", text)


@pytest.mark.parametrize("check", [check_background, check_outside])
def test_what_lies_around_panels_has_no_shadows(check):
    with pytest.raises(ConfigError, match=r"^paper: no background 'white\+shadow'"):
        check("paper", "white+shadow")
