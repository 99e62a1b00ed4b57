"""Text on the cards, in the free font that the renderer ships."""

from __future__ import annotations

from functools import cache

from PIL import ImageFont

from render.resources import FONTS_DIR

_FONT = FONTS_DIR / "noto" / "NotoSans-Regular.ttf"


@cache
def open_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The font at a height in pixels."""
    return ImageFont.truetype(str(_FONT), size_px)
