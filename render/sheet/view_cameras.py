"""Where the cameras of the views stand, in float64 so that a large photo loses nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch

from render.types.placements import Cameras
from render.types.shape_checked import ShapeChecked

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
class ViewInputs(ShapeChecked):
    """What a view may know, one row a placement, float64.

    Attributes:
        scale_px: Pixels of the photo per metre.
        origin_px: Where the body's origin lies: x and y in the photo, and a depth in pixels that orders the
            people of a sheet. Where all people of a sheet have one pinhole, in its frame, times scale_px.
        eye_px: Of a pinhole, where the body's origin lies in its frame, times scale_px.
        focal_px: Of a pinhole, x and y; 0 for weak perspective.
        principal_px: Of a pinhole, its principal point in the photo.
        depth_shift_px: Of a pinhole, from depths in its frame to those that order the people of a sheet.
        center_px: Middle of the sheet's bodies in that space.
        extent_px: The longest side of their bounding box.
        radius_px: A radius that holds them all.
        size_px: Width and height of the panel.
        zoom: From the photo's pixels to the panel's, zoom * x + offset.
        offset_px: From the photo's pixels to the panel's, zoom * x + offset.
        azimuth_rad: See Viewpoint.
        elevation_rad: See Viewpoint.
        perspective: 1, or 0 for orthographic.
        upright: Rotation about the middle of the bodies after which the panel's vertical is up.
        magnify: Of views around the bodies, about the panel's middle.
    """

    scale_px: torch.Tensor
    origin_px: torch.Tensor
    eye_px: torch.Tensor
    focal_px: torch.Tensor
    principal_px: torch.Tensor
    depth_shift_px: torch.Tensor
    center_px: torch.Tensor
    extent_px: torch.Tensor
    radius_px: torch.Tensor
    size_px: torch.Tensor
    zoom: torch.Tensor
    offset_px: torch.Tensor
    azimuth_rad: torch.Tensor
    elevation_rad: torch.Tensor
    perspective: torch.Tensor
    upright: torch.Tensor
    magnify: torch.Tensor

    # D placements.
    SHAPES: ClassVar = {
        "scale_px": ("D",),
        "origin_px": ("D", 3),
        "eye_px": ("D", 3),
        "focal_px": ("D", 2),
        "principal_px": ("D", 2),
        "depth_shift_px": ("D",),
        "center_px": ("D", 3),
        "extent_px": ("D",),
        "radius_px": ("D",),
        "size_px": ("D", 2),
        "zoom": ("D",),
        "offset_px": ("D", 2),
        "azimuth_rad": ("D",),
        "elevation_rad": ("D",),
        "perspective": ("D",),
        "upright": ("D", 3, 3),
        "magnify": ("D",),
    }


def over_photo(inputs: ViewInputs) -> Cameras:
    """The fit over its photo, or over a crop of it: orthographic, or as its pinhole sees it."""
    count, device = len(inputs.scale_px), inputs.scale_px.device
    eye = torch.eye(3, dtype=torch.float64, device=device).expand(count, 3, 3)
    translation = inputs.zoom[:, None] * inputs.origin_px
    translation[:, :2] += inputs.offset_px
    matrix = (inputs.zoom * inputs.scale_px)[:, None, None] * eye
    is_pinhole = inputs.focal_px[:, 1] > 0
    # A camera has one focal length, that of y; where that of x is another, the body is that much wider.
    ratio = torch.where(is_pinhole, inputs.focal_px[:, 0] / inputs.focal_px[:, 1], 1.0)
    widen = torch.stack([ratio, torch.ones_like(ratio), torch.ones_like(ratio)], 1)
    # Depths are zoomed too, as those of weak perspective are: both may be on one sheet.
    widen = inputs.zoom[:, None] * widen
    pinhole_matrix = (inputs.scale_px[:, None] * widen)[:, :, None] * eye
    return make_cameras(
        matrix=torch.where(is_pinhole[:, None, None], pinhole_matrix, matrix),
        translation=torch.where(is_pinhole[:, None], widen * inputs.eye_px, translation),
        focal_px=inputs.zoom * inputs.focal_px[:, 1],
        center_px=torch.where(
            is_pinhole[:, None], inputs.zoom[:, None] * inputs.principal_px + inputs.offset_px, 0.0
        ),
        rotation=eye,
        depth_shift=inputs.zoom * inputs.depth_shift_px,
    )


def around(inputs: ViewInputs) -> Cameras:
    """Around the middle of the bodies, framed as the original viewer does: from 1.2 extents away."""
    return _look(inputs, ZOOM * inputs.extent_px.clamp(min=LEAST_EXTENT_PX))


def enclose(inputs: ViewInputs) -> Cameras:
    """Around the middle of the bodies, from where a sphere around them is seen whole at any angle."""
    width, height = inputs.size_px.T
    # Half the angle of view, of the narrower side. A sphere touches that view's edges from a distance of its
    # radius over the angle's sine.
    half_view = torch.atan(_HALF_HEIGHT * torch.minimum(width / height, torch.ones_like(width)))
    return _look(inputs, MARGIN * inputs.radius_px / half_view.sin())


def _look(inputs: ViewInputs, distance_px: torch.Tensor) -> Cameras:
    """Towards the middle of the bodies from that distance, 65 degrees from top to bottom.

    Without perspective, what is in the middle has the size that it would have with it.
    """
    rotation = turn_view(inputs.azimuth_rad, inputs.elevation_rad) @ inputs.upright
    matrix = inputs.scale_px[:, None, None] * rotation
    translation = (rotation @ (inputs.origin_px - inputs.center_px)[:, :, None])[:, :, 0]
    translation[:, 2] += distance_px
    focal_px = inputs.magnify * inputs.size_px[:, 1] / (2 * _HALF_HEIGHT)
    center_px = inputs.size_px / 2
    # How many of the panel's pixels one of the photo's takes at the distance of the middle.
    flat = inputs.perspective == 0
    shrink = focal_px / distance_px
    flat_translation = shrink[:, None] * translation
    flat_translation[:, :2] += center_px
    return make_cameras(
        matrix=torch.where(flat[:, None, None], shrink[:, None, None] * matrix, matrix),
        translation=torch.where(flat[:, None], flat_translation, translation),
        focal_px=torch.where(flat, 0.0, focal_px),
        center_px=center_px,
        rotation=rotation,
    )


def turn_view(azimuth_rad: torch.Tensor, elevation_rad: torch.Tensor) -> torch.Tensor:
    """(K, 3, 3) from a space with y down to what is seen of it from these angles (K,)."""
    return _rotate_x(elevation_rad) @ _rotate_y(-azimuth_rad)


def _rotate_x(angle_rad: torch.Tensor) -> torch.Tensor:
    c, s, one, zero = _sines(angle_rad)
    return torch.stack([one, zero, zero, zero, c, -s, zero, s, c], 1).view(-1, 3, 3)


def _rotate_y(angle_rad: torch.Tensor) -> torch.Tensor:
    c, s, one, zero = _sines(angle_rad)
    return torch.stack([c, zero, s, zero, one, zero, -s, zero, c], 1).view(-1, 3, 3)


def _sines(angle_rad: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return angle_rad.cos(), angle_rad.sin(), torch.ones_like(angle_rad), torch.zeros_like(angle_rad)


def make_cameras(
    matrix: torch.Tensor,
    translation: torch.Tensor,
    focal_px: torch.Tensor,
    center_px: torch.Tensor,
    rotation: torch.Tensor,
    depth_shift: torch.Tensor | None = None,
) -> Cameras:
    """In the precision of the kernels. Bodies are closed, so faces turned away are never seen."""
    return Cameras(
        matrix=matrix.float().contiguous(),
        translation=translation.float(),
        focal_px=focal_px.float(),
        center_px=center_px.float(),
        rotation=rotation.float().contiguous(),
        cull=torch.ones(len(matrix), dtype=torch.int32, device=matrix.device),
        depth_shift=torch.zeros_like(focal_px, dtype=torch.float32)
        if depth_shift is None
        else depth_shift.float(),
    )
