"""Where the people and the grounds of sheets are, for shadows on them."""

from __future__ import annotations

from typing import NamedTuple

import torch

from render.sheet.around.scenes import Cylinders, Spaces
from render.types.scenes import Scenes

# Half of a body's height. Where only a scene tells how long a metre is, it is taken to be as high as a body.
HALF_BODY_M = 0.9
# A scene of nobody in metres is lower than that, one in pixels of a photo is higher.
MOST_HALF_HEIGHT_M = 30.0


class Stage(NamedTuple):
    """Where the people and the grounds of S sheets are, in the spaces of `Scenes`, float64.

    Attributes:
        matrix: (M, 3, 3), a vertex v of a person lies at matrix v + shift.
        shift: (M, 3) of the formula above.
        unit: (S,) how many lengths of its space are a metre.
        center: (S, 3) of the cylinder around all that is there.
        radius: (S,) of the cylinder.
        ground: (S,) y of the ground; where that is NaN, none is drawn.
    """

    matrix: torch.Tensor
    shift: torch.Tensor
    unit: torch.Tensor
    center: torch.Tensor
    radius: torch.Tensor
    ground: torch.Tensor


def find_stage(spaces: Spaces, cylinders: Cylinders, scenes: Scenes | None) -> Stage:
    """The stage of a batch.

    Args:
        spaces: Where its people are.
        cylinders: What views look at.
        scenes: Of clips, where these were told; else None.
    """
    most = torch.full_like(cylinders.radius, -torch.inf)
    # Who is drawn largest tells how long a metre is, for the order of a sum would show in its last bits.
    unit = most.scatter_reduce(0, spaces.of_sheet, spaces.units_per_m, "amax")
    if scenes is not None:
        # Estimates of one frame tremble, and frames of nobody have none; what a clip looks at stays.
        of_nobody = unit == -torch.inf
        in_metres = torch.where(of_nobody, cylinders.half_height < MOST_HALF_HEIGHT_M, unit == 1.0)
        unit = torch.where(in_metres, 1.0, cylinders.half_height / HALF_BODY_M)
    return Stage(
        matrix=spaces.matrix,
        shift=spaces.shift,
        unit=torch.where(unit > 0, unit, torch.nan),
        center=cylinders.center,
        radius=cylinders.radius,
        ground=cylinders.ground,
    )
