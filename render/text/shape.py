"""The glyphs of a line and where each lies, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz

from render.text.fonts import Font, open_font
from render.text.letters import clean_text
from render.text.runs import Run, split_runs


@dataclass(frozen=True)
class Glyph:
    """A shape of a font and its place, in ems from the line's origin: x to the right, y up.

    Attributes:
        font: Of which it is.
        index: In that font; 0 is the box for what it lacks.
        x: Of its origin.
        y: Of its origin, from the baseline.
    """

    font: Font
    index: int
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A shaped line, in ems.

    Attributes:
        glyphs: From left to right.
        left: Where the leftmost of its ink or its origin lies; 0 or less.
        right: Where the rightmost of its ink or its end lies.
        top: Of its ink above the baseline, 0 where there is none.
        bottom: Of its ink below the baseline, as a positive number, 0 where there is none.
    """

    glyphs: tuple[Glyph, ...]
    left: float
    right: float
    top: float
    bottom: float


# One sheet of many has the same words as the next; a line is asked for to be measured, and again to be drawn.
@lru_cache(maxsize=512)
def shape_line(text: str, family: str) -> Line:
    """Shapes any text as one line.

    Raises:
        RenderError: There is no such family, or a font cannot be read.
    """
    glyphs: list[Glyph] = []
    left = right = top = bottom = pen = 0.0
    for run in split_runs(clean_text(text), family):
        font = open_font(run.font)
        buffer = _shape_run(run, font)
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            x, y = pen + position.x_offset / font.units, position.y_offset / font.units
            glyphs.append(Glyph(font, info.codepoint, x, y))
            ink = font.shaper.get_glyph_extents(info.codepoint)
            # HarfBuzz measures ink from its upper left corner; the height is negative.
            if ink is not None and ink.width:
                left = min(left, x + ink.x_bearing / font.units)
                right = max(right, x + (ink.x_bearing + ink.width) / font.units)
                top = max(top, y + ink.y_bearing / font.units)
                bottom = max(bottom, -y - (ink.y_bearing + ink.height) / font.units)
            pen += position.x_advance / font.units
            right = max(right, pen)
    return Line(tuple(glyphs), left, right, top, bottom)


def _shape_run(run: Run, font: Font) -> uharfbuzz.Buffer:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    # Before it is guessed: from the process's locale, which letters must not depend on.
    buffer.language = "en"
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    uharfbuzz.shape(font.shaper, buffer)
    return buffer
