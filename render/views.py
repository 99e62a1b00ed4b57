"""Views: from where a panel looks at its bodies.

A view is a function from a `Shot` to `Cameras`, all in float64 so that a large photo loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch

from render.types import Cameras, ShapeChecked

# The original viewer's vertical field of view, and how far off it stands: this many times the body's extent.
FIELD_OF_VIEW_RAD = math.radians(65)
ZOOM = 1.2
# It never frames less than this.
LEAST_EXTENT_PX = 100.0


@dataclass(frozen=True, repr=False)
class Shot(ShapeChecked):
    """What a view may know, one row a draw, float64.

    scale_px, origin_px: pixels of the photo per metre, and the pixel where the body's origin lies.
    center_m, extent_m: the body's mean vertex and the longest side of its bounding box.
    rect: x, y, width, height of the panel in pixels of its sheet.
    """

    scale_px: torch.Tensor
    origin_px: torch.Tensor
    center_m: torch.Tensor
    extent_m: torch.Tensor
    rect: torch.Tensor

    SHAPES: ClassVar = {
        "scale_px": ("D",),
        "origin_px": ("D", 2),
        "center_m": ("D", 3),
        "extent_m": ("D",),
        "rect": ("D", 4),
    }

    def take(self, index: list[int]) -> Shot:
        """The draws at `index`, in that order."""
        return Shot(**{name: getattr(self, name)[index] for name in self.SHAPES})


def camera(shot: Shot) -> Cameras:
    """The fit over its photo, pixel for pixel: orthographic, back faces dropped."""
    count, device = len(shot.scale_px), shot.scale_px.device
    eye = torch.eye(3, dtype=torch.float64, device=device).expand(count, 3, 3)
    depth = torch.zeros(count, 1, dtype=torch.float64, device=device)
    return _cameras(
        matrix=shot.scale_px[:, None, None] * eye,
        translation=torch.cat([shot.rect[:, :2] + shot.origin_px, depth], 1),
        focal_px=torch.zeros(count, device=device),
        center_px=torch.zeros(count, 2, device=device),
        rotation=eye,
    )


def side(shot: Shot) -> Cameras:
    """From the person's side, a little above."""
    return orbit(shot, math.radians(90), math.radians(20))


def orbit(shot: Shot, azimuth_rad: float, elevation_rad: float) -> Cameras:
    """Perspective around the body's mean vertex, framed as the original viewer does."""
    device = shot.scale_px.device
    rotation = (_rotate_x(elevation_rad) @ _rotate_y(-azimuth_rad)).to(device)
    matrix = shot.scale_px[:, None, None] * rotation
    zoom_px = ZOOM * (shot.scale_px * shot.extent_m).clamp(min=LEAST_EXTENT_PX)
    translation = -(matrix @ shot.center_m[:, :, None])[:, :, 0]
    translation[:, 2] += zoom_px
    return _cameras(
        matrix=matrix,
        translation=translation,
        focal_px=shot.rect[:, 3] / (2 * math.tan(FIELD_OF_VIEW_RAD / 2)),
        center_px=shot.rect[:, :2] + shot.rect[:, 2:] / 2,
        rotation=rotation.expand(len(matrix), 3, 3),
    )


@dataclass(frozen=True)
class View:
    """A view as `panels` names it; `over_photo` says that its pixels are the photo's."""

    frame: Callable[[Shot], Cameras]
    over_photo: bool


VIEWS = {"camera": View(camera, over_photo=True), "side": View(side, over_photo=False)}


def _rotate_x(angle_rad: float) -> torch.Tensor:
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return torch.tensor([[1, 0, 0], [0, c, -s], [0, s, c]], dtype=torch.float64)


def _rotate_y(angle_rad: float) -> torch.Tensor:
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return torch.tensor([[c, 0, s], [0, 1, 0], [-s, 0, c]], dtype=torch.float64)


def _cameras(
    matrix: torch.Tensor,
    translation: torch.Tensor,
    focal_px: torch.Tensor,
    center_px: torch.Tensor,
    rotation: torch.Tensor,
) -> Cameras:
    """In the precision of the kernels. Bodies are closed, so faces turned away are never seen."""
    return Cameras(
        matrix=matrix.float().contiguous(),
        translation=translation.float(),
        focal_px=focal_px.float(),
        center_px=center_px.float(),
        rotation=rotation.float().contiguous(),
        cull=torch.ones(len(matrix), dtype=torch.int32, device=matrix.device),
    )
