"""Small videos, in which each frame is told from the others by what it shows."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HEIGHT, WIDTH = 48, 64
# Bits of a frame's number, each a white or a black square of 16 px.
BITS, SIDE = 6, 16
GROUPS = {"bf": "3", "g": "10", "qp": "8", "x264-params": "b-adapt=0:scenecut=0"}


def draw_number(number: int) -> np.ndarray:
    """(H, W, 3) uint8: a grey picture with the bits of the number, which no codec loses."""
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    for bit in range(BITS):
        y, x = SIDE * (bit // 4), SIDE * (bit % 4)
        picture[y : y + SIDE, x : x + SIDE] = 235 if number >> bit & 1 else 20
    # What moves, so that frames are made of others.
    picture[2 * SIDE :, number : number + 8] = (200, 60, 40)
    return picture


def read_number(pixels: np.ndarray) -> int:
    """The number of the frame that these pixels are of."""
    middles = [(SIDE * (bit // 4) + SIDE // 2, SIDE * (bit % 4) + SIDE // 2) for bit in range(BITS)]
    return sum(int(pixels[y, x].mean() > 128) << bit for bit, (y, x) in enumerate(middles))


def make_video(
    path: Path,
    pictures: Sequence[np.ndarray] | int = 30,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: Mapping[str, str] = GROUPS,
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 30),
    container_options: Mapping[str, str] = {},
    from_format: str = "rgb24",
) -> Path:
    """Writes a video; its container is that of the file's extension.

    Args:
        path: Of the file.
        pictures: RGB, or planes of `from_format`; or how many numbers are drawn.
        codec: Of the encoder.
        pix_fmt: Of the encoder.
        options: Of the encoder.
        pts: When each is shown, in units of the time base.
        time_base: Seconds of a unit.
        container_options: Of the muxer.
        from_format: What the pictures are.
    """
    if isinstance(pictures, int):
        pictures = list(map(draw_number, range(pictures)))
    with av.open(str(path), "w", options=dict(container_options)) as container:
        stream = container.add_stream(codec, rate=30, options=dict(options))
        stream.pix_fmt, stream.codec_context.time_base = pix_fmt, time_base
        for k, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format=from_format)
            if not k:
                stream.height, stream.width = frame.height, frame.width
            if pix_fmt != from_format:
                frame = frame.reformat(format=pix_fmt)
            frame.pts, frame.time_base = (k if pts is None else pts[k]), time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def turn_video(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Writes a, b, c, d of the display matrix of an MP4 (ISO/IEC 14496-12, 8.3.2), of whole numbers."""
    content = bytearray(path.read_bytes())
    place = content.find(b"tkhd") + 44
    assert content[place : place + 4] == (1 << 16).to_bytes(4)
    a, b, c, d = (value << 16 for value in matrix)
    content[place : place + 36] = b"".join(
        value.to_bytes(4, signed=True) for value in (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    )
    path.write_bytes(content)
