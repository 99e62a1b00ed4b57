"""The folder of a dataset's photos: which file an image name stands for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from render.errors import PhotoError


class PhotoDir:
    """The folder of a dataset's photos, which no name leaves, neither by itself nor by symbolic links.

    Each folder below it is followed once: a link that takes its place during the run is not noticed.

    Args:
        path: Of the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Of each folder: whether it lies below.
        self._is_below: dict[Path, bool] = {}

    def find(self, image_name: str) -> Path:
        """The file of an image, which need not exist.

        Args:
            image_name: As in the fit file, relative to the folder.

        Raises:
            PhotoError: It leads out of the folder, or cannot be followed.
        """
        path = self._path / image_name
        try:
            os.fsencode(path)
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
            elif path.parent in self._is_below:
                is_below = self._is_below[path.parent]
            else:
                is_below = self._is_below[path.parent] = self._contains(path.resolve())
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

    def _contains(self, resolved: Path) -> bool:
        return self._path.resolve() in resolved.parents
