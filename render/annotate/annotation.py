"""What an annotation is, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from render.annotate.marks import PersonMarks
from render.registry import Registry

if TYPE_CHECKING:
    import numpy as np


# It takes the pixels of a panel, (h, w, 3) RGB or (h, w, 4) RGBA with straight alpha, the marks of its
# people, and the width of a limb of each person in px, and paints over the pixels.
Paint = Callable[["np.ndarray", Sequence[PersonMarks], Sequence[float]], None]


@dataclass(frozen=True)
class Annotation:
    """What is painted over the people of a panel.

    Attributes:
        paint: Paints it, in place. It imports OpenCV itself, so that settings are checked before that is
            loaded.
        needs_coco: It shows COCO's own annotations of a person.
        version: Raised whenever the same marks give other pixels than before, so that what was drawn with an
            earlier one is drawn anew.
    """

    paint: Paint
    needs_coco: bool = False
    version: int = 1


# From the lowest to the uppermost: boxes, joints, captions; those of other packages over them all.
ANNOTATIONS: Registry[Annotation] = Registry(
    "annotation",
    "smpl_render.annotations",
    "render.annotate.kinds",
    "ANNOTATION",
    first=("multibox", "bbox", "coco", "keypoints", "label"),
)
