"""Where rays of the studio's light start, and what they may meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from render.types.shape_checked import ShapeChecked

if TYPE_CHECKING:
    import torch


# Rays a pixel: powers of 2, for the points that they go through are even in blocks of these.
RAYS = (16, 32, 64, 128, 256)


@dataclass(frozen=True, repr=False)
class Rays(ShapeChecked):
    """M bodies in the stage spaces of their S sheets, for rays, and D placements of them.

    These spaces are in metres, with y down along gravity, relative to the middle of the sheet's bodies.

    Attributes:
        count: Rays a pixel.
        points: float32, the vertices.
        turn: float32 rotations from the bodies' frame to that space, for normals.
        to_stage: float32 rotations from the rig, see `Light`, to that space.
        ground: float32, y of the ground of the body's sheet, NaN where there is none.
        mesh: int64, the Warp mesh of all bodies of the body's sheet, alive as long as what has filled this.
        middle: float64, m, what was taken from all places of a sheet.
    """

    count: int
    points: torch.Tensor
    turn: torch.Tensor
    to_stage: torch.Tensor
    ground: torch.Tensor
    mesh: torch.Tensor
    middle: torch.Tensor

    SHAPES: ClassVar = {
        "points": ("M", "V", 3),
        "turn": ("M", 3, 3),
        "to_stage": ("D", 3, 3),
        "ground": ("M",),
        "mesh": ("M",),
        "middle": ("S", 3),
    }
