"""Fits that were drawn on somebody else, and bodies whose left is where their right should be."""

from __future__ import annotations

import numpy as np

from render.review.crowd import measure_apart_px, stack_by_name
from render.review.image import Keypoints, ReviewedImage
from render.review.keypoints import choose_keypoints, find_pairs
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "swap_gain",
        "The reprojection error divided by that onto the keypoints of whoever else of the image the body "
        "fits best, each as a share of the box around those; well above 1 where it is a fit of that person.",
        worst="high",
        digits=2,
    ),
    Column("swap_row", "Row of that person; empty where `swap_gain` is below 2.", digits=0),
    Column(
        "sides_gain",
        "The reprojection error divided by that of the same body with left and right exchanged; well above 1 "
        "where one faces away who should not, or keypoints have their sides confused.",
        worst="high",
        digits=2,
    ),
)

# Of a few keypoints some lie near any body.
FEWEST_JOINTS = 5
# Errors below it count as it: quotients of what is good enough say nothing.
SMALLEST_ERROR = 0.01
CLEAR_GAIN = 2.0


def measure_swaps(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    people, count = image.people, len(image.people)
    marked = [choose_keypoints(person) for person in people]
    sizes_px = np.array([find_pairs(*one).size_px for one in zip(people, marked, strict=True)])
    stacked = stack_by_name(
        [
            *((person.joint_names, person.joints_px) for person in people),
            *(([_exchange_side(name) for name in one.joint_names], one.joints_px) for one in people),
            *(((), np.zeros((0, 2))) if marks is None else _take_marked(marks) for marks in marked),
        ]
    )
    bodies, exchanged, keypoints = np.split(stacked, 3)
    errors = _measure_errors(bodies, keypoints, sizes_px)
    own = errors.diagonal().copy()
    found = np.full((count, len(COLUMNS)), np.nan)
    np.fill_diagonal(errors, np.nan)
    for i in np.flatnonzero(np.isfinite(own) & np.isfinite(errors).any(1)).tolist():
        best = int(np.nanargmin(errors[i]))
        gain = own[i] / errors[i, best]
        found[i, :2] = gain, people[best].row if gain >= CLEAR_GAIN else np.nan
    for i in range(count):
        error = _measure_errors(exchanged[i : i + 1], keypoints[i : i + 1], sizes_px[i : i + 1])
        found[i, 2] = own[i] / error[0, 0]
    return found


def _take_marked(keypoints: Keypoints) -> tuple[tuple[str, ...], np.ndarray]:
    points = np.asarray(keypoints.points_px, np.float64)
    return keypoints.names, np.where(points[:, 2:] > 0, points[:, :2], np.nan)


def _exchange_side(name: str) -> str:
    if name.startswith("left_"):
        return name.replace("left_", "right_", 1)
    return name.replace("right_", "left_", 1) if name.startswith("right_") else name


def _measure_errors(bodies: np.ndarray, keypoints: np.ndarray, sizes_px: np.ndarray) -> np.ndarray:
    """(P, Q) errors of P bodies on the keypoints of Q people, as shares of their sizes."""
    apart_px, joints = measure_apart_px(bodies, keypoints)
    return np.where(joints >= FEWEST_JOINTS, np.maximum(apart_px / sizes_px, SMALLEST_ERROR), np.nan)


MEASURE = Measure(COLUMNS, measure_swaps)
