"""What the pictures of a clip are known by, together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from render.errors import MissingPhotoError
from render.files.digest import FileId, hash_bytes
from render.photos.sources.source import PhotoSource
from render.record.records import PhotoId
from render.types.sheets import Photo, VideoFrame

# So many hexadecimal digits of a hash that they are a number of 60 bits.
_DIGITS = 15


def identify_pictures(
    name: str, pictures: Sequence[tuple[FileId, int] | None], are_of_video: bool
) -> PhotoId:
    """What pictures are known by.

    Args:
        name: Of the clip.
        pictures: Of each the file and the time of its last change, None for one that cannot be read.
        are_of_video: Whether they are all of one file, and known by that.
    """
    if are_of_video:
        # Where no frame of it can be read it is known by nothing, and tried again.
        file, modified_ns = next((one for one in pictures if one is not None), (FileId(0, ""), 0))
        return PhotoId(name, file.bytes, file.sha256, modified_ns)
    hashes = [b"\n" if picture is None else f"{picture[0].sha256}\n".encode() for picture in pictures]
    times = [None if picture is None else picture[1] for picture in pictures]
    total = sum(picture[0].bytes for picture in pictures if picture is not None)
    return PhotoId(name, total, hash_bytes(*hashes), _join_times(times))


def find_changes(noted: PhotoId, pictures: Sequence[Photo], photos: PhotoSource) -> PhotoId | None:
    """What the same pictures are known by now; None where they are others.

    Args:
        noted: What they were known by.
        pictures: All of them.
        photos: Where they come from.

    Raises:
        PhotoError: One cannot be looked at.
    """
    if isinstance(pictures[0], VideoFrame):
        return find_change(noted, pictures[0], photos)
    found: list[tuple[int, int] | None] = []
    for picture in pictures:
        try:
            found.append(photos.look(picture))
        except MissingPhotoError:
            found.append(None)
    if sum(one[0] for one in found if one is not None) != noted.bytes:
        return None
    # Whoever changes a photo changes its time; to hash all photos of a sequence takes long.
    modified_ns = _join_times([None if one is None else one[1] for one in found])
    if modified_ns == noted.modified_ns:
        return noted
    hashes = [
        b"\n" if one is None else f"{photos.hash(picture)}\n".encode()
        for picture, one in zip(pictures, found, strict=True)
    ]
    if hash_bytes(*hashes) != noted.sha256:
        return None
    return PhotoId(noted.name, noted.bytes, noted.sha256, modified_ns)


def find_change(noted: PhotoId, picture: Photo, photos: PhotoSource) -> PhotoId | None:
    """What one picture is known by now; None where it is another.

    Args:
        noted: What it was known by; of a frame its whole video.
        picture: The picture.
        photos: Where it comes from.

    Raises:
        PhotoError: It cannot be looked at.
    """
    length, modified_ns = photos.look(picture)
    if length != noted.bytes:
        return None
    # Whoever changes a photo changes its time; to hash all photos of a dataset takes long.
    if modified_ns == noted.modified_ns:
        return noted
    # It was copied or touched, which does not change it.
    if photos.hash(picture) != noted.sha256:
        return None
    return replace(noted, modified_ns=modified_ns)


def _join_times(times: Sequence[int | None]) -> int:
    return int(hash_bytes(repr(list(times)).encode())[:_DIGITS], 16)
