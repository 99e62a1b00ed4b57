"""Who it is, in which picture, beside how many."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage
from render.review.measure import Column, Measure

COLUMNS = (
    Column("annotation", "COCO annotation id.", digits=0),
    Column("person", "Number of the person in the file.", digits=0),
    Column("people", "How many fits there are of the image.", digits=0),
    Column("photo_width", "Width of the photo.", "px", digits=0),
    Column("photo_height", "Height of the photo.", "px", digits=0),
)


def measure_who(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    height, width = (np.nan, np.nan) if image.photo_hw is None else image.photo_hw
    return np.array(
        [
            [
                # 0 and -1 stand for no annotation.
                person.annot_id if person.annot_id > 0 else np.nan,
                person.number if person.number >= 0 else np.nan,
                len(image.people),
                width,
                height,
            ]
            for person in image.people
        ],
        np.float64,
    )


MEASURE = Measure(COLUMNS, measure_who)
