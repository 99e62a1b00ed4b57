"""Layers of a label set, as files hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, repr=False)
class Plane(ShapeChecked):
    """The values of one layer over a picture.

    Ids, of people, parts or faces, begin at 1, and 0 is where there is nothing, in files of every format.
    What is face 0 for PyTorch3D is face 1 here.

    Attributes:
        name: Of the layer, such as iuv; of amodal masks with the person's number, such as amodal.2.
        channels: Their names, in order, such as I, U and V.
        values: uint8, uint16, int32, float16 or float32.
    """

    name: str
    channels: tuple[str, ...]
    values: np.ndarray

    SHAPES: ClassVar = {"values": ("H", "W", "C")}
