"""Colours of vertices, as people hand them in."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike

from render.library.arrays import as_tensor, check_shape


def take_colors(name: str, colors: ArrayLike | torch.Tensor, verts: torch.Tensor) -> torch.Tensor:
    """Colours of the vertices of bodies.

    Args:
        name: Of the array, for the messages.
        colors: (M, V, 3), or (V, 3) for all: integers from 0 to 255, or floats from 0 to 1.
        verts: (M, V, 3) of the bodies.

    Returns:
        (M, V, 3), uint8, on the device of the vertices; a copy.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They are of another shape, or out of range.
    """
    found = as_tensor(name, colors)
    check_shape(name, found, verts.shape[1:] if found.ndim == 2 else verts.shape)
    most = 1 if found.is_floating_point() else 255
    # Wide enough for all integers. Written so that NaN is out of range.
    wide = found.double()
    if found.numel() and not ((wide >= 0) & (wide <= most)).all():
        raise ValueError(
            f"{name}: expected integers from 0 to 255 or floats from 0 to 1, found {found.dtype} from "
            f"{float(wide.min()):g} to {float(wide.max()):g}"
        )
    in_bytes = (wide * (255 // most)).round().to(verts.device, torch.uint8)
    return in_bytes.expand(verts.shape).clone(memory_format=torch.contiguous_format)
