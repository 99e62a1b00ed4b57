"""People of one photo in one space: photo pixels, with a depth that puts nearer people in front."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import warp as wp

from render.body.extent import Extents
from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.transfer import upload

wp.set_module_options(MODULE_OPTIONS)


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
    least = low[begin]
    most = high[begin]
    total = center[begin]
    for i in range(begin + 1, end):
        least = wp.min(least, low[i])
        most = wp.max(most, high[i])
        total += center[i]
    middle = total / wp.float64(end - begin)
    reach = wp.float64(0.0)
    for i in range(begin, end):
        reach = wp.max(reach, wp.length(center[i] - middle) + radius[i])
    for i in range(begin, end):
        group_center[i] = middle
        group_extent[i] = wp.max(most - least)
        group_radius[i] = reach


class Frames(NamedTuple):
    """Middle (M, 3) of each body's group, longest side of its box (M,), and a radius that holds it (M,)."""

    center: torch.Tensor
    extent: torch.Tensor
    radius: torch.Tensor


def frame_people(in_photo: Extents, first: np.ndarray) -> Frames:
    """What a view around the people of a sheet frames.

    in_photo: their extents, in photo pixels. first: as `order_people` takes it.
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
