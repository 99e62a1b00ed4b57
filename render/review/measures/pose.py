"""Whether joints are bent as people's can be."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage
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
    found = np.full((len(image.people), len(COLUMNS)), np.nan)
    poses = {i: person.pose for i, person in enumerate(image.people) if person.pose is not None}
    # Together, for rotations of one person take about as long as those of ten.
    for kind, shape in {(pose.kind, pose.rotmat.shape): None for pose in poses.values()}:
        who = [i for i, pose in poses.items() if (pose.kind, pose.rotmat.shape) == (kind, shape)]
        excess = measure_excess_deg(kind, np.stack([poses[i].rotmat for i in who]))
        worst = excess.argmax(1)
        most = excess[np.arange(len(who)), worst]
        found[who] = np.column_stack([most, np.where(most > 0, worst, np.nan), excess.sum(1)])
    return found


MEASURE = Measure(COLUMNS, measure_pose)
