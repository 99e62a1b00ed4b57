"""Masks as COCO has them: compressed run lengths, box and area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pycocotools.mask


@dataclass(frozen=True)
class Mask:
    """Where something is in a picture.

    Attributes:
        height, width: Of the picture, in pixels.
        counts: Run lengths down the columns, in the letters of COCO's compressed form.
        bbox: x, y, w, h of the least box of whole pixels around it; all 0 where it is empty.
        area: In pixels.
    """

    height: int
    width: int
    counts: str
    bbox: tuple[int, int, int, int]
    area: int

    @property
    def segmentation(self) -> dict[str, Any]:
        """What COCO calls `segmentation`."""
        return {"size": [self.height, self.width], "counts": self.counts}


def encode_mask(mask: np.ndarray) -> Mask:
    """A mask in COCO's form.

    Args:
        mask: (H, W) bool. Columns that lie together in memory are taken as they are.
    """
    # COCO counts down the columns.
    columns = np.asfortranarray(mask).view(np.uint8)
    run_lengths = pycocotools.mask.encode(columns)
    x, y, w, h = map(int, pycocotools.mask.toBbox(run_lengths))
    return Mask(
        height=mask.shape[0],
        width=mask.shape[1],
        counts=run_lengths["counts"].decode("ascii"),
        bbox=(x, y, w, h),
        area=int(pycocotools.mask.area(run_lengths)),
    )
