"""Animated WebP: lossless, with alpha, endless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Format, rate_option

if TYPE_CHECKING:
    import numpy as np


def encode(frames: np.ndarray, fps: float) -> bytes:
    """See `encode_webp`; its libraries are loaded by the first call."""
    from render.write.webp_encoder import encode_webp

    return encode_webp(frames, fps)


FORMAT = Format(encode, is_exact=True, alpha="full", holds_frames=True, options=(rate_option(90),))
