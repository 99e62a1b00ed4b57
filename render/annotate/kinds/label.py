"""A caption with the row, clear of other captions where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from render.annotate.annotation import Annotation
from render.annotate.marks import PersonMarks
from render.types.sheets import Rect

if TYPE_CHECKING:
    import numpy as np


def paint(pixels: np.ndarray, marks: Sequence[PersonMarks], strokes_px: Sequence[float]) -> None:
    """Writes the captions of all people of a panel, in place; see `Paint` for what it takes."""
    from render.annotate.caption import paint_caption

    taken: list[Rect] = []
    for person in marks:
        if person.label is not None:
            plate = paint_caption(pixels, person.label, person.box_px, person.colour_rgb, taken)
            taken += [plate] if plate else []


# The second draws all scripts, and keeps clear of the edge.
ANNOTATION = Annotation(paint, version=2)
