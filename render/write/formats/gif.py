"""GIF: one palette a clip, no dithering, endless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Format, rate_option

if TYPE_CHECKING:
    import numpy as np


def encode(frames: np.ndarray, fps: float) -> bytes:
    """See `encode_gif`; its libraries are loaded by the first call."""
    from render.write.gif_encoder import encode_gif

    return encode_gif(frames, fps)


FORMAT = Format(encode, alpha="binary", holds_frames=True, options=(rate_option(50),))
