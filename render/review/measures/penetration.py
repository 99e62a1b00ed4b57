"""How much a body goes through itself."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage
from render.review.measure import Column, Measure
from render.review.penetration.measure import measure_penetration_l

COLUMNS = (
    Column(
        "penetration_l",
        "Litres of the body that lie in two of its parts at once, such as a forearm in the belly. Skin that "
        "folds at bent joints counts too, and so does where the shells of a mannequin meet.",
        "l",
        "high",
    ),
)


def measure_penetration(image: ReviewedImage) -> np.ndarray:
    """(P, 1) of the column; NaN where a surface has holes."""
    rows = [
        measure_penetration_l(person.verts_m, person.faces) if person.is_closed else np.nan
        for person in image.people
    ]
    return np.array(rows, np.float64).reshape(-1, 1)


MEASURE = Measure(COLUMNS, measure_penetration)
