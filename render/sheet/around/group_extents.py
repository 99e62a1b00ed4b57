"""How much room the people of a sheet take together, for views that look at them from around."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import warp as wp

from render.body.extent import Extents
from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.transfer import upload
from render.sheet.place_people import People3D

wp.set_module_options(MODULE_OPTIONS)


# A thread a sheet: its people are few.
@wp.kernel
def frame_groups(
    first: wp.array(dtype=wp.int32),
    center: wp.array(dtype=wp.vec3d),
    low: wp.array(dtype=wp.vec3d),
    high: wp.array(dtype=wp.vec3d),
    radius: wp.array(dtype=wp.float64),
    group_center: wp.array(dtype=wp.vec3d),
    group_extent: wp.array(dtype=wp.float64),
    group_radius: wp.array(dtype=wp.float64),
):
    group = wp.tid()
    begin, end = first[group], first[group + 1]
    # A frame of a sequence may have nobody on it.
    if begin == end:
        return
    least = low[begin]
    most = high[begin]
    total = center[begin]
    for i in range(begin + 1, end):
        least = wp.min(least, low[i])
        most = wp.max(most, high[i])
        total += center[i]
    middle = total / wp.float64(end - begin)
    # A sphere about the middle that holds the spheres of all bodies, at whatever angle they are seen.
    reach = wp.float64(0.0)
    for i in range(begin, end):
        reach = wp.max(reach, wp.length(center[i] - middle) + radius[i])
    for i in range(begin, end):
        group_center[i] = middle
        group_extent[i] = wp.max(most - least)
        group_radius[i] = reach


class Frames(NamedTuple):
    """What is seen of the people of a sheet, the same for each of them.

    Attributes:
        center: (M, 3) middle of each body's group.
        extent: (M,) longest side of its box.
        radius: (M,) a radius about the middle that holds it.
    """

    center: torch.Tensor
    extent: torch.Tensor
    radius: torch.Tensor


def frame_people(in_photo: Extents, first: np.ndarray) -> Frames:
    """What a view around the people of a sheet frames.

    Args:
        in_photo: Their extents, in photo pixels.
        first: As `order_people` takes it.
    """
    frames = Frames(
        torch.empty_like(in_photo.center),
        torch.empty_like(in_photo.radius),
        torch.empty_like(in_photo.radius),
    )
    device = in_photo.center.device
    inputs = [upload(first.astype(np.int32), device), *in_photo, *frames]
    launch(frame_groups, len(first) - 1, inputs, device)
    return frames


def frame_bodies(extents: Extents, people: People3D, first: np.ndarray) -> Frames:
    """What a view around the people of a sheet frames.

    Args:
        extents: Of their bodies, m.
        people: Where they are.
        first: As `order_people` takes it.
    """
    scale, origin = people.scale_px, people.origin_px
    center, low, high = (origin + scale[:, None] * place for place in extents[:3])
    return frame_people(Extents(center, low, high, scale * extents.radius), first)
