"""Two fits on one person: whoever of the other people of the image is most like this one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from render.review.crowd import MOST_PEOPLE, Named, measure_apart_px, stack_by_name
from render.review.image import ReviewedImage, ReviewedPerson
from render.review.measure import Column, Measure
from render.review.rectangles import measure_iou

COLUMNS = (
    Column(
        "double",
        "How likely another fit of the image is of the same person: 1 where the joints of both lie on each "
        "other, falling to 0 where `double_distance` is 0.2; less where `double_iou` is below 0.5, in "
        "proportion. People who hug overlap too, but their joints do not lie on each other.",
        worst="high",
    ),
    Column(
        "double_iou",
        "Intersection over union of what the two fits cover of the photo; of the boxes around them where "
        "there is no photo or both are outside of it.",
    ),
    Column(
        "double_distance",
        "Mean distance of the joints that both have, as a share of the longer side of the box around the "
        "smaller one.",
    ),
    Column("double_row", "Row of that other fit; empty where `double` is 0.", digits=0),
    Column(
        "same_annotation",
        "How many other fits of the image name the same COCO annotation.",
        worst="high",
        digits=0,
    ),
)

# Two joints of one body are seldom nearer to each other, whichever two they are.
NOT_DOUBLE_FROM = 0.2
# Two fits of one person have other arms, and are seldom much more alike than that.
WHOLE_FROM = 0.5
# Masks are compared with the nearest only: in crowds masks of all with all take seconds.
MOST_COMPARED = 4
# Of a body without joints so many vertices, at least, stand for them.
_VERTS_FOR_JOINTS = 64


def measure_doubles(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    people = image.people
    found = np.full((len(people), len(COLUMNS)), np.nan)
    annotated = Counter(person.annot_id for person in people)
    found[:, -1] = [annotated[one.annot_id] - 1 if one.annot_id > 0 else np.nan for one in people]
    if not 1 < len(people) <= MOST_PEOPLE:
        return found
    distances = _measure_distances(people)
    windows = [_find_window(person) for person in people]
    for i, row in enumerate(found):
        # NaN comes last.
        nearest = distances[i].argsort(kind="stable")[:MOST_COMPARED].tolist()
        compared = []
        for k in nearest:
            if not np.isfinite(distances[i, k]):
                break
            iou = _measure_overlap(image, i, k, windows)
            double = max(0.0, 1 - distances[i, k] / NOT_DOUBLE_FROM) * min(1.0, iou / WHOLE_FROM)
            compared.append((double, iou, distances[i, k], float(people[k].row) if double > 0 else np.nan))
        if compared:
            # Of those that are alike the first, which is the nearest.
            row[:-1] = max(compared, key=lambda one: one[0])
    return found


def _measure_distances(people: Sequence[ReviewedPerson]) -> np.ndarray:
    """(P, P) mean distances of joints as shares of sizes; NaN of people with themselves."""
    points_px = stack_by_name([_name_points(person) for person in people])
    sizes = np.array([float((one.drawn_box_px[2:] - one.drawn_box_px[:2]).max()) for one in people])
    apart_px, _ = measure_apart_px(points_px, points_px)
    smaller = np.minimum(sizes[:, None], sizes)
    distances = np.full_like(apart_px, np.nan)
    np.divide(apart_px, smaller, out=distances, where=smaller > 0)
    np.fill_diagonal(distances, np.nan)
    return distances


def _name_points(person: ReviewedPerson) -> Named:
    if len(person.joint_names):
        return person.joint_names, person.joints_px
    # Bodies of one topology have their vertices in one order.
    count = len(person.verts_m)
    chosen = range(0, count, max(1, count // _VERTS_FOR_JOINTS))
    names: list[Hashable] = [(count, vert) for vert in chosen]
    return names, person.verts_px[chosen]


def _find_window(person: ReviewedPerson) -> np.ndarray:
    """(4,) left, top, right and bottom of whole pixels around the body."""
    box = np.nan_to_num(person.drawn_box_px, posinf=0, neginf=0).clip(-1, 2**30)
    return np.concatenate([np.floor(box[:2]), np.ceil(box[2:])]).astype(np.int64).clip(0)


def _measure_overlap(image: ReviewedImage, i: int, k: int, windows: Sequence[np.ndarray]) -> float:
    """Intersection over union of two people: of masks where they are in the photo, else of boxes."""
    if image.masks is not None:
        left, top = np.minimum(windows[i][:2], windows[k][:2])
        right, bottom = np.maximum(windows[i][2:], windows[k][2:])
        a, b = (image.masks[one, top:bottom, left:right] for one in (i, k))
        if union := np.count_nonzero(a | b):
            return np.count_nonzero(a & b) / union
    return float(np.nan_to_num(measure_iou(image.people[i].drawn_box_px, image.people[k].drawn_box_px)))


MEASURE = Measure(COLUMNS, measure_doubles)
