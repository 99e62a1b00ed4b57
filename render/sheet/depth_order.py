"""People of one photo in one space: photo pixels, with a depth that puts nearer people in front."""

from __future__ import annotations

import numpy as np
import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.transfer import upload

wp.set_module_options(MODULE_OPTIONS)


# Between the slabs of two people.
GAP_PX = wp.constant(wp.float64(1.0))


# A thread a sheet, which goes through its people from the nearest on: where each lies depends on the last.
@wp.kernel
def stack_slabs(
    first: wp.array(dtype=wp.int32),
    order: wp.array(dtype=wp.int32),
    scale_px: wp.array(dtype=wp.float64),
    low: wp.array(dtype=wp.vec3d),
    high: wp.array(dtype=wp.vec3d),
    shift_px: wp.array(dtype=wp.float64),
):
    group = wp.tid()
    # A frame of a sequence may have nobody on it.
    if first[group] == first[group + 1]:
        return
    shift = wp.float64(0.0)
    before = order[first[group]]
    shift_px[before] = shift
    for i in range(first[group] + 1, first[group + 1]):
        behind = order[i]
        # From the farthest point of the one before to the nearest of this one, and a gap.
        far = scale_px[before] * high[before][2]
        near = scale_px[behind] * low[behind][2]
        shift += far - near + GAP_PX
        shift_px[behind] = shift
        before = behind


def order_people(
    scale_px: torch.Tensor, low_m: torch.Tensor, high_m: torch.Tensor, first: np.ndarray
) -> torch.Tensor:
    """How far to push each body away so that no two of a sheet interpenetrate.

    It is an estimate: under one focal length f for the photo, a weak-perspective body of s and crop height h
    stands at about 2 f / (s h), and one at depth Z under a focal length of its own at about Z / f; either
    way, whoever is drawn larger is nearer. Each body keeps its own depths inside a
    slab, and the slabs follow one another. A body alone stays where it is; x and y never change.

    Args:
        scale_px: (M,) photo pixels per metre, float64.
        low_m: (M, 3) least corner of each bounding box, float64.
        high_m: (M, 3) greatest corner of each bounding box, float64.
        first: (G + 1,), index of the first body of each sheet, and the end.

    Returns:
        (M,) photo pixels, on the device of the boxes.
    """
    device = low_m.device
    group = upload(np.repeat(np.arange(len(first) - 1), np.diff(first)), device)
    # By size in each group; equal sizes keep the order of the fit file.
    by_size = scale_px.argsort(descending=True, stable=True)
    order = by_size[group[by_size].argsort(stable=True)].int()
    shift_px = torch.empty(len(scale_px), dtype=torch.float64, device=device)
    inputs = [upload(first.astype(np.int32), device), order, scale_px]
    launch(stack_slabs, len(first) - 1, [*inputs, low_m, high_m, shift_px], device)
    return shift_px
