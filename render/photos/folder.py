"""The folder of a dataset's photos: which file an image name stands for."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from render.errors import PhotoError
from render.files.digest import FileId, hash_file, identify
from render.fits.image_paths import list_photos
from render.photos.decode import Decoded, decode_photo
from render.photos.files import (
    PhotoFile,
    find_photo_status,
    read_photo_file,
    read_photo_size,
    unreadable,
)
from render.photos.near_names import NearName, NearNames
from render.photos.rename_advice import find_renames, write_settings
from render.photos.renames import rename_image
from render.types.sheets import Photo


class PhotoDir:
    """The folder of a dataset's photos, which no name leaves, neither by itself nor by symbolic links.

    Each folder below it is followed once: a link that takes its place during the run is not noticed.

    Args:
        path: Of the folder.
        renames: What is replaced in image names, so that they become names of files.
        ignores_exif: Whether its photos are read without their EXIF orientation applied.

    Attributes:
        ignores_exif: As given.
    """

    has_photos = True
    is_remote = False

    def __init__(
        self, path: Path, renames: Mapping[str, str] | None = None, ignores_exif: bool = False
    ) -> None:
        self.ignores_exif = ignores_exif
        self._path = path
        self._renames = dict(renames or {})
        self._near_names = NearNames(path)
        # Of each folder: whether it lies below.
        self._is_below: dict[str, bool] = {}

    def find(self, image_name: str) -> Path:
        """The file of an image, which need not exist.

        Args:
            image_name: As in the fit file, relative to the folder.

        Raises:
            PhotoError: It leads out of the folder, or cannot be followed.
        """
        return self.find_file(self.name_file(image_name))

    def name_file(self, image_name: str) -> str:
        """The name of an image's file, below the folder."""
        return rename_image(image_name, self._renames)

    def find_file(self, name: str) -> Path:
        """The file of a name that `name_file` or `list_frames` gives; it raises what `find` does."""
        path = self._path / name
        text = str(path)
        try:
            os.fsencode(text)
        except UnicodeEncodeError as error:
            raise PhotoError(
                f"{path}: the locale's encoding ({sys.getfilesystemencoding()}) cannot encode this name. Set "
                f"LC_ALL=C.UTF-8, or rename the photo."
            ) from error
        try:
            # Datasets have few folders: following each photo through all of its own would cost more than
            # reading its header.
            if path.is_symlink() or path.name == "..":
                is_below = self._contains(path.resolve())
            else:
                folder = os.path.dirname(text)
                if folder not in self._is_below:
                    self._is_below[folder] = self._contains(path.resolve())
                is_below = self._is_below[folder]
        # A loop of links, a name that no file system takes.
        except (OSError, RuntimeError, ValueError) as error:
            raise PhotoError(
                f"{path}: the path cannot be followed ({error}). Rename or replace it."
            ) from error
        if not is_below:
            raise PhotoError(
                f"{path}: expected a photo below {self._path}, found that it leads to {path.resolve()}. Put "
                f"the photo itself there, or set dataset.image_dir to the folder that really holds it."
            )
        return path

    def has(self, image_name: str) -> bool:
        """Whether an image has a file, which is not empty."""
        try:
            status = os.stat(self.find(image_name))
        # ValueError: a name that no file system takes.
        except (PhotoError, OSError, ValueError):
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size > 0

    def advise(self, image_name: str) -> str | None:
        """What is there instead of an image's file, and the setting that finds it.

        Args:
            image_name: Of a photo that is not there.

        Returns:
            The end of a sentence and the next one; None where nothing like it is there.
        """
        try:
            path = self.find(image_name)
            if os.path.lexists(path) and not path.is_symlink():
                return None
        except (PhotoError, OSError, ValueError):
            return None
        if self._renames and PhotoDir(self._path).has(image_name):
            return (
                f"but {image_name} is there, as the fit file has it. Take out of dataset.rename_images what "
                f"changes it"
            )
        wanted = path.relative_to(self._path).as_posix()
        near = self._near_names.find(wanted, _is_photo)
        return None if near is None else self._describe(near, image_name, wanted)

    def read_size(self, photo: Photo) -> tuple[int, int]:
        """The height and width of a photo in px, from its header alone.

        Args:
            photo: As `find` found it.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It is no picture, or over the limits.
        """
        assert isinstance(photo, Path)
        return read_photo_size(photo, self.ignores_exif)

    def read(self, photo: Photo) -> tuple[Decoded, FileId, int]:
        """A photo's pixels, what its file is known by, and the time of its last change, in nanoseconds.

        Args:
            photo: As `find` found it.

        Raises:
            PhotoError: It cannot be read.
        """
        file = self.read_file(photo)
        return decode_photo(file), identify(file.content), file.modified_ns

    def read_file(self, photo: Photo) -> PhotoFile:
        """A photo as it is encoded; it raises what `read` does."""
        assert isinstance(photo, Path)
        return read_photo_file(photo, self.ignores_exif)

    def look(self, photo: Photo) -> tuple[int, int]:
        """The length of a photo's file, and the time of its last change, in nanoseconds.

        Args:
            photo: As `find` found it.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It cannot be looked at.
        """
        assert isinstance(photo, Path)
        status = find_photo_status(photo)
        return status.st_size, status.st_mtime_ns

    def hash(self, photo: Photo) -> str:
        """The hash of a photo's file; it raises what `look` does."""
        assert isinstance(photo, Path)
        try:
            return hash_file(photo)
        except OSError as error:
            raise unreadable(photo, error) from error

    def close(self) -> None:
        """Nothing is open."""

    def list_frames(self, folder: str = "") -> list[str]:
        """The photos of a folder as the frames of a sequence, in the order of their names.

        Args:
            folder: Below that of all photos, as in image names; nothing for that itself.

        Returns:
            Image names, with the folder. Replacements are of names in fits, and these are of files.

        Raises:
            PhotoError: It leads out of the folder, or cannot be followed.
        """
        if not folder:
            return list_photos(self._path)
        # As for a photo in it.
        inside = PhotoDir(self._path).find(f"{folder}/photo").parent
        return [f"{folder}/{name}" for name in list_photos(inside)]

    def _describe(self, near: NearName, image_name: str, wanted: str) -> str:
        file = near.folder / near.name
        shown = file.relative_to(self._path) if file.is_relative_to(self._path) else file
        renames = self._renames if near.name == wanted else None
        if renames is None:
            renames = find_renames(image_name, wanted, near.name, self._renames)
        settings = None
        if renames is not None:
            settings = write_settings(
                None if near.folder == self._path else near.folder,
                None if renames == self._renames else renames,
            )
        elif near.folder != self._path and Path(near.name).stem == PurePosixPath(wanted).name:
            # Readers that tell photos by the names of their files find it there.
            settings = write_settings(near.folder, None)
        return (
            f"but {shown} is there, which differs in {' and '.join(near.differences)}. "
            f"{'Rename the file' if settings is None else f'Set {settings}'}"
        )

    def _contains(self, resolved: Path) -> bool:
        return self._path.resolve() in resolved.parents


def _is_photo(folder: Path, name: str) -> bool:
    # Most names that are tried are not there, and following each would take longer.
    return os.path.isfile(folder / name) and PhotoDir(folder).has(name)
