"""Fits and the entries that are none, as they come from the readers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

# Settings and help use these types, and are to start quickly.
if TYPE_CHECKING:
    import numpy as np


# A fit's bbox_scale is in this unit, as in MPII's annotations.
BOX_UNIT_PX = 200.0


@dataclass(frozen=True, repr=False)
class FitTable(ShapeChecked):
    """Fits as a struct of arrays, one row a person; only valid rows are in it.

    Attributes:
        row: Index of the entry in the fit file.
        image_name: As in the file, relative to the image folder.
        pose_rotmat: Rotations relative to the parent joint; joint 0 is the global orientation, with the
            picture's y down.
        betas: Shape coefficients.
        cam: s, tx, ty, weak perspective in the 224 px crop.
        bbox_center_px: Of the square crop, x and y in the photo.
        bbox_scale: Side of the crop / 200 px of the photo.
        annot_id: COCO annotation id, -1 where there is none.
        joint_validity: OpenPose-18 order.
        keypoints_px: SPIN's 49 joints, x, y in the photo and confidence, all zero where there are none.
    """

    row: np.ndarray
    image_name: np.ndarray
    pose_rotmat: np.ndarray
    betas: np.ndarray
    cam: np.ndarray
    bbox_center_px: np.ndarray
    bbox_scale: np.ndarray
    annot_id: np.ndarray
    joint_validity: np.ndarray
    keypoints_px: np.ndarray

    # N people.
    SHAPES: ClassVar = {
        "row": ("N",),
        "image_name": ("N",),
        "pose_rotmat": ("N", 24, 3, 3),
        "betas": ("N", 10),
        "cam": ("N", 3),
        "bbox_center_px": ("N", 2),
        "bbox_scale": ("N",),
        "annot_id": ("N",),
        "joint_validity": ("N", 18),
        "keypoints_px": ("N", 49, 3),
    }

    def __len__(self) -> int:
        return len(self.row)

    def take(self, index: np.ndarray | slice) -> FitTable:
        """The rows at `index` (positions in this table), in that order."""
        return FitTable(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


@dataclass(frozen=True, slots=True)
class RowProblem:
    """An entry of a fit file without a picture.

    Attributes:
        row: Its index in the file.
        image_name: Its image, if known.
        reason: Why there is no picture.
    """

    row: int
    image_name: str
    reason: str
