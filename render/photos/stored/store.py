"""What holds photos that are no files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from render.types.sheets import StoredPhoto


class PhotoStore(Protocol):
    """One or several archives, or a folder at a URL. It is read from any thread.

    Attributes:
        is_remote: Whether each reading waits for a network.
        local_paths: Those of its files that lie on the disk.
    """

    is_remote: bool
    local_paths: Sequence[Path]

    def __str__(self) -> str:
        """What it is called in messages, as the setting names it."""

    def find(self, name: str) -> StoredPhoto:
        """The photo of a name, which need not exist.

        Args:
            name: Of a photo, such as may stand below any folder.

        Raises:
            PhotoError: It may be one photo or another.
        """

    def has(self, name: str) -> bool:
        """Whether there is a photo of a name, which is not empty."""

    def list_photos(self, folder: str = "") -> list[str]:
        """Names of the photos in a folder, without it, in their order; those in folders below are left out.

        Raises:
            PhotoError: It cannot be listed.
        """

    def list_like(self, name: str) -> list[str]:
        """Names of photos that are likely this one; none where it would take long to tell."""

    def show_some(self) -> list[str]:
        """The first few names of what is there."""

    def look(self, photo: StoredPhoto) -> tuple[int, int]:
        """A photo's length in bytes, and a number that is another where it has changed.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It cannot be looked at.
        """

    def read(self, photo: StoredPhoto) -> tuple[bytes, int]:
        """The content of a photo, and the number that `look` gives.

        Raises:
            MissingPhotoError: There is none.
            PhotoError: It cannot be read, is too large or damaged.
        """

    def open(self, photo: StoredPhoto) -> BinaryIO:
        """A photo as a file, for its header; it raises what `read` does."""

    def close(self) -> None:
        """Closes what is open; what is read later opens it again."""
