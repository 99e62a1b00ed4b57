"""What a legend says of a mode: which numbers, or which people, its colours stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.shade.colour_maps import sample_map
from render.shade.palettes import Rgb


@dataclass(frozen=True)
class ColourBar:
    """A scale of numbers.

    Attributes:
        title: Of what they are, such as error.
        unit: Of the numbers, such as mm; empty where there are none.
        low: At the bar's beginning.
        high: At its end.
        colours: From one to the other at equal steps, 0 to 1.
        is_clamped: Whether all that is greater has the colour of the end.
        ends: Words for both ends, where numbers would say nothing.
    """

    title: str
    unit: str
    low: float
    high: float
    colours: tuple[Rgb, ...]
    is_clamped: bool = False
    ends: tuple[str, str] | None = None

    def list_ticks(self) -> list[tuple[float, str]]:
        """What is written along the bar: each with its place, 0 at the beginning and 1 at the end."""
        if self.ends is not None:
            return [(0.0, self.ends[0]), (1.0, self.ends[1])]
        middle = (self.low + self.high) / 2
        texts = [_write(value, self.high - self.low) for value in (self.low, middle, self.high)]
        if self.is_clamped:
            texts[2] = f"\N{GREATER-THAN OR EQUAL TO} {texts[2]}"
        return list(zip((0.0, 0.5, 1.0), texts, strict=True))

    def paint(self, length_px: int) -> np.ndarray:
        """(length_px, 3) uint8, its colours at the middles of pixels, from its beginning on."""
        colours = sample_map(self.colours, (np.arange(length_px) + 0.5) / length_px)
        return (255 * colours + 0.5).astype(np.uint8)


@dataclass(frozen=True)
class Swatches:
    """Colours with their names.

    Attributes:
        entries: Each a name and its colour, 0 to 1.
    """

    entries: tuple[tuple[str, Rgb], ...]


Legend = ColourBar | Swatches


@dataclass(frozen=True)
class ShownPerson:
    """Somebody on a panel.

    Attributes:
        name: As people know him.
        instance: 1, 2, ... within the sheet.
        colour: What his colour is chosen by, see `People`.
    """

    name: str
    instance: int
    colour: int


@dataclass(frozen=True)
class Shown:
    """What a legend needs to know of a panel.

    Attributes:
        error_mm: Where the scale of errors ends.
        depths_m: The least and the greatest distance from the camera, m; None where that is not known.
        people: Who is on it.
    """

    error_mm: float = 100.0
    depths_m: tuple[float, float] | None = None
    people: tuple[ShownPerson, ...] = ()


def name_people(shown: Shown, palette: tuple[Rgb, ...]) -> Swatches:
    """Who has which colour of a palette that is chosen from as `colorgeo` does."""
    return Swatches(tuple((one.name, palette[one.colour % len(palette)]) for one in shown.people))


def _write(value: float, span: float) -> str:
    """A number with as many digits as a scale of that span needs."""
    for digits in range(4):
        if abs(round(value, digits) - value) <= 0.005 * span:
            return f"{value:.{digits}f}"
    return f"{value:.3g}"
