"""The box around the drawn body beside COCO's box and beside the crop of the fit."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage, ReviewedPerson
from render.review.measure import Column, Measure
from render.review.rectangles import clip_box, intersect_boxes, measure_area, measure_iou

COLUMNS = (
    Column(
        "box_iou",
        "Intersection over union of COCO's box with the box around what of the body is in the photo.",
        worst="low",
    ),
    Column(
        "crop_inside",
        "Share of the box around what of the body is in the photo that is inside of the fit's crop.",
        worst="low",
    ),
    Column(
        "crop_fill",
        "Longer side of the box around what of the body is in the photo, divided by the side of the fit's "
        "crop.",
        is_compared=True,
        is_ratio=True,
    ),
)


def measure_boxes(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    return np.array([_measure_person(person, image.photo_hw) for person in image.people], np.float64)


def _measure_person(person: ReviewedPerson, photo_hw: tuple[int, int] | None) -> list[float]:
    drawn = person.drawn_box_px
    if np.isnan(drawn).any():
        return [np.nan] * len(COLUMNS)
    drawn = clip_box(drawn, photo_hw)
    iou = np.nan if person.coco is None else measure_iou(drawn, person.coco.box_px)
    left, top, side = person.box_px
    # Written so that NaN is no crop.
    if not side > 0:
        return [iou, np.nan, np.nan]
    crop = np.array([left, top, left + side, top + side])
    area = measure_area(drawn)
    # Of a body that is not in the photo nothing is where it should be.
    inside = measure_area(intersect_boxes(drawn, crop)) / area if area > 0 else 0.0
    return [iou, inside, float((drawn[2:] - drawn[:2]).max() / side)]


MEASURE = Measure(COLUMNS, measure_boxes)
