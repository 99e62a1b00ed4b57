"""Grey panels, and people whose marks lie on them."""

import numpy as np

from render.annotate.marks import PersonMarks
from render.annotate.multibox import multiboxes

GREEN = (0, 158, 115)
GREY = 120


def make_panel(h=200, w=300, channels=3):
    pixels = np.full((h, w, channels), GREY, np.uint8)
    if channels == 4:
        pixels[:] = 0
    return pixels


def changed(pixels, before=None):
    before = make_panel(*pixels.shape) if before is None else before
    return (pixels != before).any(-1)


def make_person(seed=0, h=200, w=300, **fields):
    """Someone whose every mark lies inside the panel."""
    rng = np.random.default_rng(seed)
    low, high = np.array([20, 30]), np.array([w - 20, h - 20])
    joints = rng.uniform(low, high, (18, 2))
    coco = np.column_stack([rng.uniform(low, high, (17, 2)), np.full(17, 2)])
    box = np.array([10.0, 25.0, w - 10, h - 10])
    whole = {
        "colour_rgb": GREEN,
        "box_px": box,
        "joints_px": joints,
        "joint_validity": np.ones(18, bool),
        "gt_px": np.column_stack([rng.uniform(low, high, (18, 2)), np.ones(18)]),
        "multiboxes_px": multiboxes(rng.uniform(low, high, (9, 2)), box),
        "label": "a label",
        "coco_keypoints_px": coco,
        "coco_box_px": np.array([15.0, 30.0, w - 40, h - 30]),
    }
    return PersonMarks(**(whole | fields))
