"""Annotations over the pixels of a panel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from render.annotate.boxes import draw_box, draw_dashed_box, draw_nested_boxes
from render.annotate.caption import draw_caption
from render.annotate.marks import PersonMarks
from render.annotate.skeleton_strokes import draw_coco, draw_ground_truth, draw_projected
from render.types import Rect

# Chosen by eye: light at 224 px, firm at 2000 px, and finer on the small people of a large photo.
_PERSONS_IN_STROKE = 110.0
_LEAST_STROKE_PX = 2.0
_BOX_LINE_IN_STROKES = 0.6
_LEAST_BOX_LINE_PX = 1.5


def annotate(pixels: np.ndarray, marks: Sequence[PersonMarks], names: Collection[str]) -> None:
    """Draws the annotations `names`, of ANNOTATIONS, of the people `marks` into one panel, in place.

    pixels: (h, w, 3) RGB or (h, w, 4) RGBA with straight alpha, uint8, any strides. What lies outside the
    panel is cut off; numbers that are not finite are left out. From below: all boxes, all joints, then the
    captions, clear of each other where there is room; people in the order of `marks`.
    """
    # Differences of infinities are NaN, which no comparison lets pass.
    with np.errstate(invalid="ignore", over="ignore"):
        strokes_px = [_stroke_px(person, pixels.shape[:2]) for person in marks]
        for name, draw in PAINTERS.items():
            if name in names:
                for person, stroke_px in zip(marks, strokes_px, strict=True):
                    draw(pixels, person, stroke_px)
    if LABEL in names:
        taken: list[Rect] = []
        for person in marks:
            if person.label is not None:
                plate = draw_caption(pixels, person.label, person.box_px, person.colour_rgb, taken)
                taken += [plate] if plate else []


def _draw_multibox(pixels: np.ndarray, person: PersonMarks, stroke_px: float) -> None:
    if person.multiboxes_px is not None:
        draw_nested_boxes(pixels, person.multiboxes_px, person.colour_rgb, _line_px(stroke_px))


def _draw_bbox(pixels: np.ndarray, person: PersonMarks, stroke_px: float) -> None:
    if person.box_px is not None:
        draw_box(pixels, person.box_px, person.colour_rgb, _line_px(stroke_px))


def _draw_coco(pixels: np.ndarray, person: PersonMarks, stroke_px: float) -> None:
    if person.coco_box_px is not None:
        draw_dashed_box(pixels, person.coco_box_px, person.colour_rgb, _line_px(stroke_px))
    if person.coco_keypoints_px is not None:
        draw_coco(pixels, person.coco_keypoints_px, stroke_px)


def _draw_keypoints(pixels: np.ndarray, person: PersonMarks, stroke_px: float) -> None:
    if person.joints_px is not None:
        draw_projected(pixels, person.joints_px, person.joint_validity, stroke_px)
    if person.gt_px is not None:
        draw_ground_truth(pixels, person.gt_px, stroke_px)


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


def _line_px(stroke_px: float) -> float:
    return max(_BOX_LINE_IN_STROKES * stroke_px, _LEAST_BOX_LINE_PX)


LABEL = "label"
# In their order of drawing.
PAINTERS: dict[str, Callable[[np.ndarray, PersonMarks, float], None]] = {
    "multibox": _draw_multibox,
    "bbox": _draw_bbox,
    "coco": _draw_coco,
    "keypoints": _draw_keypoints,
}
