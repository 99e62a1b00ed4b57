"""Files of photos, opened: which are there, and can be photos by what the system says of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from render.errors import MissingPhotoError, PhotoError

# Far beyond any photo of a dataset: a file is read into memory as a whole, and each thread may have one.
LARGEST_FILE_BYTES = 256 << 20


def find_photo_status(path: Path) -> os.stat_result:
    """What the file system says of a photo.

    Raises:
        MissingPhotoError: There is none.
        PhotoError: It cannot be looked at.
    """
    try:
        return path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise PhotoError(
                f"{path}: there is no such photo, only a link that leads nowhere. Put the photo there."
            ) from None
        raise MissingPhotoError(
            f"{path}: there is no such photo. Download the dataset's images, or set dataset.image_dir to the "
            f"folder that holds them."
        ) from None
    except OSError as error:
        raise unreadable(path, error) from error


def open_photo(path: Path) -> tuple[int, os.stat_result]:
    """A photo that is open, and what the system says of it.

    As a descriptor: each call of the system lets go of the interpreter's lock and takes it again, and a file
    of Python's makes more of them.

    Args:
        path: Of the photo.

    Raises:
        MissingPhotoError: There is none.
        PhotoError: It is empty, over 256 MiB or no file, or cannot be opened.
    """
    try:
        # A pipe would make a reader wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        # Where it is there, it may be what nobody can open.
        _check_status(path, find_photo_status(path))
        raise unreadable(path, error) from error
    try:
        status = os.fstat(descriptor)
        _check_status(path, status)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def _check_status(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise PhotoError(f"{path}: expected a photo, found {kind}. Put the picture itself there.")
    if status.st_size == 0:
        raise PhotoError(f"{path}: the photo is empty (0 bytes). Download it again.")
    if status.st_size > LARGEST_FILE_BYTES:
        raise PhotoError(
            f"{path}: expected a photo of at most {LARGEST_FILE_BYTES >> 20} MiB, found "
            f"{status.st_size >> 20} MiB. Scale it down or leave it out."
        )


def unreadable(path: Path, error: OSError) -> PhotoError:
    """The error of a photo that the file system does not give."""
    return PhotoError(
        f"{path}: the photo cannot be read ({error.strerror}). Check its permissions and the disk."
    )
