"""The legend of colours: a swatch and a name each, in centred lines below the pictures."""

from __future__ import annotations

from collections.abc import Sequence

from render.errors import ConfigError
from render.figure.place.bar import GAP
from render.figure.place.sketch import Sketch
from render.figure.typesetting import Face, clean_text, measure
from render.types.figure.content import SwatchContent
from render.types.figure.page import Box, PlacedLine, PlacedPlate, PlacedText

# In ems: the side of a swatch, from it to its name, from one to the next, and from line to line.
_SIDE, _BEFORE_NAME, _BETWEEN, _LEADING = 0.75, 0.4, 1.2, 1.3
_LINE_PT = 0.4


def place_swatches(
    sketch: Sketch, swatches: Sequence[SwatchContent], face: Face, room: float, below: float
) -> float:
    """Puts a legend on the page.

    Args:
        sketch: The page.
        swatches: From left to right.
        face: Of the names.
        room: The width of the page, mm.
        below: Where all that is above ends, mm.

    Returns:
        The lower end of the legend, or `below` where there are no swatches, mm.

    Raises:
        ConfigError: A name is wider than the page.
    """
    texts = [clean_text(f"legend {number + 1}", swatch.name) for number, swatch in enumerate(swatches)]
    names = [" ".join(text.split()) for text in texts]
    widths = [(_SIDE + _BEFORE_NAME) * face.em + measure(name, face)[0] for name in names]
    if widths and max(widths) > room:
        name = names[widths.index(max(widths))]
        raise ConfigError(
            f"legend: {name[:60]!r} is {max(widths):.1f} mm wide in a figure of {room:.1f} mm; shorten it"
        )
    top = below + GAP
    for line in _fill_lines(widths, room, _BETWEEN * face.em):
        whole = sum(widths[k] for k in line) + _BETWEEN * face.em * (len(line) - 1)
        x = (room - whole) / 2
        ascent, descent = (max(measure(names[k], face)[side] for k in line) for side in (1, 2))
        baseline = top + ascent
        for k in line:
            side = _SIDE * face.em
            box = Box(x, baseline - face.digits / 2 - side / 2, side, side)
            sketch.plates.append(PlacedPlate(box, swatches[k].colour, 1.0))
            sketch.lines.append(PlacedLine(box.corners, _LINE_PT, sketch.ink, is_closed=True))
            start = box.right + _BEFORE_NAME * face.em
            sketch.texts.append(
                PlacedText(names[k], start, baseline, face.size_pt, "bar", anchor="start", colour=sketch.ink)
            )
            x += widths[k] + _BETWEEN * face.em
        below = baseline + descent
        top += max(_LEADING * face.em, ascent + descent)
    return below


def _fill_lines(widths: Sequence[float], room: float, between: float) -> list[list[int]]:
    """The numbers of what stands on each line."""
    lines: list[list[int]] = []
    used = 0.0
    for number, width in enumerate(widths):
        if lines and used + between + width <= room:
            lines[-1].append(number)
            used += between + width
        else:
            lines.append([number])
            used = width
    return lines
