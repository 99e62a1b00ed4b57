"""What the pictures of a clip are known by, together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from render.files.digest import FileId, hash_bytes, hash_file
from render.record.records import PhotoId
from render.types.sheets import VideoFrame

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


def find_changes(noted: PhotoId, pictures: Sequence[Path | VideoFrame]) -> PhotoId | None:
    """What the same pictures are known by now; None where they are others.

    Args:
        noted: What they were known by.
        pictures: All of them.

    Raises:
        OSError: One cannot be looked at.
    """
    paths = [one for one in pictures if isinstance(one, Path)]
    if not paths:
        return _find_change(noted, next(one.path for one in pictures if isinstance(one, VideoFrame)))
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:
            found.append(None)
            continue
        found.append((status.st_size, status.st_mtime_ns))
    if sum(one[0] for one in found if one is not None) != noted.bytes:
        return None
    # Whoever changes a photo changes its time; to hash all photos of a sequence takes long.
    modified_ns = _join_times([None if one is None else one[1] for one in found])
    if modified_ns == noted.modified_ns:
        return noted
    hashes = [
        b"\n" if one is None else f"{hash_file(path)}\n".encode()
        for path, one in zip(paths, found, strict=True)
    ]
    if hash_bytes(*hashes) != noted.sha256:
        return None
    return PhotoId(noted.name, noted.bytes, noted.sha256, modified_ns)


def _find_change(noted: PhotoId, video: Path) -> PhotoId | None:
    status = video.stat()
    if status.st_size != noted.bytes:
        return None
    if status.st_mtime_ns == noted.modified_ns or hash_file(video) == noted.sha256:
        return PhotoId(noted.name, noted.bytes, noted.sha256, status.st_mtime_ns)
    return None


def _join_times(times: Sequence[int | None]) -> int:
    return int(hash_bytes(repr(list(times)).encode())[:_DIGITS], 16)
