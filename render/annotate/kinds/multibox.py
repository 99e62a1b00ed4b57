"""EFT's eight nested boxes, from the head to the full body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from render.annotate.annotation import Annotation
from render.annotate.marks import PersonMarks

if TYPE_CHECKING:
    import numpy as np


def paint(pixels: np.ndarray, marks: Sequence[PersonMarks], strokes_px: Sequence[float]) -> None:
    """Paints the boxes of all people of a panel, in place; see `Paint` for what it takes."""
    from render.annotate.boxes import box_line_px, paint_nested_boxes

    for person, stroke_px in zip(marks, strokes_px, strict=True):
        if person.multiboxes_px is not None:
            paint_nested_boxes(pixels, person.multiboxes_px, person.colour_rgb, box_line_px(stroke_px))


ANNOTATION = Annotation(paint)
