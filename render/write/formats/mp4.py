"""MP4: H.264 that plays in browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.write.format import Format, choose_rate, rate_option

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np

    from render.write.clip import Clip
    from render.write.clip_encoder import ClipEncoder


def encode(frames: np.ndarray, fps: float) -> bytes:
    """See `encode_mp4`; its libraries are loaded by the first call."""
    from render.write.mp4_encoder import encode_mp4

    return encode_mp4(frames, choose_rate(fps))


def open_clip(file: BinaryIO, clip: Clip) -> ClipEncoder:
    """See `Mp4Encoder`; its libraries are loaded by the first call."""
    from render.write.mp4_encoder import Mp4Encoder

    return Mp4Encoder(file, clip)


FORMAT = Format(
    encode,
    open_clip=open_clip,
    holds_frames=True,
    options=(rate_option(240),),
    side_step_px=2,
    version=2,
)
