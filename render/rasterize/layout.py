"""Where each panel lies in the visibility buffer."""

from __future__ import annotations

import torch

from render.types import Draws, Visibility

MAX_IDS = 2**32


def allocate_visibility(draws: Draws, panel_size: torch.Tensor, sample_bits: torch.Tensor) -> Visibility:
    """An empty buffer with room for what the draws of each panel can cover, and no more.

    panel_size: (K, 2) int32, width and height of each panel in pixels. sample_bits: (K,) int32, b for
    2^b x 2^b samples a pixel. Of each panel only the union of its draws' bounding boxes is allocated. Raises
    ValueError if the draws are not grouped by panel or draws x faces do not fit 32 bits.
    """
    if len(draws.verts) * len(draws.faces) >= MAX_IDS:
        raise ValueError(
            f"{len(draws.verts)} draws x {len(draws.faces)} faces do not fit 32-bit ids: split the batch"
        )
    panel = draws.panel.cpu().long()
    if (panel.diff() < 0).any():
        raise ValueError("draws must be in the order of their panels")
    panels = torch.arange(len(panel_size) + 1)
    clip = panel_size.cpu().long()
    # Pixel centres lie at + 0.5, so rounding bounds outwards to whole pixels loses none.
    samples = 2.0 ** sample_bits.cpu()[panel][:, None]
    low = _reduce(panel, (draws.low.cpu()[:, :2] / samples).floor(), len(clip), "amin", float("inf"))
    high = _reduce(panel, (draws.high.cpu()[:, :2] / samples).ceil(), len(clip), "amax", float("-inf"))
    x0, y0 = (_clamp(low[:, i], clip[:, i]) for i in (0, 1))
    x1, y1 = (_clamp(high[:, i], clip[:, i]) for i in (0, 1))
    width, height = (x1 - x0).clamp(min=0), (y1 - y0).clamp(min=0)
    start = torch.cat(
        [torch.zeros(1, dtype=torch.int64), (width * height * 4 ** sample_bits.cpu().long()).cumsum(0)]
    )
    device = draws.verts.device
    return Visibility(
        keys=torch.full((int(start[-1]),), Visibility.EMPTY, dtype=torch.int64, device=device),
        rect=torch.stack([x0, y0, width, height], 1).int().to(device),
        sample_bits=sample_bits,
        start=start,
        first_draw=torch.searchsorted(panel, panels),
    )


def _reduce(panel: torch.Tensor, values: torch.Tensor, count: int, reduce: str, empty: float) -> torch.Tensor:
    result = torch.full((count, 2), empty)
    return result.scatter_reduce(0, panel[:, None].expand(-1, 2), values, reduce)


def _clamp(value: torch.Tensor, most: torch.Tensor) -> torch.Tensor:
    return torch.minimum(value.double().clamp(min=0), most.double()).long()
