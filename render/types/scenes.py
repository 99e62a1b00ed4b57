"""What the views around the bodies of a sheet look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from render.types.shape_checked import ShapeChecked


@dataclass(frozen=True, repr=False)
class Scenes(ShapeChecked):
    """Which way is up, an upright cylinder around all that is on a sheet, and the ground; float64.

    A row is a sheet. Its space has y down along gravity, as far as that is known, and x and z as the camera
    has them. Lengths are metres where the worlds of all people of the sheet are known, else pixels of the
    photo.

    Attributes:
        center: On the axis of the cylinder, in the middle of its height.
        radius: Of the cylinder.
        half_height: From its middle to its ends.
        ground: y of the ground, NaN where nobody stands on one.
        up: Unit vector in the camera's frame. Where lengths are metres it is told, and nothing depends on it.
    """

    center: np.ndarray
    radius: np.ndarray
    half_height: np.ndarray
    ground: np.ndarray
    up: np.ndarray

    # S sheets.
    SHAPES: ClassVar = {
        "center": ("S", 3),
        "radius": ("S",),
        "half_height": ("S",),
        "ground": ("S",),
        "up": ("S", 3),
    }

    @classmethod
    def unknown(cls, count: int) -> Scenes:
        """Of so many sheets of which nothing is known: NaN."""
        place, number = np.full((count, 3), np.nan), np.full(count, np.nan)
        return cls(place, number, number.copy(), number.copy(), place.copy())
