"""Animated WebP: lossless, with alpha, endless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Format, choose_rate, rate_option

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np

    from render.write.clip import Clip
    from render.write.clip_encoder import ClipEncoder


def encode(frames: np.ndarray, fps: float) -> bytes:
    """See `encode_webp`; its libraries are loaded by the first call."""
    from render.write.webp_encoder import encode_webp

    return encode_webp(frames, choose_rate(fps))


def open_clip(file: BinaryIO, clip: Clip) -> ClipEncoder:
    """See `WebpEncoder`; its libraries are loaded by the first call."""
    from render.write.webp_encoder import WebpEncoder

    return WebpEncoder(file, clip)


FORMAT = Format(
    encode,
    open_clip=open_clip,
    is_exact=True,
    alpha="full",
    holds_frames=True,
    options=(rate_option(90),),
)
