"""A figure as it lies on the paper, in millimetres from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What a line of text is for; all lines of one role have one size.
Role = Literal["title", "label", "note", "letter", "bar"]


@dataclass(frozen=True)
class Box:
    """A rectangle, mm.

    Attributes:
        x: Left.
        y: Top.
        w: Width.
        h: Height.
    """

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right side, mm."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower side, mm."""
        return self.y + self.h

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """x and y of each, clockwise from the upper left one, mm."""
        return (self.x, self.y), (self.right, self.y), (self.right, self.bottom), (self.x, self.bottom)


@dataclass(frozen=True)
class PlacedPicture:
    """A picture on the paper.

    Attributes:
        name: Of its file, without extension, unique in the figure.
        box: Where it lies.
        size_px: Width and height that it is to be rendered at.
    """

    name: str
    box: Box
    size_px: tuple[int, int]


@dataclass(frozen=True)
class PlacedText:
    """One line of text.

    Attributes:
        text: The letters.
        x: Of its anchor.
        y: Of its baseline.
        size_pt: Size of the type.
        role: What it is for.
        anchor: Which end of the line is at x.
        angle_deg: Turned counterclockwise about the anchor.
        colour: As hexadecimal digits, such as 000000.
    """

    text: str
    x: float
    y: float
    size_pt: float
    role: Role
    anchor: Literal["start", "middle", "end"] = "middle"
    angle_deg: float = 0.0
    colour: str = "000000"


@dataclass(frozen=True)
class PlacedLine:
    """A stroke through points, closed or not, with or without a head.

    Attributes:
        points: x and y of each.
        width_pt: Of the stroke.
        colour: As hexadecimal digits.
        is_closed: Whether its end is joined to its start.
        has_head: Whether it ends in an arrow's head.
    """

    points: tuple[tuple[float, float], ...]
    width_pt: float
    colour: str
    is_closed: bool = False
    has_head: bool = False


@dataclass(frozen=True)
class PlacedPlate:
    """A filled rectangle: what letters over a picture stand on.

    Attributes:
        box: Where it lies.
        colour: As hexadecimal digits.
        opacity: 0 to 1.
    """

    box: Box
    colour: str
    opacity: float


@dataclass(frozen=True)
class FigurePage:
    """All of a figure, in the order in which it is painted: pictures, plates, lines, and text.

    Attributes:
        width: mm.
        height: mm.
        font: times, helvetica or computer-modern.
        page: Colour as hexadecimal digits; None for a transparent page.
        pictures: Those of cells before the insets that lie over them.
        lines: Rules, frames, leaders, boxes and arrows.
        texts: Lines of one role follow one another.
        plates: Below letters over pictures.
        dpi: What its pictures have at least, and what a picture of the whole page has.
    """

    width: float
    height: float
    font: str
    page: str | None
    pictures: tuple[PlacedPicture, ...]
    lines: tuple[PlacedLine, ...]
    texts: tuple[PlacedText, ...]
    plates: tuple[PlacedPlate, ...] = ()
    dpi: int = 300
