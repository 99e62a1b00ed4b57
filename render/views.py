"""Views: from where a panel looks at its bodies.

A view is a function from a `Shot` to `Cameras`, in float64 so that a large photo loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch

from render.types import Cameras, ShapeChecked, Viewpoint

# The original viewer's vertical field of view, and how far off it stands: this many times the bodies' extent.
FIELD_OF_VIEW_RAD = math.radians(65)
ZOOM = 1.2
# It never frames less than this.
LEAST_EXTENT_PX = 100.0
# Around what must not be cut off.
MARGIN = 1.03
# Half the picture's height over the distance of the eye.
_HALF_HEIGHT = math.tan(FIELD_OF_VIEW_RAD / 2)


@dataclass(frozen=True, repr=False)
class Shot(ShapeChecked):
    """What a view may know, one row a draw, float64.

    scale_px, origin_px: pixels of the photo per metre, and where the body's origin lies: x and y in the
    photo, and a depth in pixels that orders the people of a sheet. center_px, extent_px, radius_px: middle
    of the sheet's bodies in that space, the longest side of their bounding box, and a radius that holds
    them all. size_px: width and height of the panel. zoom, offset_px: from the photo's pixels to the
    panel's, zoom * x + offset. azimuth_rad, elevation_rad: see Viewpoint. perspective: 1, or 0 for
    orthographic.
    """

    scale_px: torch.Tensor
    origin_px: torch.Tensor
    center_px: torch.Tensor
    extent_px: torch.Tensor
    radius_px: torch.Tensor
    size_px: torch.Tensor
    zoom: torch.Tensor
    offset_px: torch.Tensor
    azimuth_rad: torch.Tensor
    elevation_rad: torch.Tensor
    perspective: torch.Tensor

    SHAPES: ClassVar = {
        "scale_px": ("D",),
        "origin_px": ("D", 3),
        "center_px": ("D", 3),
        "extent_px": ("D",),
        "radius_px": ("D",),
        "size_px": ("D", 2),
        "zoom": ("D",),
        "offset_px": ("D", 2),
        "azimuth_rad": ("D",),
        "elevation_rad": ("D",),
        "perspective": ("D",),
    }


def over_photo(shot: Shot) -> Cameras:
    """The fit over its photo, or over a crop of it: orthographic."""
    count, device = len(shot.scale_px), shot.scale_px.device
    eye = torch.eye(3, dtype=torch.float64, device=device).expand(count, 3, 3)
    translation = shot.zoom[:, None] * shot.origin_px
    translation[:, :2] += shot.offset_px
    return _cameras(
        matrix=(shot.zoom * shot.scale_px)[:, None, None] * eye,
        translation=translation,
        focal_px=torch.zeros(count, dtype=torch.float32, device=device),
        center_px=torch.zeros(count, 2, dtype=torch.float32, device=device),
        rotation=eye,
    )


def around(shot: Shot) -> Cameras:
    """Around the middle of the bodies, framed as the original viewer does: from 1.2 extents away."""
    return _look(shot, ZOOM * shot.extent_px.clamp(min=LEAST_EXTENT_PX))


def enclose(shot: Shot) -> Cameras:
    """Around the middle of the bodies, from where a sphere around them is seen whole at any angle."""
    width, height = shot.size_px.T
    half_view = torch.atan(_HALF_HEIGHT * torch.minimum(width / height, torch.ones_like(width)))
    return _look(shot, MARGIN * shot.radius_px / half_view.sin())


def _look(shot: Shot, distance_px: torch.Tensor) -> Cameras:
    """Towards the middle of the bodies from that distance, 65 degrees from top to bottom.

    Without perspective, what is in the middle has the size that it would have with it.
    """
    rotation = _rotate_x(shot.elevation_rad) @ _rotate_y(-shot.azimuth_rad)
    matrix = shot.scale_px[:, None, None] * rotation
    translation = (rotation @ (shot.origin_px - shot.center_px)[:, :, None])[:, :, 0]
    translation[:, 2] += distance_px
    focal_px = shot.size_px[:, 1] / (2 * _HALF_HEIGHT)
    center_px = shot.size_px / 2
    flat = shot.perspective == 0
    shrink = focal_px / distance_px
    flat_translation = shrink[:, None] * translation
    flat_translation[:, :2] += center_px
    return _cameras(
        matrix=torch.where(flat[:, None, None], shrink[:, None, None] * matrix, matrix),
        translation=torch.where(flat[:, None], flat_translation, translation),
        focal_px=torch.where(flat, 0.0, focal_px),
        center_px=center_px,
        rotation=rotation,
    )


@dataclass(frozen=True)
class View:
    """A view as `panels` names it.

    shows: what it shows, for the user. over_photo: its pixels are the photo's. preset: the viewpoint without
    arguments. arguments: the names of the Viewpoint's fields that may follow the name, in that order.
    """

    shows: str
    frame: Callable[[Shot], Cameras]
    over_photo: bool
    preset: Viewpoint
    arguments: tuple[str, ...] = ()


VIEWS = {
    view.preset.name: view
    for view in (
        View("over the photo, pixel for pixel", over_photo, True, Viewpoint("camera")),
        View(
            "over the fit's crop, 224 px x magnification",
            over_photo,
            True,
            Viewpoint("crop", magnification=2.0),
            ("magnification",),
        ),
        View(
            "azimuth 90, elevation 20, framed as the original viewer does",
            around,
            False,
            Viewpoint("side", 90.0, 20.0),
        ),
        View("from above", enclose, False, Viewpoint("top", 0.0, 90.0)),
        View(
            "any azimuth and elevation, degrees",
            enclose,
            False,
            Viewpoint("orbit"),
            ("azimuth_deg", "elevation_deg"),
        ),
    )
}


def _rotate_x(angle_rad: torch.Tensor) -> torch.Tensor:
    c, s, one, zero = _sines(angle_rad)
    return torch.stack([one, zero, zero, zero, c, -s, zero, s, c], 1).view(-1, 3, 3)


def _rotate_y(angle_rad: torch.Tensor) -> torch.Tensor:
    c, s, one, zero = _sines(angle_rad)
    return torch.stack([c, zero, s, zero, one, zero, -s, zero, c], 1).view(-1, 3, 3)


def _sines(angle_rad: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return angle_rad.cos(), angle_rad.sin(), torch.ones_like(angle_rad), torch.zeros_like(angle_rad)


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
