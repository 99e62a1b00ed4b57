"""GIF: no dithering, endless, of one palette where that holds the colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Format, choose_rate, rate_option

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np

    from render.write.clip import Clip
    from render.write.clip_encoder import ClipEncoder


def encode(frames: np.ndarray, fps: float) -> bytes:
    """See `encode_gif`; its libraries are loaded by the first call."""
    from render.write.gif_encoder import encode_gif

    return encode_gif(frames, choose_rate(fps))


def open_clip(file: BinaryIO, clip: Clip) -> ClipEncoder:
    """See `GifEncoder`; its libraries are loaded by the first call."""
    from render.write.gif_encoder import GifEncoder

    return GifEncoder(file, clip)


FORMAT = Format(encode, open_clip=open_clip, alpha="binary", holds_frames=True, options=(rate_option(50),))
