"""Fits that were drawn on somebody else, and bodies whose left is where their right should be."""

from __future__ import annotations

import numpy as np

from render.review.crowd import MOST_PEOPLE, measure_apart_px, stack_by_name
from render.review.image import Keypoints, ReviewedImage
from render.review.keypoints import choose_keypoints, exchange_side, find_pairs
from render.review.measure import Column, Measure

COLUMNS = (
    Column(
        "swap_gain",
        "The reprojection error divided by that onto the keypoints of whoever else of the image the body "
        "fits best, each as a share of the box around those; well above 1 where it is a fit of that person.",
        worst="high",
        digits=2,
    ),
    Column("swap_row", "Row of that person; empty where `swap_gain` is below 4.", digits=0),
    Column(
        "pose_swap_gain",
        "The same after the body was moved and scaled onto the keypoints, its own or another's; well above 1 "
        "where it has the pose of that person, in its own place or in theirs.",
        worst="high",
        digits=2,
    ),
    Column("pose_swap_row", "Row of that person; empty where `pose_swap_gain` is below 4.", digits=0),
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
# People in like poses come to 3.
CLEAR_GAIN = 4.0


def measure_swaps(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    people = image.people
    marked = [choose_keypoints(person) for person in people]
    sizes_px = np.array([find_pairs(*one).size_px for one in zip(people, marked, strict=True)])
    stacked = stack_by_name(
        [
            *((person.joint_names, person.joints_px) for person in people),
            *(([exchange_side(name) for name in one.joint_names], one.joints_px) for one in people),
            *(((), np.zeros((0, 2))) if marks is None else _take_marked(marks) for marks in marked),
        ]
    )
    bodies, exchanged, keypoints = np.split(stacked, 3)
    found = np.full((len(people), len(COLUMNS)), np.nan)
    own, turned = (_measure_own_errors(one, keypoints, sizes_px) for one in (bodies, exchanged))
    found[:, 4] = own / turned
    if len(people) <= MOST_PEOPLE:
        rows = np.array([person.row for person in people], np.float64)
        for place, is_laid_over in ((0, False), (2, True)):
            errors = _measure_errors(bodies, keypoints, sizes_px, is_laid_over)
            found[:, place], found[:, place + 1] = _find_best(errors, rows)
    return found


def _find_best(errors: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each would gain by the keypoints of whoever else it fits best, and the row of that person.

    Args:
        errors: (P, P) of bodies on keypoints.
        rows: (P,) of the people.
    """
    others = np.where(np.eye(len(errors), dtype=bool) | np.isnan(errors), np.inf, errors)
    best = others.argmin(1)
    least = others[np.arange(len(errors)), best]
    gain = np.where(np.isfinite(least), errors.diagonal() / least, np.nan)
    return gain, np.where(gain >= CLEAR_GAIN, rows[best], np.nan)


def _take_marked(keypoints: Keypoints) -> tuple[tuple[str, ...], np.ndarray]:
    points = np.asarray(keypoints.points_px, np.float64)
    return keypoints.names, np.where(points[:, 2:] > 0, points[:, :2], np.nan)


def _measure_own_errors(bodies: np.ndarray, keypoints: np.ndarray, sizes_px: np.ndarray) -> np.ndarray:
    """(P,) errors of bodies on their own keypoints; a crowd has many other pairs."""
    alone = (slice(i, i + 1) for i in range(len(bodies)))
    return np.array([_measure_errors(bodies[i], keypoints[i], sizes_px[i])[0, 0] for i in alone])


def _measure_errors(
    bodies: np.ndarray, keypoints: np.ndarray, sizes_px: np.ndarray, is_laid_over: bool = False
) -> np.ndarray:
    """(P, Q) errors of P bodies on the keypoints of Q people, as shares of their sizes."""
    apart_px, joints = measure_apart_px(bodies, keypoints, is_laid_over)
    return np.where(joints >= FEWEST_JOINTS, np.maximum(apart_px / sizes_px, SMALLEST_ERROR), np.nan)


MEASURE = Measure(COLUMNS, measure_swaps)
