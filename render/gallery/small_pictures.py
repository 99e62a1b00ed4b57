"""A small picture of a file: of a picture, of a clip's first frame, or nothing."""

from __future__ import annotations

import io
import warnings

import av
import numpy as np
from PIL import Image

from render.photos.files import LONGEST_SIDE_PX, MOST_PIXELS

SIDE_PX = 384
# Raised whenever the same file gets another small picture than before.
VERSION = 1
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# Label sets have small numbers, which all look black.
_DARKEST = 64


def make_small_picture(content: bytes, kind: str) -> bytes | None:
    """A WebP of at most `SIDE_PX` on each side.

    Args:
        content: Of the file, which anybody may have written.
        kind: `picture` or `video`.

    Returns:
        None of what cannot be decoded, or has more pixels than any photo that is drawn.
    """
    try:
        image = _open_picture(content) if kind == "picture" else _open_frame(content)
        if image is None:
            return None
        image.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        image.save(file, "WEBP", quality=80, method=2)
        return file.getvalue()
    except MemoryError:
        raise
    # Decoders raise almost anything where bytes are damaged.
    except Exception:
        return None


def _open_picture(content: bytes) -> Image.Image | None:
    with warnings.catch_warnings():
        # Of what is refused here in any case.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    if not _is_allowed(*image.size):
        return None
    # A JPEG is decoded at an eighth, a quarter or half of its size where that is enough.
    image.draft("RGB", (SIDE_PX, SIDE_PX))
    image.load()
    if image.mode in ("RGB", "RGBA"):
        return image
    if image.mode in ("L", "I;16", "I;16B", "I", "F"):
        return _stretch(np.asarray(image))
    return image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")


def _open_frame(content: bytes) -> Image.Image | None:
    options = {"max_pixels": str(MOST_PIXELS)}
    with av.open(io.BytesIO(content), "r", options=options) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = options
        if not _is_allowed(stream.width, stream.height):
            return None
        return next(container.decode(stream)).to_image()


def _stretch(values: np.ndarray) -> Image.Image:
    """Grey as it is; numbers that are no grey, from black to white."""
    most = float(values.max(initial=0))
    if values.dtype != np.uint8 or most < _DARKEST:
        values = (values * (255.0 / max(most, 1.0))).clip(0, 255).astype(np.uint8)
    return Image.fromarray(values)


def _is_allowed(width: int, height: int) -> bool:
    return 0 < width <= LONGEST_SIDE_PX and 0 < height <= LONGEST_SIDE_PX and width * height <= MOST_PIXELS
