"""What can be painted over one person in one panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class PersonMarks:
    """The marks of one person, in pixels of the panel by the pixel rule of `render.types.fits`.

    None stands for what the panel cannot show. Boxes are left, top, right, bottom.

    Attributes:
        colour_rgb: Tells people apart, on boxes and captions; 0 to 255.
        box_px: The fit's square crop (4,).
        joints_px: Projected joints (18, 2), x, y in OpenPose-18 order, NaN for those that the body lacks.
        joint_validity: (18,), False for joints to be dimmed. It comes with `joints_px` or not at all.
        gt_px: Ground-truth keypoints (18, 3) in the same order, x, y, confidence; not painted where it is 0.
        multiboxes_px: As `multiboxes` makes them (8, 4).
        label: The text of the caption.
        coco_keypoints_px: (17, 3), x, y and COCO's visibility: 0 not labelled, 1 labelled but hidden, 2
            visible.
        coco_box_px: COCO's own box (4,).

    Raises:
        ValueError: A shape is wrong, or only one of the joints and their validity is there; it names the
            field.
    """

    colour_rgb: tuple[int, int, int]
    box_px: np.ndarray | None = None
    joints_px: np.ndarray | None = None
    joint_validity: np.ndarray | None = None
    gt_px: np.ndarray | None = None
    multiboxes_px: np.ndarray | None = None
    label: str | None = None
    coco_keypoints_px: np.ndarray | None = None
    coco_box_px: np.ndarray | None = None

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        "box_px": (4,),
        "joints_px": (18, 2),
        "joint_validity": (18,),
        "gt_px": (18, 3),
        "multiboxes_px": (8, 4),
        "coco_keypoints_px": (17, 3),
        "coco_box_px": (4,),
    }

    def __post_init__(self) -> None:
        for name, expected in self.SHAPES.items():
            value = getattr(self, name)
            if value is not None and value.shape != expected:
                raise ValueError(f"PersonMarks.{name}: expected shape {expected}, found {value.shape}")
        if (self.joints_px is None) != (self.joint_validity is None):
            raise ValueError("PersonMarks: joints_px and joint_validity come together, found one of them")
