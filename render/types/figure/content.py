"""What is known of a figure's pictures before they lie on the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from render.types.figure.spec import Corner


@dataclass(frozen=True)
class InsetContent:
    """What an inset shows of the picture that it lies on.

    Attributes:
        zoom: Its number among the zooms of the figure, from 0.
        left: Of what it shows, as a share of the picture's width.
        top: Of what it shows, as a share of the picture's height.
        width: Of what it shows, as a share of the picture's width.
        height: Of what it shows, as a share of the picture's height.
        corner: Where it lies; None for the corner that its zoom names.
    """

    zoom: int
    left: float
    top: float
    width: float
    height: float
    corner: Corner | None = None


@dataclass(frozen=True)
class CellContent:
    """A picture of a figure.

    Attributes:
        note: Below it, filled in; None for none.
        insets: That lie on it.
    """

    note: str | None = None
    insets: tuple[InsetContent, ...] = ()


@dataclass(frozen=True)
class BarContent:
    """The bar that tells what the colours of error maps mean.

    Attributes:
        low: The number of its first colour.
        high: The number of its last colour.
        unit: Such as mm.
        title: Of what it tells, such as error; empty for none.
        is_clamped: Greater numbers have the last colour too.
    """

    low: float
    high: float
    unit: str
    title: str = ""
    is_clamped: bool = False


@dataclass(frozen=True)
class FigureContent:
    """What is known of a figure's pictures before they lie on the paper.

    Attributes:
        aspect: Width over height of all pictures but strips.
        cells: By number of the row and of the column of the spec, from 0, transposed or not; a strip has
            column 0 alone, and takes the whole row.
        strips: Width over height of the strips, by row.
        bar: None where no picture has colours that need one.
    """

    aspect: float
    cells: Mapping[tuple[int, int], CellContent]
    strips: Mapping[int, float] = field(default_factory=dict)
    bar: BarContent | None = None


def name_cell(row: int, column: int, zoom: int | None = None) -> str:
    """What a picture of a figure is called: in its page, and as a file.

    Args:
        row: Of the spec, from 0.
        column: Of the spec, from 0.
        zoom: Of an inset, its number among the zooms, from 0.
    """
    return f"row{row + 1}_column{column + 1}" + ("" if zoom is None else f"_zoom{zoom + 1}")


# What the picture of the colour bar is called.
BAR = "colour_bar"
