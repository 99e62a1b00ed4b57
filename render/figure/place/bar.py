"""The colour bar: at the right of a figure, or below one of a single low row."""

from __future__ import annotations

from itertools import pairwise

from render.errors import ConfigError
from render.figure.place.grid import count_pixels
from render.figure.place.sketch import Sketch
from render.figure.place.ticks import choose_ticks
from render.figure.typesetting import Face, check_width, clean_text, measure, set_text
from render.types.figure.content import BAR, BarContent
from render.types.figure.page import Box, PlacedLine, PlacedPicture, PlacedText

# mm.
_GAP = 1.6
_STRIP, _TICK, _TICK_GAP, _TITLE_GAP = 2.4, 0.7, 0.5, 0.8
_LONGEST = 45.0
# Of its numbers with the room below them, in ems.
_LINE = 1.2
_LINE_PT = 0.4
# Below it no bar stands upright: its numbers would lie on one another.
LEAST_UPRIGHT = 18.0


def name_bar(bar: BarContent) -> str:
    """What stands beside the bar, such as error (mm)."""
    unit = f"({bar.unit})" if bar.title and bar.unit else bar.unit
    return " ".join(clean_text("colour bar", f"{bar.title} {unit}").split())


def find_upright_width(bar: BarContent, face: Face, high: float) -> float:
    """How wide an upright bar is with its gap, numbers and title, mm.

    Args:
        bar: The bar.
        face: Of its text.
        high: What it may take of the page's height, mm.
    """
    title = set_text(name_bar(bar), face, high)
    numbers = _find_numbers_width(_choose_upright(bar, face, _find_length(face, high)), face)
    return _GAP + _STRIP + _TICK + _TICK_GAP + numbers + (_TITLE_GAP + title.height if title.lines else 0.0)


def place_upright(sketch: Sketch, bar: BarContent, face: Face, beside: Box, high: float, dpi: int) -> None:
    """Puts the bar to the right of the pictures, in their middle.

    Args:
        sketch: The page.
        bar: The bar.
        face: Of its text.
        beside: All pictures and their notes.
        high: What it may take of that height, mm.
        dpi: Pixels an inch, at least.
    """
    long, middle = _find_length(face, high), beside.y + beside.h / 2
    strip = Box(beside.right + _GAP, middle - long / 2, _STRIP, long)
    _place_strip(sketch, strip, dpi)
    ticks = _choose_upright(bar, face, long)
    x = strip.right + _TICK + _TICK_GAP
    for share, label in ticks:
        y = strip.bottom - share * strip.h
        points = ((strip.right, y), (strip.right + _TICK, y))
        sketch.lines.append(PlacedLine(points, _LINE_PT, sketch.ink))
        baseline = y + face.digits / 2
        sketch.texts.append(
            PlacedText(label, x, baseline, face.size_pt, "bar", anchor="start", colour=sketch.ink)
        )
    title = set_text(name_bar(bar), face, high)
    if title.lines:
        check_width("title of the colour bar", title, high)
        left = x + _find_numbers_width(ticks, face) + _TITLE_GAP
        sketch.write_upwards(title, face, "bar", left + title.ascent, middle)


def place_lying(sketch: Sketch, bar: BarContent, face: Face, below: Box, dpi: int) -> float:
    """Puts the bar below the pictures, its title at its left.

    Args:
        sketch: The page.
        bar: The bar.
        face: Of its text.
        below: All pictures and their notes.
        dpi: Pixels an inch, at least.

    Returns:
        The lower end of its numbers, mm.

    Raises:
        ConfigError: The figure is too narrow for it.
    """
    name = name_bar(bar)
    beside = measure(name, face)[0] + _GAP if name else 0.0
    ends = [measure(label, face)[0] / 2 for _, label in choose_ticks(bar, lambda ticks: len(ticks) == 2)]
    wide = min(_LONGEST, below.w - beside - sum(ends))
    if wide < 2 * sum(ends):
        raise ConfigError(
            f"colour bar: it has {max(wide, 0):.1f} mm beside its title in a figure of {below.w:.1f} mm; use "
            f"a greater width or a smaller note_pt"
        )
    left = below.x + (below.w - beside - ends[0] - wide - ends[1]) / 2
    strip = Box(left + beside + ends[0], below.bottom + _GAP, wide, _STRIP)
    _place_strip(sketch, strip, dpi)
    middle = strip.y + strip.h / 2 + face.digits / 2
    if name:
        sketch.texts.append(
            PlacedText(name, left, middle, face.size_pt, "bar", anchor="start", colour=sketch.ink)
        )

    def fits(ticks: list[tuple[float, str]]) -> bool:
        widths = [measure(label, face)[0] for _, label in ticks]
        places = [share * wide for share, _ in ticks]
        edges = [(x - w / 2, x + w / 2) for x, w in zip(places, widths, strict=True)]
        return all(right + 0.6 * face.em < left for (_, right), (left, _) in pairwise(edges))

    bottom = strip.bottom
    for share, label in choose_ticks(bar, fits):
        x = strip.x + share * strip.w
        points = ((x, strip.bottom), (x, strip.bottom + _TICK))
        sketch.lines.append(PlacedLine(points, _LINE_PT, sketch.ink))
        _, ascent, descent = measure(label, face)
        baseline = strip.bottom + _TICK + _TICK_GAP / 2 + ascent
        sketch.texts.append(PlacedText(label, x, baseline, face.size_pt, "bar", colour=sketch.ink))
        bottom = max(bottom, baseline + descent)
    return bottom


def _find_length(face: Face, high: float) -> float:
    # The numbers at its ends reach half a line beyond it.
    return min(high - _LINE * face.em, _LONGEST)


def _find_numbers_width(ticks: list[tuple[float, str]], face: Face) -> float:
    return max(measure(label, face)[0] for _, label in ticks)


def _choose_upright(bar: BarContent, face: Face, high: float) -> list[tuple[float, str]]:
    def fits(ticks: list[tuple[float, str]]) -> bool:
        gaps = [(b - a) * high for (a, _), (b, _) in pairwise(ticks)]
        return min(gaps) >= 1.25 * face.em

    return choose_ticks(bar, fits)


def _place_strip(sketch: Sketch, strip: Box, dpi: int) -> None:
    size_px = (count_pixels(strip.w, dpi), count_pixels(strip.h, dpi))
    sketch.insets.append(PlacedPicture(BAR, strip, size_px))
    sketch.lines.append(PlacedLine(strip.corners, _LINE_PT, sketch.ink, is_closed=True))
