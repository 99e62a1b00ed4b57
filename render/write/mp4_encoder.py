"""MP4: H.264 that plays in browsers."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

# Not through imageio, whose plugin for it sets neither the quality nor the colours.
import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter

from render.write.clip import check_clip, encoder_failed

# Constant rate factor, H.264's scale of quality: 0 is lossless, 18 looks so. One less makes up for the tree
# of macroblocks, which is left out below.
CRF = 17
MOST_FPS = 240.0
# Tells 30000/1001 from 30 and from 29.97.
LARGEST_FPS_DENOMINATOR = 1001

# The index goes to the front, where players of streams want it, into room kept for it: the box itself, and at
# most this much a frame.
_INDEX_BYTES, _INDEX_BYTES_A_FRAME = 4096, 32


def encode_mp4(frames: np.ndarray, fps: float) -> bytes:
    """An MP4 that lasts N / fps: H.264, yuv420p, BT.709 in limited range and tagged so, index at the front.

    The same frames give the same bytes, whatever else runs beside. The source for the colours is ITU-R
    BT.709, that for the index ISO/IEC 14496-12.

    Args:
        frames: (N, H, W, 3) uint8 RGB. Where a side is odd, which yuv420p cannot be, its last row or column
            is doubled.
        fps: 0.01 to 240.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: They cannot be encoded.
    """
    check_clip(frames, fps, channels=(3,), most_fps=MOST_FPS, most_side_px=16384)
    try:
        return _encode(frames, Fraction(fps).limit_denominator(LARGEST_FPS_DENOMINATOR))
    except av.FFmpegError as error:
        raise encoder_failed(frames, error) from error


def _encode(frames: np.ndarray, rate: Fraction) -> bytes:
    count, height, width = frames.shape[:3]
    file = BytesIO()
    index_bytes = _INDEX_BYTES + _INDEX_BYTES_A_FRAME * count
    with av.open(file, "w", format="mp4", options={"moov_size": str(index_bytes)}) as container:
        options = {
            "crf": str(CRF),
            # Clips are encoded side by side; and the bytes depend on it.
            "threads": "1",
            # Where the processor has AVX-512, x264's tree of macroblocks comes out another way now and then,
            # with one thread too.
            "x264-params": "mbtree=0",
            "colorspace": "bt709",
            "color_primaries": "bt709",
            "color_trc": "bt709",
            "color_range": "tv",
        }
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        reformatter = VideoReformatter()
        for k, frame in enumerate(frames):
            # Each colour sample of yuv420p is shared by two columns and two rows.
            even = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            rgb = av.VideoFrame.from_ndarray(even, format="rgb24")
            # By default it takes the matrix of BT.601.
            yuv = reformatter.reformat(
                rgb,
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range="JPEG",
                dst_color_range="MPEG",
                threads=1,
            )
            yuv.pts = k
            container.mux(stream.encode(yuv))
        # Without a frame it gives those that it has held back.
        container.mux(stream.encode())
    return file.getvalue()
