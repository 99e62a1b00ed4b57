"""From where a stage is seen at first: by the photo's camera, or all of it from in front."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from render.viewer.stages.stage import Stage

# Where nobody has a camera: the angle of view, and how far the eye is above the middle, as a share of its
# distance.
_HALF_VIEW = math.tan(math.radians(20))
_RAISED = 0.25
_MARGIN = 1.15
UP = (0.0, -1.0, 0.0)


class FirstView(NamedTuple):
    """A camera of a viewer.

    Attributes:
        position_m: (3,) of the eye.
        target_m: (3,) what it looks at, and what it turns around.
        half_view: See `Lens.half_view`.
        near_m: Nothing nearer is shown.
        far_m: Nothing farther is shown.
    """

    position_m: np.ndarray
    target_m: np.ndarray
    half_view: tuple[float, float]
    near_m: float
    far_m: float


def find_first_view(stage: Stage) -> FirstView:
    """The camera by which a stage is first seen."""
    low, high = stage.bounds_m
    middle = (low + high) / 2
    if stage.lens is None:
        radius = max(float(np.linalg.norm(high - low)) / 2, 0.1)
        distance = _MARGIN * radius / math.sin(math.atan(_HALF_VIEW))
        eye = middle + distance * np.array([0.0, -_RAISED, -math.sqrt(1 - _RAISED**2)])
        return FirstView(eye, middle, (_HALF_VIEW, _HALF_VIEW), distance / 1000, 100 * distance)
    gaze = stage.lens.gaze
    # On the axis, beside the people.
    target = gaze * max(float(middle @ gaze), 0.1)
    near = min(max(float(low[2]) / 20, 0.01), 0.1)
    return FirstView(np.zeros(3), target, stage.lens.half_view, near, 10 * stage.photo_depth_m)
