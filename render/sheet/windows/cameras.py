"""Parts of views: the cameras that see a part of what a whole view shows, at other pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from render.compute.transfer import upload
from render.types.placements import Cameras
from render.types.sheets import Window


def look_through(cameras: Cameras, windows: Sequence[Window | None], shot: np.ndarray) -> Cameras:
    """Cameras of whole views, made to see the parts of them that shots show.

    Args:
        cameras: D of them.
        windows: Of each shot; None for all of its view, whose cameras stay bit for bit.
        shot: (D,) the shot of each camera.
    """
    if not any(windows):
        return cameras
    told = [(0.0, 0.0, 1.0) if one is None else (one.left, one.top, one.zoom) for one in windows]
    rows = upload(np.array(told, np.float64)[shot.astype(np.int64)], cameras.focal_px.device)
    corner, zoom = rows[:, :2], rows[:, 2]
    is_flat = (cameras.focal_px == 0)[:, None]
    # Depths are zoomed too, as those of weak perspective must be: both may be on one sheet.
    translation = cameras.translation.double() * zoom[:, None]
    translation[:, :2] -= torch.where(is_flat, zoom[:, None] * corner, 0.0)
    center_px = torch.where(is_flat, 0.0, zoom[:, None] * (cameras.center_px.double() - corner))
    return replace(
        cameras,
        matrix=(cameras.matrix.double() * zoom[:, None, None]).float().contiguous(),
        translation=translation.float().contiguous(),
        focal_px=(cameras.focal_px.double() * zoom).float(),
        center_px=torch.where(is_flat, cameras.center_px.double(), center_px).float().contiguous(),
        depth_shift=(cameras.depth_shift.double() * zoom).float(),
    )
