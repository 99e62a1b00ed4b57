"""Where the people of a batch are: in the space of their photo, and in front of the eye of their camera.

Views around the bodies look at a space of pixels: x and y as in the photo, and a depth. Weak perspective
gives that as it is. People who share a pinhole are in its frame, in metres, and are scaled by one number, so
that all distances between them are true. People with pinholes of their own are where each of them is on the
photo, as if their perspective were weak.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from render.body.extent import Extents
from render.compute.transfer import upload
from render.sheet.depth_order import order_people
from render.sheet.photo_cameras import PixelCameras

# A body behind the eye has no size on the photo. It is not drawn; this only keeps it from being divided by 0.
LEAST_DEPTH_M = 0.05
# Around a body, as wide as the boxes of most files are.
BOX_MARGIN = 1.2
# Of the picture, what a body without a camera takes.
FILL = 0.9


class People3D(NamedTuple):
    """Where M people are, float64; see the fields of the same names of `ViewInputs`."""

    scale_px: torch.Tensor
    origin_px: torch.Tensor
    eye_px: torch.Tensor
    focal_px: torch.Tensor
    principal_px: torch.Tensor
    depth_shift_px: torch.Tensor


class _OnDevice(NamedTuple):
    """The fields of `PixelCameras`, on the device."""

    is_pinhole: torch.Tensor
    is_framed: torch.Tensor
    scale: torch.Tensor
    origin: torch.Tensor
    focal: torch.Tensor
    center: torch.Tensor
    transl_m: torch.Tensor
    picture_px: torch.Tensor
    shares_depth: torch.Tensor


def place_people(cameras: PixelCameras, extents: Extents, first: np.ndarray) -> People3D:
    """Where people are.

    Args:
        cameras: Of the people.
        extents: Of their bodies, m.
        first: (S + 1,), index of the first person of each sheet, and the end.
    """
    device = extents.center.device
    told = _OnDevice(*(upload(column, device) for column in cameras))
    # Of the middle of each body, in its camera's frame.
    middle_m = extents.center + told.transl_m
    px_per_m = told.focal[:, 1] / middle_m[:, 2].clamp(min=LEAST_DEPTH_M)
    # People in one space have one scale, whichever of them it is taken from.
    of_sheet = upload(np.repeat(first[:-1], np.diff(first)), device)
    px_per_m = torch.where(told.shares_depth, px_per_m[of_sheet], px_per_m)
    scale = torch.where(told.is_pinhole, px_per_m, told.scale)
    eye = scale[:, None] * told.transl_m
    # Where the middle lands on the photo, less where it would be if the origin were at 0.
    landed = told.center + told.focal * middle_m[:, :2] / middle_m[:, 2:].clamp(min=LEAST_DEPTH_M)
    weak_xy = torch.where(
        told.is_pinhole[:, None], landed - scale[:, None] * extents.center[:, :2], told.origin
    )
    if cameras.is_framed.any():
        framed_scale, framed_xy = _frame(extents, told.picture_px)
        scale = torch.where(told.is_framed, framed_scale, scale)
        weak_xy = torch.where(told.is_framed[:, None], framed_xy, weak_xy)
    slab_px = order_people(scale, extents.low, extents.high, first)
    weak = torch.cat([weak_xy, slab_px[:, None]], 1)
    origin = torch.where(told.shares_depth[:, None], eye, weak)
    return People3D(
        scale_px=scale,
        origin_px=origin,
        eye_px=eye,
        focal_px=told.focal,
        principal_px=told.center,
        # From where perspective has a body to where the estimate has it; nothing where depths are true.
        depth_shift_px=torch.where(told.is_pinhole, origin[:, 2] - eye[:, 2], 0.0),
    )


def find_boxes(people: People3D, verts: torch.Tensor) -> torch.Tensor:
    """Square boxes around people, where a file has none.

    Args:
        people: The M people.
        verts: (M, V, 3) m, of their bodies.

    Returns:
        (M, 3) left, top and side in pixels of the photo, float64; NaN where nothing is in front of the eye.
    """
    scaled = people.scale_px[:, None, None] * verts.double()
    flat = people.origin_px[:, None, :2] + scaled[..., :2]
    seen = scaled + people.eye_px[:, None]
    deep = people.principal_px[:, None] + people.focal_px[:, None] * seen[..., :2] / seen[..., 2:]
    is_pinhole = people.focal_px[:, 1, None, None] > 0
    places = torch.where(is_pinhole, torch.where(seen[..., 2:] > 0, deep, torch.nan), flat)
    low, high = places.nan_to_num(torch.inf).amin(1), places.nan_to_num(-torch.inf).amax(1)
    side = BOX_MARGIN * (high - low).amax(1).clamp(min=1.0)
    left_top = (low + high - side[:, None]) / 2
    box = torch.cat([left_top, side[:, None]], 1)
    return torch.where(box.isfinite().all(1, keepdim=True), box, torch.nan)


def _frame(extents: Extents, size_px: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Scales (M,) and origins (M, 2) that show bodies whole and in the middle, as they stand."""
    low, high = extents.low[:, :2], extents.high[:, :2]
    # A mesh may have no width or no height.
    scale = FILL * (size_px / (high - low).clamp(min=1e-9)).amin(1)
    return scale, size_px / 2 - scale[:, None] * (low + high) / 2
