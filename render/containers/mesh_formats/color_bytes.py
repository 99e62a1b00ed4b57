"""Colours of vertices, as arrays have them, in bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

# RGB, or with an alpha, which is dropped.
_CHANNELS = (3, 4)


def to_color_bytes(values: Any, vert_count: int) -> np.ndarray:
    """Colours as bytes.

    Args:
        values: (..., V, 3) or (..., V, 4), integers from 0 to 255 or floats from 0 to 1.
        vert_count: V.

    Returns:
        (..., V, 3), uint8.

    Raises:
        ValueError: They are none of these; the message is one sentence.
    """
    colors = np.asarray(values)
    if colors.ndim < 2 or colors.shape[-2] != vert_count or colors.shape[-1] not in _CHANNELS:
        raise ValueError(
            f"expected a colour of each of {vert_count} vertices, found the shape {colors.shape}"
        )
    if colors.dtype.kind not in "iuf":
        raise ValueError(f"expected colours as uint8, or as floats from 0 to 1, found {colors.dtype}")
    colors = colors[..., :3]
    most = 1 if colors.dtype.kind == "f" else 255
    # Written so that NaN is refused.
    if colors.size and not (colors.min() >= 0 and colors.max() <= most):
        raise ValueError(
            f"expected colours as uint8, or as floats from 0 to 1, found {colors.dtype} from "
            f"{colors.min()} to {colors.max()}"
        )
    return np.rint(colors * 255).astype(np.uint8) if most == 1 else colors.astype(np.uint8)
