"""The visibility buffer as torch sees it: where a sample lies in it, and what its key is.

For what comes from elsewhere than our own kernels, which do the same in `render.rasterize.warp`.
"""

from __future__ import annotations

import torch

from render.types import Layout


def index_samples(layout: Layout, panel: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Where samples x, y of panels lie in the buffer of a whole batch, int64; all three (P,) int64."""
    bits = layout.sample_bits[panel].long()
    within = (1 << bits) - 1
    row = layout.start[panel] + (y >> bits) * layout.stride[panel]
    return row + ((x >> bits) << (2 * bits)) + ((y & within) << bits) + (x & within)


def pack_keys(depth: torch.Tensor, draw: torch.Tensor, face: torch.Tensor, face_count: int) -> torch.Tensor:
    """Keys of `Visibility` that sort as float32 `depth` does, then by draw and face; all (P,)."""
    bits = depth.contiguous().view(torch.int32).long()
    order = torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    return (order << 32) | (draw.long() * face_count + face)


def lay_into(keys: torch.Tensor, index: torch.Tensor, nearer: torch.Tensor) -> None:
    """Lays other keys over `keys` at these places: at each the nearest stays."""
    keys.scatter_reduce_(0, index, nearer, "amin")
