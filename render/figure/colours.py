"""Colours of a figure as hexadecimal digits, and the ink that is seen on them."""

from __future__ import annotations

from render.sheet.backgrounds import background_rgb, check_outside, is_dark


def find_hex(where: str, name: str) -> str:
    """The digits of a colour.

    Args:
        where: The setting, for messages.
        name: Such as white or rgb:ff8800.

    Raises:
        ConfigError: It is no colour.
    """
    check_outside(where, name)
    return "{:02x}{:02x}{:02x}".format(*background_rgb(name))


def find_page(name: str) -> str | None:
    """The digits of a page's colour; None for a transparent one.

    Raises:
        ConfigError: It is neither.
    """
    return None if name == "transparent" else find_hex("page", name)


def choose_ink(page: str | None) -> str:
    """Black, or white on a dark page; a transparent page is taken for a light one."""
    if page is None:
        return "000000"
    return "ffffff" if is_dark(tuple(bytes.fromhex(page))) else "000000"
