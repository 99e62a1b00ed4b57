"""Annotations over the pixels of a panel."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from render.annotate.annotation import ANNOTATIONS
from render.annotate.marks import PersonMarks
from render.shade.legend import Legend

# Chosen by eye: light at 224 px, firm at 2000 px, and finer on the small people of a large photo.
_PERSONS_IN_STROKE = 110.0
_LEAST_STROKE_PX = 2.0
# How far above a box the middle of its caption is, and by how many points it counts: about as a body does.
_CAPTION_IN_PANELS, _CAPTION_POINTS = 0.025, 200
NOWHERE_PX = np.zeros((0, 2))


def annotate(
    pixels: np.ndarray,
    marks: Sequence[PersonMarks],
    names: Collection[str],
    legend: Legend | None = None,
    free_px: np.ndarray = NOWHERE_PX,
) -> None:
    """Paints the annotations `names`, of ANNOTATIONS, of the people `marks` into one panel, in place.

    What lies outside the panel is cut off; numbers that are not finite are left out. People are in the order
    of `marks`.

    Args:
        pixels: (h, w, 3) RGB or (h, w, 4) RGBA with straight alpha, uint8, any strides.
        marks: Of the people, in pixels of the panel.
        names: Which annotations; they lie over each other in the order of ANNOTATIONS, whatever theirs.
        legend: Of the panel; None where there is none.
        free_px: (N, 2) points x, y that a legend is to leave free.
    """
    # Differences of infinities are NaN, which no comparison lets pass.
    with np.errstate(invalid="ignore", over="ignore"):
        strokes_px = [_stroke_px(person, pixels.shape[:2]) for person in marks]
        for name in ANNOTATIONS.names:
            if name in names:
                found = ANNOTATIONS.load(name)
                if found.paint is not None:
                    found.paint(pixels, marks, strokes_px)
                if found.paint_legend is not None and legend is not None:
                    taken = _find_captions(marks, pixels.shape[:2]) if "label" in names else NOWHERE_PX
                    found.paint_legend(pixels, legend, np.concatenate([free_px, taken]))


def _find_captions(marks: Sequence[PersonMarks], hw: tuple[int, int]) -> np.ndarray:
    """(N, 2) points x, y where captions are: above the boxes, or in the upper left corner."""
    up = _CAPTION_IN_PANELS * min(hw)
    found = []
    for person in marks:
        left, top, right = (0.0, up, 5 * up) if person.box_px is None else person.box_px[:3]
        x = np.linspace(left, right, _CAPTION_POINTS)
        found.append(np.column_stack([x, np.full_like(x, max(top - up, up))]))
    return np.concatenate([NOWHERE_PX, *found])


def _stroke_px(person: PersonMarks, hw: tuple[int, int]) -> float:
    """Width of a limb: halfway, as ratios go, between that for the person's size and that for the panel's."""
    person_px = panel_px = min(hw)
    if person.box_px is not None:
        person_px = person.box_px[3] - person.box_px[1]
    elif person.joints_px is not None:
        person_px = np.ptp(person.joints_px, axis=0).max()
    # Also turns what is not a number into the panel's size.
    person_px = min(panel_px, max(person_px, 0))
    return max(_LEAST_STROKE_PX, float(np.sqrt(person_px * panel_px)) / _PERSONS_IN_STROKE)
