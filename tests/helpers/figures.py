"""Figures of made-up pictures, and the room that things take on their pages."""

from collections.abc import Iterator
from math import isclose

import numpy as np

from render.figure.typesetting import Face, measure
from render.types.figure.content import CellContent, FigureContent
from render.types.figure.page import Box, FigurePage, PlacedText
from render.types.figure.spec import Column, FigureSpec, FigureStyle, Sample

# Half a micrometre: what sums of lengths are rounded by is far less, and no printer shows it.
NOTHING_MM = 5e-4


def make_spec(
    titles: tuple[str | None, ...] = ("Input", "Ours"),
    labels: tuple[str | None, ...] = (None,),
    style: FigureStyle = FigureStyle(),  # noqa: B008  # It is frozen.
    **others: object,
) -> FigureSpec:
    """A figure of photos with these titles and labels."""
    rows = tuple(Sample(row=number, label=label) for number, label in enumerate(labels))
    columns = tuple(Column("image", title=title) for title in titles)
    return FigureSpec("figure", rows, columns, style=style, **others)


def fill(spec: FigureSpec, aspect: float = 1.0, note: str | None = None, **others: object) -> FigureContent:
    """What is known of its pictures: one shape, and one note for all."""
    places = ((row, column) for row in range(len(spec.rows)) for column in range(len(spec.columns)))
    return FigureContent(aspect, {place: CellContent(note) for place in places}, **others)


def paint(page: FigurePage, channels: int = 3) -> dict[str, np.ndarray]:
    """Noise for each picture of a page; JPEG is far smaller than PNG for it, as for photos."""
    rng = np.random.default_rng(0)
    return {
        picture.name: rng.integers(0, 256, (*picture.size_px[::-1], channels), dtype=np.uint8)
        for picture in page.pictures
    }


def find_text_box(text: PlacedText, font: str) -> Box:
    """The room that a line of text takes on the page."""
    width, ascent, descent = measure(text.text, Face(font, text.size_pt))
    before = {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
    if not text.angle_deg:
        return Box(text.x - before, text.y - ascent, width, ascent + descent)
    assert isclose(text.angle_deg, 90)
    return Box(text.x - ascent, text.y - (width - before), ascent + descent, width)


def find_overlaps(boxes: dict[str, Box]) -> Iterator[tuple[str, str]]:
    """Pairs of boxes that share more than an edge."""
    names = list(boxes)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            if overlap(boxes[one], boxes[other]):
                yield one, other


def overlap(one: Box, other: Box) -> bool:
    """Whether they share more than an edge."""
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return across > NOTHING_MM and down > NOTHING_MM


def is_inside(box: Box, width: float, height: float) -> bool:
    """Whether a box lies on a page."""
    least, most = -NOTHING_MM, NOTHING_MM
    return box.x >= least and box.y >= least and box.right <= width + most and box.bottom <= height + most
