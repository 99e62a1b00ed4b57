"""Whether joints are bent as people's can be."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage, ReviewedPerson
from render.review.limits.excess import NAMES, measure_excess_deg
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "limits_deg",
        "By how much the worst joint is bent or turned beyond the range that handbooks give for healthy "
        "adults, widened by 15 degrees; 0 within.",
        "deg",
        "high",
        1,
    ),
    Column("limits_joint", "Which joint that is; none where all are within.", choices=NAMES, digits=0),
    Column("limits_sum_deg", "The same of all joints together.", "deg", "high", 1),
)


def measure_pose(image: ReviewedImage) -> np.ndarray:
    """(P, 3) of the columns; NaN for vertices and for models of hands and heads."""
    rows = [_measure_person(person) for person in image.people]
    return np.array(rows, np.float64).reshape(-1, len(COLUMNS))


def _measure_person(person: ReviewedPerson) -> list[float]:
    if person.pose is None:
        return [np.nan] * len(COLUMNS)
    (excess,) = measure_excess_deg(person.pose.kind, person.pose.rotmat[None])
    worst = int(excess.argmax())
    return [excess[worst], worst if excess[worst] > 0 else np.nan, excess.sum()]


MEASURE = Measure(COLUMNS, measure_pose)
