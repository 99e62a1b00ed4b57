"""Coverage of pixels, as letters and strokes have it, becomes colour over what is there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def blend(
    pixels: np.ndarray, coverage: np.ndarray, colour_rgb: Sequence[int] | np.ndarray, opacity: float
) -> None:
    """Lays a colour over pixels, in place.

    Args:
        pixels: (h, w, 3) RGB or (h, w, 4) RGBA with straight alpha, uint8, any strides.
        coverage: (h, w) uint8, 255 where a pixel is covered in full.
        colour_rgb: 0 to 255; or (h, w, 3) of each pixel.
        opacity: Of what is covered in full, 0 to 1.
    """
    # Porter and Duff's "over" for straight alpha, on the covered pixels alone. RGB is opaque.
    covered = coverage.nonzero()
    under = pixels[covered].astype(np.float32)
    alpha = coverage[covered][:, None] * np.float32(opacity / 255)
    under_alpha = (1 - alpha) * (under[:, 3:] / 255 if pixels.shape[2] == 4 else 1)
    total = alpha + under_alpha
    colours = np.asarray(colour_rgb, np.float32)
    own = colours if colours.ndim == 1 else colours[covered]
    rgb = (own * alpha + under[:, :3] * under_alpha) / total
    over = np.concatenate([rgb, total * 255], 1)[:, : pixels.shape[2]]
    # Nothing is negative, so adding a half before the cast rounds.
    pixels[covered] = (over + 0.5).astype(np.uint8)
