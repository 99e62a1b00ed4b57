"""The original viewer's grey and its pasting, in torch, for peers that only rasterize."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


def upload_photos(photos: Sequence[np.ndarray], device: torch.device) -> torch.Tensor:
    """(N, H, W, 3) uint8."""
    return torch.from_numpy(np.stack(photos)).to(device, non_blocking=True)


def shade(normals: torch.Tensor, covered: torch.Tensor, behind: torch.Tensor) -> torch.Tensor:
    """Pictures (N, H, W, 3) uint8.

    Args:
        normals: Of the bodies at pixels (N, H, W, 3), x right, y down, z away, of any length.
        covered: Where bodies are, (N, H, W) bool.
        behind: What is seen elsewhere, (N, H, W, 3) or (3,) uint8.
    """
    z = -torch.nn.functional.normalize(normals, dim=-1)[..., 2]
    grey = (z + 0.2 * (1 - 2 * z * z).clamp(min=0) ** 16).clamp(0, 1)
    grey = (255 * grey).round().to(torch.uint8)
    return torch.where(covered[..., None], grey[..., None], behind)
