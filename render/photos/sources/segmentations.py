"""Segmentations of photos as pictures in a folder: who is a person's pixel, and of which part of the body."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from render.errors import PhotoError
from render.files.digest import hash_bytes
from render.photos.decode import decode_photo
from render.photos.files import read_photo_file
from render.photos.folder import PhotoDir

# As UP-3D calls those of LSP's images.
BODY_ENDING, PARTS_ENDING = "_segmentation.png", "_part_segmentation.png"
# Of parts: 0 is the background; and what nobody has labelled.
MOST_PARTS, UNLABELLED = 6, 255
# Of a PNG, how many bits a channel has: in its header, behind 8 bytes that all have, and two sides.
_DEPTH_BYTE = 24


@dataclass(frozen=True)
class PhotoSegments:
    """The segmentations of a photo.

    Attributes:
        is_body: (H, W) bool, whether a pixel is a person's; None where there is no file.
        parts: (H, W) uint8, 0 for the background, 1 to 6 for parts of the body, 255 where nobody knows; None
            where there is no file.
    """

    is_body: np.ndarray | None
    parts: np.ndarray | None


class SegmentationDir:
    """A folder of segmentations, which no name leaves.

    The files of `a/b.jpg` are `a/b_segmentation.png` and `a/b_part_segmentation.png`, or, where those are not
    there, the same without the folder `a`.

    Args:
        path: Of the folder.
    """

    def __init__(self, path: Path) -> None:
        self._dir = PhotoDir(path)

    def read(self, image_name: str, photo_hw: tuple[int, int]) -> PhotoSegments:
        """The segmentations of a photo.

        Args:
            image_name: As in the fit file.
            photo_hw: Height and width of the photo.

        Raises:
            PhotoError: A file is damaged, of another size than the photo, or holds other values.
        """
        body, parts = self._find(image_name, BODY_ENDING), self._find(image_name, PARTS_ENDING)
        is_body = None if body is None else _read_grey(body, photo_hw) > 0
        labels = None if parts is None else _read_grey(parts, photo_hw)
        if labels is not None:
            is_strange = (labels > MOST_PARTS) & (labels != UNLABELLED)
            if is_strange.any():
                raise PhotoError(
                    f"{parts}: expected parts 0 to {MOST_PARTS}, or {UNLABELLED} where none is known, found "
                    f"{labels[is_strange][0]}. Take it out of dataset.segmentation_dir, or save it again."
                )
        return PhotoSegments(is_body, labels)

    def list_pieces(self, image_name: str) -> list[bytes]:
        """What tells the files of a photo from others: their hashes."""
        return [self._identify(image_name, ending) for ending in (BODY_ENDING, PARTS_ENDING)]

    def _identify(self, image_name: str, ending: str) -> bytes:
        try:
            path = self._find(image_name, ending)
            return b"none" if path is None else hash_bytes(read_photo_file(path).content).encode()
        # Why it cannot be read is said when it is.
        except PhotoError:
            return b"unreadable"

    def _find(self, image_name: str, ending: str) -> Path | None:
        named = PurePosixPath(self._dir.name_file(image_name))
        name = f"{named.stem}{ending}"
        for candidate in dict.fromkeys([str(named.parent / name), name]):
            path = self._dir.find_file(candidate)
            if os.path.lexists(path):
                return path
        return None


def _read_grey(path: Path, photo_hw: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8 of a grey picture of the photo's size."""
    file = read_photo_file(path, ignores_exif=True)
    header = file.read_header()
    # Other formats change values, and decoders leave the upper 8 of 16 bits, where labels are none.
    if header.format != "PNG" or file.content[_DEPTH_BYTE] > 8:
        found = "one of 16 bits" if header.format == "PNG" else header.format
        raise PhotoError(
            f"{path}: expected a PNG of 8 bits, whose values are labels, found {found}. Save it again as one."
        )
    height, width = header.hw
    # Before it is decoded, which takes memory.
    if (height, width) != photo_hw:
        raise PhotoError(
            f"{path}: expected {photo_hw[1]} x {photo_hw[0]} pixels, as the photo has, found {width} x "
            f"{height}. Segmentations and photos must be of one release."
        )
    decoded = decode_photo(file)
    decoded.check_whole()
    pixels = decoded.pixels
    if (pixels != pixels[:, :, :1]).any():
        raise PhotoError(
            f"{path}: expected a grey picture, whose values are labels, found colours. Save it again "
            f"without a palette."
        )
    return np.ascontiguousarray(pixels[:, :, 0])
