"""The pixels of the kinds of photo that OpenCV decodes wrongly or not at all."""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

_DIGITS = re.compile(rb"[0-9\s]*")
_COMMENT = re.compile(rb"#[^\r\n]*")
# JPEG 2000's box of the colours: by number, YCbCr.
_JP2_YCBCR = re.compile(rb"colr\x01..\0\0\0\x12", re.DOTALL)
# JPEG 2000's boxes before the pixels are short.
_JP2_HEADER_BYTES = 4096
# Modes whose `convert("RGB")` keeps all colours as they are and drops alpha.
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")


def is_opencv_wrong(content: bytes, file_format: str) -> bool:
    """Whether OpenCV makes other colours of a photo than it has.

    GIF: of transparent pixels it takes others than the palette's. PGM and PPM: it takes no notice of what
    white is. JPEG 2000: it takes YCbCr for RGB. BMP of 16 bits: white is 248.

    Args:
        content: Of the file.
        file_format: Pillow's name.
    """
    if file_format == "BMP":
        return read_bmp_bits(content) == 16
    if file_format == "PPM":
        return content[:2] in (b"P2", b"P3", b"P5", b"P6")
    if file_format == "JPEG2000":
        return _JP2_YCBCR.search(content[:_JP2_HEADER_BYTES]) is not None
    return file_format == "GIF"


def read_bmp_bits(start: bytes) -> int:
    """How many bits a BMP has for each pixel.

    Args:
        start: Of the file, 30 bytes or more.
    """
    return int.from_bytes(start[28:30], "little")


def decode_without_opencv(content: bytes, file_format: str) -> tuple[np.ndarray | None, str | None]:
    """The pixels of a BMP, a GIF's first frame, a JPEG 2000, a PPM or a TIFF, and what is wrong with it.

    Args:
        content: Of the file.
        file_format: Pillow's name.

    Returns:
        (H, W, 3) uint8 RGB; None of what is damaged, or cannot be converted.
    """
    try:
        with Image.open(io.BytesIO(content), formats=[file_format]) as image:
            if file_format == "PPM":
                assert isinstance(image, ImageFile.ImageFile)
                return _read_pnm(content, image), None
            image.load()
            return _to_rgb(image), None
    except MemoryError:
        raise
    # Its words are an address in memory, another each time.
    except UnidentifiedImageError:
        return None, None
    # Pillow raises almost anything where bytes are damaged.
    except Exception as error:
        return None, str(error)


def _to_rgb(image: Image.Image) -> np.ndarray | None:
    if image.mode.startswith("I;16"):
        # As OpenCV: the high bytes.
        return (np.asarray(image) >> 8).astype(np.uint8)[..., None].repeat(3, axis=2)
    return np.array(image.convert("RGB")) if image.mode in _MODES else None


def _read_pnm(content: bytes, image: ImageFile.ImageFile) -> np.ndarray:
    """Of the samples of a PGM or PPM, in numbers or as text, the share that they are of white."""
    tile = image.tile[0]
    white = tile.args[1] if isinstance(tile.args, tuple) else 65_535 if tile.args == "I;16B" else 255
    channels = 3 if content[:2] in (b"P3", b"P6") else 1
    count = image.width * image.height * channels
    if content[:2] in (b"P2", b"P3"):
        text = _DIGITS.match(_COMMENT.sub(b"", content[tile.offset :]))
        assert text is not None
        # Asked for more than there are, it would give what was in memory.
        samples = np.fromstring(text[0].strip().decode(), dtype=np.int64, sep=" ")[:count]
        if len(samples) < count:
            raise ValueError("samples are missing")
    else:
        samples = np.frombuffer(content, ">u2" if white > 255 else "u1", count, tile.offset)
    steps = np.arange(white + 1)
    # As OpenCV: of 16 bits the high bytes.
    steps = steps >> 8 if white == 65_535 else np.round(steps * (255 / white))
    pixels = steps.astype(np.uint8)[np.clip(samples, 0, white)]
    pixels = pixels.reshape(image.height, image.width, channels)
    return pixels.repeat(3, axis=2) if channels == 1 else pixels
