"""Photos of a dataset: where they are, how large, and their files.

EFT's numbers refer to the picture as OpenCV decodes it, turned by its EXIF orientation. Those of some other
fits are of the picture as it is stored: where EXIF is ignored, a photo has the same pixels, not turned.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from render.errors import PhotoError
from render.photos.foreign import START_BYTES, name_foreign
from render.photos.jpeg_scans import SOI, PlainJpeg, find_unread_jpeg, read_plain_jpeg
from render.photos.open_files import open_photo, unreadable
from render.photos.other_decoders import read_bmp_bits
from render.photos.png_chunks import SIGNATURE, read_header_chunks
from render.photos.tiff_tags import ORIENTATION, TiffTags, read_exif_orientation, read_tags
from render.types.sheets import Photo

MOST_PIXELS = 100_000_000
# JPEG's; what is longer is no photo.
LONGEST_SIDE_PX = 65_535
# What OpenCV decodes; Pillow knows many more formats.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF")
# Those that OpenCV turns by their EXIF orientation and Pillow does not; both turn TIFF, neither the others.
# Pillow calls a JPEG with further pictures behind the first MPO.
TURNED_FORMATS = ("JPEG", "MPO", "PNG", "WEBP")
# How much of a JPEG is looked at: without profiles and previews the header is in the first, with them nearly
# always in both.
JPEG_START_BYTES, MORE_JPEG_BYTES = 1 << 13, 1 << 16
# TIFF 6.0: TileWidth, TileLength.
_TILE_SIDES = (322, 323)
# Orientations with rows and columns exchanged (EXIF 2.3, tag 274).
_SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True)
class Header:
    """What a photo says of itself.

    Attributes:
        hw: Height and width in px as it is decoded.
        format: Pillow's name.
        has_exif: Whether there are EXIF data, damaged or not.
        is_progressive: A JPEG in scans.
        tiff_tags: Of a TIFF.
        is_one_scan: A JPEG of which it is known that one scan brings all of it.
    """

    hw: tuple[int, int]
    format: str
    has_exif: bool
    is_progressive: bool
    tiff_tags: TiffTags | None
    is_one_scan: bool = False


@dataclass(frozen=True, repr=False)
class PhotoFile:
    """A photo as it is encoded.

    Attributes:
        path: Of the file, or what it is where it is no file of its own.
        content: All of it.
        modified_ns: The time of its last change, from before it was read.
        ignores_exif: Whether its EXIF orientation is not applied.
    """

    path: Photo
    content: bytes
    modified_ns: int
    ignores_exif: bool = False

    def read_header(self) -> Header:
        """What it says of itself.

        Raises:
            PhotoError: It is no picture or over 100 megapixels.
        """
        return _read_header(self.path, io.BytesIO(self.content), self.ignores_exif)


def read_photo_size(path: Path, ignores_exif: bool = False) -> tuple[int, int]:
    """The size of a photo as it is decoded, from its header alone.

    Args:
        path: Of the photo.
        ignores_exif: Whether its EXIF orientation is not applied.

    Returns:
        Height and width in px.

    Raises:
        MissingPhotoError: There is none.
        PhotoError: It is not a picture, over 256 MiB or over 100 megapixels.
    """
    descriptor, _ = open_photo(path)
    try:
        header = _read_plain_header(path, os.read(descriptor, JPEG_START_BYTES), ignores_exif)
        if header is None:
            with open(descriptor, "rb", closefd=False) as file:
                file.seek(0)
                header = _read_header(path, file, ignores_exif)
    except OSError as error:
        raise unreadable(path, error) from error
    finally:
        os.close(descriptor)
    return header.hw


def read_opened_size(photo: Photo, file: BinaryIO, ignores_exif: bool = False) -> tuple[int, int]:
    """The size of a photo that is open, as `read_photo_size` has it.

    Args:
        photo: What it is called in messages.
        file: The photo.
        ignores_exif: Whether its EXIF orientation is not applied.

    Raises:
        PhotoError: It is not a picture, or over 100 megapixels.
    """
    return _read_header(photo, file, ignores_exif).hw


def read_photo_file(path: Path, ignores_exif: bool = False) -> PhotoFile:
    """A photo as it is encoded.

    Args:
        path: Of the photo.
        ignores_exif: Whether its EXIF orientation is not applied.

    Raises:
        PhotoError: It is missing, empty or over 256 MiB.
    """
    descriptor, status = open_photo(path)
    try:
        # One more, which tells that it has become longer.
        content = os.read(descriptor, status.st_size + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    finally:
        os.close(descriptor)
    if len(content) != status.st_size:
        raise PhotoError(
            f"{path}: the file changed while it was read, it had {status.st_size} bytes; run again when "
            f"nothing writes to it"
        )
    # Of before it was read: a change meanwhile then shows as one.
    return PhotoFile(path, content, status.st_mtime_ns, ignores_exif)


def _read_plain_header(path: Photo, start: bytes, ignores_exif: bool) -> Header | None:
    """Of a plain JPEG, as nearly all photos are, as far as its start has it."""
    plain = read_plain_jpeg(start) if start.startswith(SOI) else None
    return None if plain is None else _describe_plain(path, plain, ignores_exif)


def _read_header(path: Photo, file: BinaryIO, ignores_exif: bool) -> Header:
    start, tags = file.read(JPEG_START_BYTES), None
    header = _read_plain_header(path, start, ignores_exif)
    if header is None and start.startswith(SOI):
        # The rest is only read where the header goes on.
        header = _read_plain_header(path, start + file.read(MORE_JPEG_BYTES), ignores_exif)
    if header is not None:
        return header
    start = start[:START_BYTES]
    if start.startswith(SIGNATURE):
        file.seek(len(SIGNATURE))
        file = read_header_chunks(file)
    elif start.startswith(SOI):
        unread = find_unread_jpeg(file)
        if unread is not None:
            raise not_read(path, unread)
    else:
        tags = _read_tiff_tags(path, file)
        foreign = name_foreign(start)
        if foreign is not None:
            raise PhotoError(f"{path}: found {foreign[0]} instead of a photo. {foreign[1]}")
    file.seek(0)
    try:
        with Image.open(file, formats=FORMATS) as image:
            (width, height), file_format = image.size, image.format
            # However small a TIFF's picture is, decoders make room for one whole tile.
            own_tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
            tile = [int(own_tags.get(tag, 1)) for tag in _TILE_SIDES]
            exif = image.info.get("exif", b"")
            is_progressive = bool(image.info.get("progressive"))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path) from error
    # Pillow raises almost anything for a damaged header.
    except Exception as error:
        raise _no_header(path, start, tags) from error
    if max(width * height, tile[0] * tile[1]) > MOST_PIXELS:
        raise _too_many_pixels(path)
    if max(width, height) > LONGEST_SIDE_PX:
        raise PhotoError(
            f"{path}: expected sides of at most {LONGEST_SIDE_PX} pixels, found {width} x {height}. Scale "
            f"the photo down."
        )
    # Pillow opened it in one of FORMATS.
    assert file_format is not None
    if ignores_exif:
        # Of a TIFF Pillow gives the size that it has when it is turned.
        is_exchanged = own_tags.get(ORIENTATION) in _SIDEWAYS
    else:
        is_exchanged = file_format in TURNED_FORMATS and read_exif_orientation(exif) in _SIDEWAYS
    return Header(
        (width, height) if is_exchanged else (height, width), file_format, bool(exif), is_progressive, tags
    )


def _describe_plain(path: Photo, plain: PlainJpeg, ignores_exif: bool) -> Header:
    height, width = plain.hw
    if height * width > MOST_PIXELS:
        raise _too_many_pixels(path)
    turns = bool(plain.exif) and not ignores_exif
    hw = (width, height) if turns and read_exif_orientation(plain.exif) in _SIDEWAYS else plain.hw
    return Header(hw, "JPEG", bool(plain.exif), plain.is_progressive, None, plain.is_one_scan)


def _read_tiff_tags(path: Photo, file: BinaryIO) -> TiffTags | None:
    """Those of a TIFF that can be drawn truly."""
    try:
        tags = read_tags(file, file.seek(0, os.SEEK_END))
    except ValueError as error:
        raise PhotoError(f"{path}: the TIFF is damaged ({error}). Download it again.") from error
    fault = None if tags is None else tags.find_fault()
    if fault is not None:
        raise not_read(path, fault)
    return tags


def _no_header(path: Photo, start: bytes, tags: TiffTags | None) -> PhotoError:
    if tags is None and not start.startswith(b"BM"):
        return PhotoError(
            f"{path}: expected a picture ({', '.join(FORMATS)}), found no header of one. Download it again."
        )
    kind = f"a BMP of {read_bmp_bits(start)} bits a pixel" if tags is None else tags.describe()
    return PhotoError(
        f"{path}: found {kind}, which is damaged or of a kind that is not read. Download it again or convert "
        f"it to an 8-bit JPEG or PNG."
    )


def not_read(path: Photo, kind: str) -> PhotoError:
    """The error of a photo that is whole, as far as is known, but of a kind that is not read."""
    return PhotoError(f"{path}: found {kind}, which is not read. Convert it to an 8-bit JPEG or PNG.")


def _too_many_pixels(path: Photo) -> PhotoError:
    limit = MOST_PIXELS // 1_000_000
    return PhotoError(f"{path}: expected at most {limit} megapixels, found more. Scale the photo down.")
