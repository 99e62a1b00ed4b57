"""The fonts of the package are all there, each with its licence."""

import os

import pytest

from render.errors import RenderError
from render.resources import FONTS_DIR
from render.text.fonts import FAMILIES, find_font, list_fonts, open_font


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_has_its_letters_and_others_stand_in(family):
    fonts = list_fonts(family)
    assert fonts[0] == find_font(family)
    assert {ord(letter) for letter in "AZaz09(%"} <= open_font(fonts[0]).letters
    assert len(fonts) == len(set(fonts)) > 30


def test_every_font_beside_a_licence_is_used():
    shipped = set(FONTS_DIR.rglob("*.[ot]tf"))
    used = {path for family in FAMILIES for path in list_fonts(family)}
    assert used == shipped
    assert all(any(path.parent.glob("*.txt")) for path in shipped)
    # What the wheel grows by.
    assert sum(os.path.getsize(path) for path in shipped) < 8_000_000


def test_other_families_are_refused_with_those_that_there_are():
    with pytest.raises(
        RenderError, match="expected one of sans, times, helvetica, computer-modern, found 'comic'"
    ):
        find_font("comic")


def test_a_font_that_is_no_longer_there_is_named(tmp_path):
    with pytest.raises(RenderError, match="install it anew"):
        open_font(tmp_path / "gone.ttf")
    (tmp_path / "none.ttf").write_bytes(b"no font")
    with pytest.raises(RenderError, match="damaged"):
        open_font(tmp_path / "none.ttf")
