"""EFT's nested boxes, from the head to the full body."""

from __future__ import annotations

import numpy as np

BOXES = 8


def multiboxes(head_px: np.ndarray, box_px: np.ndarray) -> np.ndarray:
    """Eight boxes, each inside the next.

    The first box encloses the head tightly, the last is the crop, and the corners of those between move in
    even steps, as in EFT (facebookresearch/eft, demo/multi_bbox_gen.py). Unlike there, a head that sticks out
    of the crop widens the larger boxes, so that they are nested for any fit.

    Args:
        head_px: Projected vertices of the head (H, 2).
        box_px: The fit's crop box (4,).

    Returns:
        The boxes (8, 4): left, top, right, bottom.
    """
    head_box = np.concatenate([head_px.min(0), head_px.max(0)])
    full_box = np.concatenate([np.minimum(head_box[:2], box_px[:2]), np.maximum(head_box[2:], box_px[2:])])
    steps = np.linspace(0.0, 1.0, BOXES)[:, None]
    # In this form rounding keeps the order of the steps.
    return head_box + (full_box - head_box) * steps
