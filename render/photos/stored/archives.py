"""Photos in archives: which member an image name stands for."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from render.errors import MissingPhotoError, PhotoError, StoreError
from render.files.image_names import EXTENSIONS, image_name_fault
from render.files.stores.ranged import RangedFile, Window
from render.photos.listing import fold_name
from render.photos.open_files import LARGEST_FILE_BYTES
from render.photos.stored.members import MOST_MEMBERS, ArchiveFormat, Member
from render.types.sheets import StoredPhoto

# Of names, in messages.
MOST_SHOWN = 3
_HEADER_BYTES = 1 << 14


@dataclass(frozen=True)
class Archive:
    """An archive, open, and what is in it.

    Attributes:
        file: The archive.
        format: How it is read.
        members: All files in it whose names may be those of photos, by name.
        top: The one folder that all photos in it lie in, with a slash; nothing where they lie in several, or
            in none.
    """

    file: RangedFile
    format: ArchiveFormat
    members: dict[str, Member]
    top: str


def open_archive(file: RangedFile, archive_format: ArchiveFormat) -> Archive:
    """Lists an archive.

    Names that lead out of a folder, or that no file system takes, are no names of photos, and left out.

    Raises:
        PhotoError: It is damaged, or has too many members.
        StoreError: It cannot be read.
    """
    listed = archive_format.list_members(file)
    members = {
        name.removeprefix("./"): member
        for name, member in listed.items()
        if image_name_fault(name.removeprefix("./")) is None and not _is_left_behind(name)
    }
    tops = {name.partition("/")[0] if "/" in name else "" for name in members if _is_photo(name)}
    top = tops.pop() if len(tops) == 1 else ""
    return Archive(file, archive_format, members, f"{top}/" if top else "")


class Archives:
    """One archive of photos, or several as if all of their members lay in one folder.

    Where all photos of an archive lie in one folder, such as train2014/, image names may leave it out.

    Args:
        shown: What they are called together in messages.
        archives: The archives, in their order.
    """

    def __init__(self, shown: str, archives: Sequence[Archive]) -> None:
        self._shown = shown
        self._archives = {archive.file.shown: archive for archive in archives}
        self.is_remote = any(archive.file.is_remote for archive in archives)
        self.local_paths: Sequence[Path] = [
            Path(one.file.shown) for one in archives if not one.file.is_remote
        ]
        if sum(len(archive.members) for archive in archives) > MOST_MEMBERS:
            raise PhotoError(
                f"{shown}: expected archives of at most {MOST_MEMBERS:,} files together, found more. Draw "
                f"the data set in parts, each with the archives that it needs."
            )
        # The archive of each member; None where several have the name.
        self._places: dict[str, Archive | None] = {}
        for archive in archives:
            for name in archive.members:
                self._places[name] = None if name in self._places else archive
        self._tops = sorted({archive.top for archive in archives if archive.top})

    def __str__(self) -> str:
        return self._shown

    def find(self, name: str) -> StoredPhoto:
        """The member of a name; see `PhotoStore`."""
        found = [whole for whole in self._list_names(name) if whole in self._places]
        if not found:
            return StoredPhoto(self._shown, name)
        archive = self._places[found[0]]
        if len(found) > 1 or archive is None:
            raise PhotoError(
                f"{self._shown}: expected one photo {name}, found {self._describe_several(found)}. Name one "
                f"of the archives in dataset.image_dir, or the folder in dataset.rename_images."
            )
        return StoredPhoto(archive.file.shown, found[0])

    def has(self, name: str) -> bool:
        """Whether there is a member of a name; see `PhotoStore`."""
        try:
            return self._find_member(self.find(name))[1].size > 0
        except PhotoError:
            return False

    def list_photos(self, folder: str = "") -> list[str]:
        """Names of the photos in a folder; see `PhotoStore`."""
        found = {
            file
            for whole in self._list_names(f"{folder}/" if folder else "")
            for file in self._folders.get(whole, ())
        }
        return sorted(found)

    def list_like(self, name: str) -> list[str]:
        """Members whose names are the same but for case, extension, COCO's prefix, zeros or folder."""
        return self._like.get(fold_name(name.rpartition("/")[2]), [])

    def show_some(self) -> list[str]:
        """The first few names; see `PhotoStore`."""
        return sorted(self._places)[:MOST_SHOWN]

    def look(self, photo: StoredPhoto) -> tuple[int, int]:
        """A member's length and date; see `PhotoStore`."""
        archive, member = self._find_member(photo)
        return member.size, archive.format.date(archive.file, member)

    def read(self, photo: StoredPhoto) -> tuple[bytes, int]:
        """The content of a member; see `PhotoStore`."""
        archive, member = self._check(photo)
        try:
            content = archive.format.read_member(archive.file, str(photo), member)
        except StoreError as error:
            raise PhotoError(f"{photo}: it cannot be read: {error}") from error
        return content, archive.format.date(archive.file, member)

    def open(self, photo: StoredPhoto) -> BinaryIO:
        """A member as a file; see `PhotoStore`."""
        archive, member = self._check(photo)
        try:
            start = archive.format.find_content(archive.file, str(photo), member)
        except StoreError as error:
            raise PhotoError(f"{photo}: it cannot be read: {error}") from error
        if start is None or start + member.size > archive.file.size:
            return io.BytesIO(self.read(photo)[0])
        return io.BufferedReader(Window(archive.file, start, member.size), _HEADER_BYTES)

    def close(self) -> None:
        """Archives stay open: their directories would have to be read again."""

    def _list_names(self, name: str) -> list[str]:
        """What a name may be called in the archives."""
        return [name, *(f"{top}{name}" for top in self._tops)]

    def _find_member(self, photo: StoredPhoto) -> tuple[Archive, Member]:
        archive = self._archives.get(photo.place)
        if archive is None or photo.name not in archive.members:
            raise MissingPhotoError(
                f"{photo}: there is no such photo. Set dataset.image_dir to the archive that holds it, or "
                f"dataset.rename_images."
            )
        return archive, archive.members[photo.name]

    def _check(self, photo: StoredPhoto) -> tuple[Archive, Member]:
        archive, member = self._find_member(photo)
        if member.fault:
            raise PhotoError(f"{photo}: expected a photo, found that {member.fault}.")
        if member.size == 0:
            raise PhotoError(f"{photo}: the photo is empty (0 bytes). Pack it again.")
        if max(member.size, member.packed) > LARGEST_FILE_BYTES:
            raise PhotoError(
                f"{photo}: expected a photo of at most {LARGEST_FILE_BYTES >> 20} MiB, found "
                f"{max(member.size, member.packed) >> 20:,} MiB. Scale it down or leave it out."
            )
        return archive, member

    def _describe_several(self, found: list[str]) -> str:
        holders = [
            f"{archive.file.shown}/{name}"
            for name in found
            for archive in self._archives.values()
            if name in archive.members
        ]
        return " and ".join(holders[:MOST_SHOWN])

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """Names of photos by their folder, which ends with a slash."""
        folders: dict[str, list[str]] = {}
        for whole in self._places:
            folder, slash, file = whole.rpartition("/")
            if _is_photo(file):
                folders.setdefault(folder + slash, []).append(file)
        return folders

    @cached_property
    def _like(self) -> dict[str, list[str]]:
        like: dict[str, list[str]] = {}
        for archive in self._archives.values():
            for whole in archive.members:
                near = like.setdefault(fold_name(whole.rpartition("/")[2]), [])
                near.append(whole.removeprefix(archive.top))
        return like


def _is_photo(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in EXTENSIONS


def _is_left_behind(name: str) -> bool:
    """Whether macOS has put it there beside a photo, under its name, or for a folder."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db")
