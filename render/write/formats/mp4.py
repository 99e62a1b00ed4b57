"""MP4: H.264 that plays in browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Format, rate_option

if TYPE_CHECKING:
    import numpy as np


def encode(frames: np.ndarray, fps: float) -> bytes:
    """See `encode_mp4`; its libraries are loaded by the first call."""
    from render.write.mp4_encoder import encode_mp4

    return encode_mp4(frames, fps)


FORMAT = Format(encode, holds_frames=True, options=(rate_option(240),), side_step_px=2, version=2)
