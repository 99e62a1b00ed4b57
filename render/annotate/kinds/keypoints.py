"""The fit's joints, those marked invalid dimmed, and ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from render.annotate.annotation import Annotation
from render.annotate.marks import PersonMarks

if TYPE_CHECKING:
    import numpy as np


def paint(pixels: np.ndarray, marks: Sequence[PersonMarks], strokes_px: Sequence[float]) -> None:
    """Paints them of all people of a panel, in place; see `Paint` for what it takes."""
    from render.annotate.skeleton_strokes import paint_ground_truth, paint_projected

    for person, stroke_px in zip(marks, strokes_px, strict=True):
        if person.joints_px is not None:
            # PersonMarks takes both or neither.
            assert person.joint_validity is not None
            paint_projected(pixels, person.joints_px, person.joint_validity, stroke_px)
        if person.gt_px is not None:
            paint_ground_truth(pixels, person.gt_px, stroke_px)


ANNOTATION = Annotation(paint)
