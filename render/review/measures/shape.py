"""Whether shapes are likely ones."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "betas_norm",
        "Euclidean norm of the shape coefficients. Each has variance 1 among people: of ten, the norm is 3 "
        "in the mean, and more than 4.8 in one of a hundred.",
        worst="high",
    ),
    Column("betas_most", "Magnitude of the largest of them; people are within 3.", worst="high"),
    Column("betas_place", "Which of them that is, from 0.", digits=0),
)


def measure_shape(image: ReviewedImage) -> np.ndarray:
    """(P, 3) of the columns; NaN for vertices, and where a fit has no coefficients."""
    rows = []
    for person in image.people:
        betas = np.zeros(0) if person.pose is None else np.abs(np.asarray(person.pose.betas, np.float64))
        if not len(betas) or not np.isfinite(betas).all():
            rows.append([np.nan] * len(COLUMNS))
            continue
        place = int(betas.argmax())
        rows.append([float(np.linalg.norm(betas)), betas[place], place])
    return np.array(rows, np.float64).reshape(-1, len(COLUMNS))


MEASURE = Measure(COLUMNS, measure_shape)
