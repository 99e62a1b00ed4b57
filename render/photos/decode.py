"""From a photo's file to its pixels, as OpenCV reads them, and what is damaged in it.

Where OpenCV has other colours than the file, they are read in another way. One rule holds for all formats:
alpha is dropped, and a transparent pixel has the colour that is stored for it, neither multiplied by alpha
nor laid over another. Of several pictures or frames in a file the first is taken, of an animated PNG the
picture that viewers without animations show.

Decoders fill in what a damaged file leaves open, most of them without a word. JPEGs are decoded by
libjpeg-turbo through simplejpeg, which has the pixels of OpenCV and, unlike it, passes on the decoder's
complaints; whether all scans are there is seen in their headers. Of other formats it is noticed where the
end is missing, and of a PNG, which has checksums, any damage. What has none can be damaged unnoticed within:
AVIF, BMP, GIF, JPEG 2000, PPM, WebP, many bits of a JPEG, and those TIFFs that are not packed by deflate or
LZW. TIFFs in fax codes (groups 3 and 4) are the worst of these: every decoder fills in the lines that do not
decode, and gives the picture as whole.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from render.compute.memory import is_out_of_memory
from render.errors import PhotoError
from render.photos.files import FORMATS, TURNED_FORMATS, Header, PhotoFile, not_read, read_photo_file
from render.photos.jpeg_scans import has_all_scans
from render.photos.other_decoders import decode_without_opencv, is_opencv_wrong
from render.photos.png_chunks import drop_animation
from render.photos.tiff_tags import drop_orientation, keep_colours

JPEG_START = b"\xff\xd8\xff"
# A progressive JPEG has about ten scans; each of a large one takes a second, and few bytes.
_SCAN, MOST_SCANS = b"\xff\xda", 100
# Those of which OpenCV decodes damaged files without a word, where simplejpeg does not decode them: CMYK.
_CHECKED_FORMATS = ("JPEG", "MPO", "TIFF")
# What Pillow says of a TIFF that it cannot unpack, damaged or not.
_NOT_PILLOWS = "unknown raw mode for given image mode"


@dataclass(frozen=True)
class Decoded:
    """A photo's picture.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, turned by the photo's EXIF orientation unless that is ignored.
        damage: What is wrong with it, None where it is whole.
    """

    pixels: np.ndarray
    damage: str | None

    def check_whole(self) -> None:
        """Refuses a photo that is damaged.

        Raises:
            PhotoError: It is.
        """
        if self.damage is not None:
            raise PhotoError(f"{self.damage} damaged_photos=draw draws what is left of it.")


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keeps OpenCV from writing of damaged photos to the terminal: what matters is said with their names."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(0)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def read_photo(path: Path, ignores_exif: bool = False) -> np.ndarray:
    """The pixels of a photo that is whole.

    Grey, CMYK, palette and 16-bit pictures are converted. Alpha is dropped: a transparent pixel has the
    colour that the file stores for it.

    Args:
        path: Of the photo.
        ignores_exif: Whether its EXIF orientation is not applied.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        PhotoError: As `read_photo_size` does, and where the picture is damaged or cannot be decoded.
    """
    decoded = decode_photo(read_photo_file(path, ignores_exif))
    decoded.check_whole()
    return decoded.pixels


def decode_photo(file: PhotoFile) -> Decoded:
    """The pixels of a photo, and what is wrong with it although there are pixels.

    Args:
        file: The photo.

    Raises:
        PhotoError: There are no pixels.
    """
    # What would need too much memory is refused before it is decoded.
    header = file.read_header()
    pixels, complaint = _decode(file, header)
    if pixels is None:
        kind = header.format if header.tiff_tags is None else header.tiff_tags.describe()
        raise PhotoError(
            f"{file.path}: the picture is damaged{f' ({complaint})' if complaint else ''} or of a kind that "
            f"is not read (found {kind}). Download it again or convert it to an 8-bit JPEG or PNG."
        )
    if pixels.shape != (*header.hw, 3):
        turn = ", upright, without EXIF orientation" if header.format in TURNED_FORMATS else ""
        raise PhotoError(
            f"{file.path}: its header says {header.hw[1]} x {header.hw[0]} pixels, but it decodes to "
            f"{pixels.shape[1]} x {pixels.shape[0]}. Save it again{turn}."
        )
    if complaint is None:
        return Decoded(pixels, None)
    damage = (
        f"{file.path}: the photo is damaged ({complaint}), and parts of it may be missing or wrong. Download "
        f"it again."
    )
    return Decoded(pixels, damage)


def _decode(file: PhotoFile, header: Header) -> tuple[np.ndarray | None, str | None]:
    content, pixels, complaint = file.content, None, None
    if content.startswith(JPEG_START):
        if header.is_progressive and content.count(_SCAN) > MOST_SCANS:
            raise PhotoError(
                f"{file.path}: expected a JPEG of at most {MOST_SCANS} scans, found more, which may take "
                f"hours to decode. Save it again."
            )
        pixels, complaint = _decode_jpeg(content)
    if pixels is None and header.format in _CHECKED_FORMATS:
        complaint = _check(content)
    is_scanned = header.is_one_scan or not content.startswith(JPEG_START)
    if complaint is None and not is_scanned and not has_all_scans(content):
        complaint = "scans are missing: details or colours"
    tags = header.tiff_tags
    if tags is not None:
        if complaint == _NOT_PILLOWS:
            raise not_read(file.path, tags.describe())
        content = keep_colours(content, tags)
        # Neither OpenCV nor Pillow can be told to leave it.
        content = drop_orientation(content, tags) if file.ignores_exif else content
    if is_opencv_wrong(content, header.format):
        return decode_without_opencv(content, header.format)
    if pixels is None or (header.has_exif and not file.ignores_exif):
        # OpenCV's reading of EXIF is the one that fits were made with.
        pixels = _decode_other(content, file.ignores_exif)
    # Pillow reads more kinds of these, and notices when they are cut.
    reads_more = header.format in ("BMP", "JPEG2000") or (tags is not None and tags.is_plain)
    if pixels is None and complaint is None and reads_more:
        return decode_without_opencv(content, header.format)
    return pixels, complaint


def _decode_jpeg(content: bytes) -> tuple[np.ndarray | None, str | None]:
    """Pixels, not turned, and the decoder's complaint; no pixels for kinds such as CMYK or 12 bits."""
    try:
        return simplejpeg.decode_jpeg(content, colorspace="RGB", strict=True), None
    except ValueError as error:
        complaint = str(error)
    # The decoder has one kind of error for everything; too little memory says nothing about the photo.
    if "memory" in complaint.lower():
        raise MemoryError(complaint)
    # Once more, for what is left of the picture.
    try:
        return simplejpeg.decode_jpeg(content, colorspace="RGB", strict=False), complaint
    except ValueError:
        return None, None


def _decode_other(content: bytes, ignores_exif: bool) -> np.ndarray | None:
    """Whatever OpenCV makes of it; of most damaged files nothing."""
    flags = cv2.IMREAD_COLOR | (cv2.IMREAD_IGNORE_ORIENTATION if ignores_exif else 0)
    try:
        # Of an AVIF with alpha OpenCV 5.0 gives BGR even where RGB is asked for.
        pixels = cv2.imdecode(np.frombuffer(drop_animation(content), dtype=np.uint8), flags)
        return None if pixels is None else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    except cv2.error as error:
        # Too little memory says nothing about the photo.
        if is_out_of_memory(error):
            raise
        return None


def _check(content: bytes) -> str | None:
    """Pillow's complaint."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            image.load()
    except MemoryError:
        raise
    # Pillow raises almost anything where bytes are damaged.
    except Exception as error:
        return str(error)
    return None
