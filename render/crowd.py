"""People of one photo in one space: photo pixels, with a depth that puts nearer people in front."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

# Between the slabs of two people.
GAP_PX = 1.0


def order_people(
    scale_px: torch.Tensor, low_m: torch.Tensor, high_m: torch.Tensor, groups: list[range]
) -> torch.Tensor:
    """How far to push each body away, in photo pixels (M,), so that the people of a sheet do not interpenetrate.

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


def frame_people(
    center_px: torch.Tensor, low_px: torch.Tensor, high_px: torch.Tensor, groups: list[range]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Middle (M, 3) and longest side (M,) of each body's group; all three inputs are (M, 3)."""
    extent = (high_px - low_px).amax(1)
    center = center_px.clone()
    for group in groups:
        if len(group) > 1:
            rows = slice(group.start, group.stop)
            center[rows] = center_px[rows].mean(0)
            extent[rows] = (high_px[rows].amax(0) - low_px[rows].amin(0)).max()
    return center, extent
