"""Lines of text: how long they are, where they break, and their pixels."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import NamedTuple

import numpy as np
import uharfbuzz

from render.text.breaks import split_pieces
from render.text.letters import ELLIPSIS, clean_text, split_clusters
from render.text.shape import Line, shape_line

LARGEST_PX = 2000.0
# Lines are cut off here, which is wider than any picture; so memory is bounded, whatever the text.
WIDEST_PX = 32_768
# In ems: the room of Latin letters without accents, which every line has, and the most that others take.
_LEAST_ASCENT, _MOST_ASCENT = 0.78, 1.6
_LEAST_DESCENT, _MOST_DESCENT = 0.24, 1.0


class TextSize(NamedTuple):
    """The room that a line takes, in px.

    Attributes:
        width: Of all its ink, and of the spaces at its ends.
        ascent: From the baseline up to its top.
        descent: From the baseline down to its bottom.
    """

    width: float
    ascent: float
    descent: float


def measure_text(text: str, size_px: float, family: str = "sans") -> TextSize:
    """The room that a text takes as one line.

    Lines of Latin letters have the same ascent and descent at a size; those with letters that reach higher or
    lower have more.

    Args:
        text: Any string; line ends are taken for spaces.
        size_px: Of the em, above 0 and up to 2000.
        family: sans, times, helvetica or computer-modern.

    Raises:
        RenderError: There is no such family.
        ValueError: The size is out of range.
    """
    _check_size(size_px)
    return _size_line(shape_line(text, family), size_px)


def draw_text(text: str, size_px: float, family: str = "sans") -> np.ndarray:
    """A text's coverage of pixels as one line.

    Letters that no font has are boxes. Nothing depends on the machine's fonts, language or libraries: all
    that draws them comes with this package and those that it needs.

    Args:
        text: As `measure_text` takes it, and what follows.
        size_px: Of the em.
        family: Of fonts.

    Returns:
        (ceil(ascent) + ceil(descent), ceil(width)) of `measure_text`, uint8, 255 where all of a pixel is
        covered; the baseline is the lower edge of row ceil(ascent) - 1.

    Raises:
        RenderError: There is no such family.
        ValueError: The size is out of range.
    """
    _check_size(size_px)
    line = shape_line(text, family)
    size = _size_line(line, size_px)
    w, below = math.ceil(size.width), math.ceil(size.descent)
    h = math.ceil(size.ascent) + below
    if not w:
        return np.zeros((h, 0), np.uint8)
    raster = uharfbuzz.RasterDraw()
    for glyph in line.glyphs:
        scale = size_px / glyph.font.units
        x_px = (glyph.x - line.left) * size_px
        # Beyond the cut there is no need for them.
        if x_px < w:
            raster.transform = (scale, 0.0, 0.0, scale, x_px, glyph.y * size_px)
            raster.draw_glyph(glyph.font.shaper, glyph.index)
    # Its y goes up from the baseline, and so do the rows of what it renders; each is padded to its stride.
    raster.extents = uharfbuzz.RasterExtents(x_origin=0, y_origin=-below, width=w, height=h, stride=0)
    image = raster.render()
    rows = np.frombuffer(image.buffer, np.uint8).reshape(h, image.extents.stride)
    return np.ascontiguousarray(rows[::-1, :w])


def wrap_text(text: str, width_px: float, size_px: float, family: str = "sans") -> list[str]:
    """Breaks a text into lines, as few as fill them one after the other.

    Lines break at spaces, between letters of Chinese, Japanese and Korean, at line ends of the text, and
    inside of words that are longer than a line. A single letter that is wider than the width has a line of
    its own.

    Args:
        text: As `measure_text` takes it, but for its line ends.
        width_px: The most that a line may take.
        size_px: Of the em.
        family: Of fonts.

    Returns:
        The lines, without spaces at their ends; one at least.

    Raises:
        RenderError: There is no such family.
        ValueError: The size is out of range.
    """

    def fits(line: str) -> bool:
        return measure_text(line, size_px, family).width <= width_px

    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in split_pieces(clean_text(paragraph)):
            if fits((line + piece).strip(" ")):
                line += piece
                continue
            # A word that no line holds begins on this one, and goes on for as long as it must.
            for part in [piece] if fits(piece.strip(" ")) else split_clusters(piece):
                if line.strip(" ") and not fits((line + part).strip(" ")):
                    lines.append(line.strip(" "))
                    line = ""
                line += part
        lines.append(line.strip(" "))
    return lines


def shorten_text(text: str, width_px: float, size_px: float, family: str = "sans") -> str:
    """The text, or its longest start that fits with an ellipsis behind it; empty where not even that fits.

    Args:
        text: As `measure_text` takes it, and what follows.
        width_px: The room that there is.
        size_px: Of the em.
        family: Of fonts.

    Raises:
        RenderError: There is no such family.
        ValueError: The size is out of range.
    """
    clusters = split_clusters(clean_text(text))

    def cut(kept: int) -> str:
        return "".join(clusters[:kept]).rstrip(" ") + ELLIPSIS

    def measure(text: str) -> float:
        return measure_text(text, size_px, family).width

    whole = "".join(clusters)
    if measure(whole) <= width_px:
        return whole
    # Longer starts are wider, but for a joined letter here and there: those are taken back one by one.
    kept = bisect_right(range(len(clusters)), width_px, key=lambda kept: measure(cut(kept))) - 1
    while kept >= 0 and measure(cut(kept)) > width_px:
        kept -= 1
    return cut(kept) if kept >= 0 else ""


def _size_line(line: Line, size_px: float) -> TextSize:
    return TextSize(
        min((line.right - line.left) * size_px, WIDEST_PX),
        min(max(line.top, _LEAST_ASCENT), _MOST_ASCENT) * size_px,
        min(max(line.bottom, _LEAST_DESCENT), _MOST_DESCENT) * size_px,
    )


def _check_size(size_px: float) -> None:
    # NaN is out, too.
    if not 0 < size_px <= LARGEST_PX:
        raise ValueError(f"size_px: expected above 0 and up to {LARGEST_PX:g}, found {size_px}")
