"""How far the joints of bodies are from keypoints: the file's own, and COCO's."""

from __future__ import annotations

import numpy as np

from render.review.image import Keypoints, ReviewedImage, ReviewedPerson
from render.review.keypoints import find_pairs, measure_misses_px, take_coco
from render.review.measure import Column, Measure

# Of the longer side of the box around the keypoints, as in HMR 2.0's evaluation.
PCK_AT = (0.05, 0.1)


def _name_columns(source: str, whose: str) -> tuple[Column, ...]:
    prefix = f"{source}_" if source else ""
    return (
        Column(
            f"{prefix}reprojection",
            f"Mean distance of the body's joints from {whose}, as a share of the longer side of the box "
            f"around those; empty where one of these joints is behind the camera.",
            worst="high",
            digits=4,
        ),
        Column(f"{prefix}reprojection_px", "The same in pixels of the photo.", "px", "high", 2),
        Column(f"{prefix}pck5", "Share of these joints that are nearer than 0.05 of that side.", worst="low"),
        Column(f"{prefix}pck10", "Share of these joints that are nearer than 0.1 of that side.", worst="low"),
        Column(f"{prefix}joints", "How many joints that is of.", digits=0),
    )


COLUMNS = (
    *_name_columns("", "the keypoints of the fit file, or COCO's where it has none"),
    *_name_columns("file", "the keypoints of the fit file"),
    *_name_columns("coco", "COCO's keypoints"),
)


def measure_keypoints(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    rows = []
    for person in image.people:
        file, coco = _compare(person, person.keypoints), _compare(person, take_coco(person))
        rows.append([*(file if file[-1] else coco), *file, *coco])
    return np.array(rows, np.float64).reshape(len(image.people), len(COLUMNS))


def _compare(person: ReviewedPerson, keypoints: Keypoints | None) -> list[float]:
    pairs = find_pairs(person, keypoints)
    misses = measure_misses_px(pairs, person.joints_px)
    if not len(pairs):
        return [np.nan, np.nan, np.nan, np.nan, 0]
    shares = misses / pairs.size_px
    # What is behind the camera is near nothing.
    near = [float((shares < at).mean()) for at in PCK_AT]
    return [float(shares.mean()), float(misses.mean()), *near, len(pairs)]


MEASURE = Measure(COLUMNS, measure_keypoints)
