"""What lies behind the bodies of a panel, by name."""

from __future__ import annotations

import re
from typing import NamedTuple

from render.errors import ConfigError
from render.registry import check_name

# Colours by name; any other is written rgb:ff8800.
COLOURS_RGB = {"white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128)}
BACKGROUNDS = ("photo", "transparent", *COLOURS_RGB, "ground")
# After a background, for the shadows of the bodies on it.
SHADOW = "shadow"
# What is seen where the ground ends.
_HORIZON = "white"
# As HTML writes them, and as people try.
_HTML_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")
_HEX_COLOUR = re.compile(r"rgb:([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


class Background(NamedTuple):
    """What lies behind the bodies of a panel.

    Attributes:
        name: The photo, `transparent`, a colour or the ground.
        has_shadow: Whether the bodies' shadows on the ground lie over it.
    """

    name: str
    has_shadow: bool = False


def parse_background(where: str, text: str) -> Background:
    """Reads a background as the user writes it: `photo`, `rgb:ff8800`, `white+shadow`.

    Args:
        where: What it is of, for messages, such as the setting.
        text: The background.

    Raises:
        ConfigError: There is no such background, or it takes no shadow.
    """
    name, plus, added = text.partition("+")
    check_background(where, name)
    if plus and added != SHADOW:
        raise ConfigError(f"{where}: expected {name} or {name}+{SHADOW}, found {text!r}")
    if plus and name == "ground":
        raise ConfigError(
            f"{where}: the ground has the bodies' shadows already; write ground, found {text!r}"
        )
    return Background(name, bool(plus))


def check_background(where: str, name: str) -> None:
    """Raises ConfigError unless `name` is a background."""
    html = _HTML_COLOUR.fullmatch(name)
    if html:
        raise ConfigError(f"{where}: colours are written rgb:{html[1].lower()}, found {name!r}")
    if not _HEX_COLOUR.fullmatch(name):
        check_name(where, "background", name, (*BACKGROUNDS, "rgb:ff8800"))


def check_outside(where: str, name: str) -> None:
    """Raises ConfigError unless `name` is a colour."""
    if name in ("photo", "ground", "transparent"):
        raise ConfigError(f"{where}: expected a colour, such as grey or rgb:ff8800, found {name!r}")
    check_background(where, name)


def background_rgb(name: str) -> tuple[int, int, int]:
    """The colour of a background that is neither the photo nor transparent, as bytes.

    That of the ground is the colour that it is laid on.
    """
    match = _HEX_COLOUR.fullmatch(name)
    if not match:
        return COLOURS_RGB[_HORIZON if name == "ground" else name]
    red, green, blue = (int(digits, 16) for digits in match.groups())
    return red, green, blue


def is_dark(rgb: tuple[int, ...]) -> bool:
    """Whether letters on a colour are read better in white than in black."""
    red, green, blue = rgb
    # Luma of ITU-R BT.601, of display values.
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
