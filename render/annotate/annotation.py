"""What an annotation is, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from render.annotate.marks import PersonMarks
from render.registry import Registry

if TYPE_CHECKING:
    import numpy as np

    from render.shade.legend import Legend


# It takes the pixels of a panel, (h, w, 3) RGB or (h, w, 4) RGBA with straight alpha, the marks of its
# people, and the width of a limb of each person in px, and paints over the pixels.
Paint = Callable[["np.ndarray", Sequence[PersonMarks], Sequence[float]], None]
# It takes the pixels, what is to be said, and points (N, 2) of the panel, x, y, that it is to leave free.
PaintLegend = Callable[["np.ndarray", "Legend", "np.ndarray"], None]


@dataclass(frozen=True)
class Annotation:
    """What is painted over the people of a panel.

    Attributes:
        paint: Paints it, in place. It imports OpenCV itself, so that settings are checked before that is
            loaded.
        needs_coco: It shows COCO's own annotations of a person.
        version: Raised whenever the same marks give other pixels than before, so that what was drawn with an
            earlier one is drawn anew.
        paint_legend: Paints the legend of a panel whose mode has one.
    """

    paint: Paint | None = None
    needs_coco: bool = False
    version: int = 1
    paint_legend: PaintLegend | None = None


# From the lowest to the uppermost: boxes, joints, captions, legends; those of other packages over them all.
ANNOTATIONS: Registry[Annotation] = Registry(
    "annotation",
    "smpl_render.annotations",
    "render.annotate.kinds",
    "ANNOTATION",
    first=("multibox", "bbox", "coco", "keypoints", "label", "legend"),
)
