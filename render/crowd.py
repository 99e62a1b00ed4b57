"""People of one photo in one space: photo pixels, with a depth that puts nearer people in front."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch

from render.body.extent import Extents

# Between the slabs of two people.
GAP_PX = 1.0


def order_people(
    scale_px: torch.Tensor, low_m: torch.Tensor, high_m: torch.Tensor, groups: list[range]
) -> torch.Tensor:
    """How far to push each body away, in photo pixels (M,), so that no two of a sheet interpenetrate.

    scale_px: (M,) photo pixels per metre; low_m, high_m: (M, 3) bounding boxes. groups: which bodies share a
    sheet. It is an estimate: under one focal length f for the photo, a weak-perspective body of s and crop
    height h stands at about 2 f / (s h), so whoever is drawn larger is nearer. Each body keeps its own depths
    inside a slab, and the slabs follow one another. A body alone stays where it is; x and y never change.
    """
    shift = torch.zeros_like(scale_px)
    scale = scale_px.cpu().numpy()
    near, far = (scale * corner[:, 2].cpu().numpy() for corner in (low_m, high_m))
    for group in groups:
        # Equal sizes keep the order of the fit file.
        order = np.array(group)[np.argsort(-scale[list(group)], kind="stable")]
        for before, behind in pairwise(order):
            shift[behind] = shift[before] + far[before] - near[behind] + GAP_PX
    return shift


class Frames(NamedTuple):
    """Middle (M, 3) of each body's group, longest side of its box (M,), and a radius that holds it (M,)."""

    center: torch.Tensor
    extent: torch.Tensor
    radius: torch.Tensor


def frame_people(in_photo: Extents, groups: list[range]) -> Frames:
    """What a view around the people of a sheet frames. in_photo: their extents, in photo pixels."""
    frames = Frames(in_photo.center.clone(), (in_photo.high - in_photo.low).amax(1), in_photo.radius.clone())
    for group in groups:
        if len(group) > 1:
            rows = slice(group.start, group.stop)
            center = in_photo.center[rows].mean(0)
            frames.center[rows] = center
            frames.extent[rows] = (in_photo.high[rows].amax(0) - in_photo.low[rows].amin(0)).max()
            reach = (in_photo.center[rows] - center).norm(dim=1) + in_photo.radius[rows]
            frames.radius[rows] = reach.max()
    return frames
