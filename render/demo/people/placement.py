"""Where the people of a demo photo stand: side by side or crossing, on one floor in perspective."""

from __future__ import annotations

import numpy as np

from render.demo.people.cast import Slot
from render.demo.view import PhotoView, Placement

# Focal length, in longer sides of the photo. A small-format camera has that with a 54 mm lens.
FOCAL_PER_SIDE = 1.5
# Area of a body seen from the front: a first guess of the size that gives the pixels asked for.
BODY_AREA_M2 = 0.56
# Shares of the photo's sides that people take at most.
FILL_H, FILL_W = 0.90, 0.94
# Of the narrower of two people who cross.
CROSSING_SHARE = 0.52


def place_people(
    rng: np.random.Generator, slot: Slot, boxes_m: np.ndarray
) -> tuple[PhotoView, list[Placement]]:
    """Places people on the floor of a photo.

    Args:
        rng: What chooses.
        slot: The brief of the photo.
        boxes_m: Left, right and top of people about their points of the floor (N, 3), x right, y up.

    Returns:
        The camera, and the placements of the people. The first is the nearest; the others are farther, so
        smaller and higher up.
    """
    height, width = slot.hw
    count = len(boxes_m)
    left_m, right_m, top_m = boxes_m.T
    sizes = np.sqrt(slot.area_px / BODY_AREA_M2) * np.append(1.0, rng.uniform(0.68, 0.92, count - 1))
    sizes *= rng.uniform(0.92, 1.08)
    floor_share = rng.uniform(1.03, 1.07) if slot.cut_at_border else rng.uniform(0.90, 0.94)

    # From left to right.
    order = rng.permutation(count)
    extents = ((right_m - left_m) * sizes)[order]
    shares = np.where(np.arange(count - 1) == 0, CROSSING_SHARE * slot.crossing, 0.0)
    overlaps = shares * np.minimum(extents[:-1], extents[1:])
    shrink = min(1.0, FILL_W * width / (extents.sum() - overlaps.sum()))
    if not slot.cut_at_border:
        shrink = min(shrink, (FILL_H * height / (top_m * sizes)).min())
    sizes, extents, overlaps = sizes * shrink, extents * shrink, overlaps * shrink

    floor_px = floor_share * height
    if not slot.cut_at_border:
        floor_px = max(floor_px, top_m[0] * sizes[0] + 0.05 * height)
    # The horizon stays between 15 and 58 percent of the height, and the lens goes up or down for it.
    lens_m = np.clip(rng.uniform(1.2, 1.6), *((floor_px - np.array([0.58, 0.15]) * height) / sizes[0]))
    view = PhotoView(
        slot.hw, float(floor_px - lens_m * sizes[0]), FOCAL_PER_SIDE * max(slot.hw), float(lens_m)
    )

    gaps = (width - extents.sum() + overlaps.sum()) * rng.dirichlet(np.full(count + 1, 4.0))
    # No gap between the two who are to overlap; its room goes to the left border.
    if slot.crossing:
        gaps[:2] = gaps[:2].sum(), 0.0
    starts = np.cumsum(gaps[:-1] + np.append(0.0, extents[:-1] - overlaps))
    placements = []
    for who in range(count):
        start = starts[order.tolist().index(who)]
        row = view.floor_row(sizes[who])
        tilt = float(np.arctan((row - view.horizon_px) / view.focal_px))
        x = start - left_m[who] * sizes[who]
        placements.append(Placement(float(x), float(row), float(sizes[who]), tilt))
    return view, placements
