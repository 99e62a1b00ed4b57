"""What the views around the bodies of a sheet look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from render.types.shape_checked import ShapeChecked


@dataclass(frozen=True, repr=False)
class Scenes(ShapeChecked):
    """An upright cylinder around all that is on a sheet, and the ground; one row a sheet, float64.

    Its space has y down along gravity, as far as that is known, and x and z as the camera has them. Lengths
    are metres where the worlds of all people of the sheet are known, else pixels of the photo.

    Attributes:
        center: On the axis of the cylinder, in the middle of its height.
        radius: Of the cylinder.
        half_height: From its middle to its ends.
        ground: y of the ground, NaN where nobody stands on one.
    """

    center: np.ndarray
    radius: np.ndarray
    half_height: np.ndarray
    ground: np.ndarray

    # S sheets.
    SHAPES: ClassVar = {"center": ("S", 3), "radius": ("S",), "half_height": ("S",), "ground": ("S",)}
