"""A figure as its author declares it, and as it lies on the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Corner = Literal["tl", "tr", "bl", "br"]
# The panel that is the photo alone.
IMAGE = "image"


@dataclass(frozen=True)
class Strip:
    """What shows a motion as one picture: a body every few frames on a ground line.

    Attributes:
        every: Frames from one body to the next.
        count: Of bodies.
        spacing_m: From one to the next along the line; None where they stood in their world.
        panel: As in `panels`, a view around the bodies.
        method: Whose fits; None for the run's own.
    """

    every: int
    count: int
    spacing_m: float | None = None
    panel: str = "orbit:0:8/studio/white+shadow"
    method: str | None = None


@dataclass(frozen=True)
class Sample:
    """Whom a row of a figure shows.

    Attributes:
        row: Of the fit file, or
        image: the name of the image, or
        annotation: the id of the annotation; two of these are None.
        person: Of an image with several people, which of them, from 0 in the order of the file; None for all.
        label: Beside the row; None for none.
        notes: Values for the texts below pictures, by name, such as mpjpe; they go before computed ones.
        strip: A motion that begins there, as one picture that takes the whole row; None for a row of columns.
    """

    row: int | None = None
    image: str | None = None
    annotation: int | None = None
    person: int | None = None
    label: str | None = None
    notes: Mapping[str, str | float] = field(default_factory=dict)
    strip: Strip | None = None


@dataclass(frozen=True)
class Column:
    """What a column of a figure shows of each row.

    Attributes:
        panel: As in `panels`: view/mode or view/mode/background; IMAGE is the photo alone.
        method: Whose fits; None for the run's own.
        title: Above it; None for none.
        note: Below each of its pictures, with names in braces, such as `MPJPE {mpjpe:.1f}`; None for none.
    """

    panel: str
    method: str | None = None
    title: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Zoom:
    """An inset: a part of the picture, rendered larger in a corner, with a frame around both.

    Attributes:
        at: A joint of the body by name, or x and y as shares of the picture.
        size: Side of the part, as a share of the shorter side of the picture.
        corner: Where the inset lies.
        scale: Side of the inset, as a share of the shorter side of the picture.
        columns: Numbers of the columns that have it, from 0; None for all.
        finds_corner: Whether it lies in the corner of each row in which it covers least of the people.
    """

    at: str | tuple[float, float]
    size: float = 0.2
    corner: Corner = "br"
    scale: float = 0.4
    columns: tuple[int, ...] | None = None
    finds_corner: bool = False


@dataclass(frozen=True)
class Mark:
    """A box or an arrow over one picture.

    Attributes:
        kind: box or arrow.
        points: Left, top, width and height of the box, or x and y of the arrow's tail and head, as shares of
            the picture's width and height.
        row: Number of the row, from 0.
        column: Number of the column, from 0.
        colour: As `rgb:d55e00`, or a name of a background colour.
    """

    kind: Literal["box", "arrow"]
    points: tuple[float, float, float, float]
    row: int
    column: int
    colour: str = "rgb:d55e00"


@dataclass(frozen=True)
class FigureStyle:
    """How a figure is set.

    Attributes:
        width_mm: Of the whole figure.
        dpi: Of its pictures at that width.
        font: times, helvetica or computer-modern.
        text_pt: Size of titles and labels.
        note_pt: Size of notes and letters.
        gap_mm: Between pictures.
        rule_pt: Width of the lines between rows; 0 for none.
        page: Colour of the page, or transparent.
        letters: What (a), (b), ... count.
        caption: Of the LaTeX lines; None for none.
    """

    width_mm: float = 174.625
    dpi: int = 300
    font: str = "times"
    text_pt: float = 9.0
    note_pt: float = 8.0
    gap_mm: float = 1.0
    rule_pt: float = 0.0
    page: str = "white"
    letters: Literal["none", "cells", "columns", "rows"] = "none"
    caption: str | None = None


@dataclass(frozen=True)
class FigureSpec:
    """A figure as its author declares it.

    Attributes:
        name: Of its files, without extension.
        rows: From top to bottom.
        columns: From left to right.
        methods: Fit files by name: fit_file, and format, options and coco_file as a dataset has them.
        reference: The method that errors are measured against; None for none.
        style: How it is set.
        crop: What of the photo's view is shown: person, photo, or left, top, width and height in its pixels;
            shared along a row.
        aspect: Width over height of all pictures; None for that of what the first row shows.
        zooms: In all rows.
        marks: Boxes and arrows.
        is_transposed: Rows become columns.
    """

    name: str
    rows: tuple[Sample, ...]
    columns: tuple[Column, ...]
    methods: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    reference: str | None = None
    style: FigureStyle = FigureStyle()
    crop: str | tuple[float, float, float, float] = "person"
    aspect: float | None = None
    zooms: tuple[Zoom, ...] = ()
    marks: tuple[Mark, ...] = ()
    is_transposed: bool = False
