"""JPEGs that a GPU may decode: those that the CPU has found to be whole.

A GPU's decoder does not say what is damaged. So the CPU's goes through all codes of a photo first, as it
does where it decodes it, but makes only the mean colour of each 8 x 8 pixels: it complains of the same, in
the same words, after half of the time. Whatever it complains of, and every other kind of photo, is decoded by
the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simplejpeg

from render.photos.decode import JPEG_START, decode_photo
from render.photos.files import PhotoFile

# Of the chroma; others are rare, and decoders may take them differently.
SUBSAMPLINGS = ("444", "422", "420")
# Pixels of a side that become one.
_FACTOR = 8


@dataclass(frozen=True, repr=False)
class CheckedJpeg:
    """A photo that is whole, and yet to be decoded.

    Attributes:
        file: The photo.
        hw: Its height and width in px.
    """

    file: PhotoFile
    hw: tuple[int, int]

    def decode(self) -> np.ndarray:
        """Its pixels as the CPU decodes them, (H, W, 3) uint8 RGB."""
        return decode_photo(self.file).pixels


def check_jpeg(file: PhotoFile) -> CheckedJpeg | None:
    """The photo, if a GPU may decode it.

    It may where the photo is a JPEG of one scan, in YCbCr, that is not turned by EXIF data, and is whole as
    far as the CPU can tell.

    Args:
        file: The photo.

    Returns:
        None where the CPU must decode it, which also says what is damaged.

    Raises:
        PhotoError: It is no picture or over 100 megapixels.
    """
    header = file.read_header()
    is_turned = header.has_exif and not file.ignores_exif
    if not file.content.startswith(JPEG_START) or not header.is_one_scan or is_turned:
        return None
    try:
        _, _, colours, subsampling = simplejpeg.decode_jpeg_header(file.content)
        if colours != "YCbCr" or subsampling not in SUBSAMPLINGS:
            return None
        simplejpeg.decode_jpeg(
            file.content, colorspace="RGB", min_height=1, min_width=1, min_factor=_FACTOR, strict=True
        )
    # Of damage, and of too little memory: the CPU will say which.
    except ValueError:
        return None
    return CheckedJpeg(file, header.hw)
