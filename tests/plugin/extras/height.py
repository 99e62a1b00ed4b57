"""How tall a body is as it stands."""

import numpy as np

from render.review.measure import Column, Measure

COLUMNS = (Column("standing_m", "From its lowest vertex to its highest, as it stands.", unit="m"),)


def measure(image):
    heights = [np.ptp(person.verts_m[:, 1]) for person in image.people]
    return np.array(heights, float).reshape(-1, 1)


MEASURE = Measure(COLUMNS, measure)
