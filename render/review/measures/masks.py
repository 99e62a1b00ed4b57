"""How well drawn bodies cover COCO's segmentations."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage, ReviewedPerson
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "mask_iou",
        "Overlap of the body's mask, as if alone, with COCO's segmentation: pixels in both, as a share of "
        "those in either.",
        worst="low",
    ),
    Column("mask_recall", "Share of COCO's segmentation that the body covers.", worst="low"),
    Column(
        "mask_precision",
        "Share of the body within the picture that lies on COCO's segmentation; low also where things or "
        "people stand before the person, whom the segmentation leaves out.",
        worst="low",
    ),
    Column("annotated_width", "Width of the photo that COCO's segmentation is of.", "px", digits=0),
    Column("annotated_height", "Height of that photo.", "px", digits=0),
)


def measure_masks(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    return np.array(
        [
            [*_compare(image, person, number), *_find_size(person)]
            for number, person in enumerate(image.people)
        ],
        np.float64,
    ).reshape(len(image.people), len(COLUMNS))


def _find_size(person: ReviewedPerson) -> tuple[float, float]:
    """Width and height of the photo that the segmentation is of."""
    segmentation = None if person.coco is None else person.coco.segmentation
    if segmentation is None or segmentation.hw is None:
        return np.nan, np.nan
    return segmentation.hw[1], segmentation.hw[0]


def _compare(image: ReviewedImage, person: ReviewedPerson, number: int) -> tuple[float, float, float]:
    """IoU, recall and precision of a person."""
    unknown = (np.nan, np.nan, np.nan)
    if image.masks is None or image.photo_hw is None or person.coco is None:
        return unknown
    segmentation = person.coco.segmentation
    # Of a crowd nobody knows which pixels are this person's.
    if segmentation is None or segmentation.is_crowd:
        return unknown
    annotated = segmentation.make_mask(image.photo_hw)
    if annotated is None:
        return unknown
    drawn = image.masks[number]
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    both = 0
    if len(rows):
        # Pixels in both lie in the box of either.
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        both = int(np.count_nonzero(drawn[box] & annotated[box]))
    of_body, of_coco = int(np.count_nonzero(drawn)), int(np.count_nonzero(annotated))
    either = of_body + of_coco - both
    return _divide(both, either), _divide(both, of_coco), _divide(both, of_body)


def _divide(part: int, whole: int) -> float:
    return part / whole if whole else np.nan


MEASURE = Measure(COLUMNS, measure_masks)
