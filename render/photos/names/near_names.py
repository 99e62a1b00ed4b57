"""Photos that are there under another name than the one that is looked for."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

from render.files.image_names import image_name_fault
from render.photos.listing import Listings, fold_case, fold_name, split_name, vary_name

# Below the folder of photos, and how deep.
MOST_FOLDERS, DEPTH = 32, 2
# Names that are tried for one photo in folders that are too large to be listed.
MOST_TRIED = 64
# How much speaks against its being the same photo.
_WEIGHTS = {"case": 1, "Unicode form": 1, "COCO's prefix": 1, "folder": 1, "extension": 2, "leading zeros": 4}


@dataclass(frozen=True)
class NearName:
    """A file that is likely the photo.

    Attributes:
        folder: What the folder of photos would have to be.
        name: Of the file, relative to that folder.
        differences: In what it differs from the one that is looked for; none is listed twice.
    """

    folder: Path
    name: str
    differences: tuple[str, ...]


class NearNames:
    """Looks for photos under other names. Folders are listed once, however many photos are missing.

    Args:
        folder: Of the photos.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listings = Listings()

    def find(self, wanted: str, is_photo: Callable[[Path, str], bool]) -> NearName | None:
        """The file that is most likely the photo.

        Args:
            wanted: Name of the file that is not there, relative to the folder.
            is_photo: Whether a folder, if it were that of the photos, has a photo of that name.
        """
        found: dict[tuple[Path, str], NearName] = {}
        for folder, name in islice(self._list_names(wanted), MOST_FOLDERS * MOST_TRIED):
            # Names on the disk are anybody's, and messages are one line.
            if (folder, name) != (self._folder, wanted) and image_name_fault(name) is None:
                found.setdefault((folder, name), NearName(folder, name, self._compare(folder, wanted, name)))
        ranked = sorted(found.values(), key=lambda near: sum(map(_WEIGHTS.__getitem__, near.differences)))
        return next((near for near in ranked if is_photo(near.folder, near.name)), None)

    def _list_names(self, wanted: str) -> Iterator[tuple[Path, str]]:
        """Folders that may be that of the photos, each with a name in it; some are not there."""
        parts = wanted.split("/")
        # One folder too deep. Only a name with folders can tell: what is not below is never listed.
        if len(parts) > 1:
            path = self._folder
            yield (path.parent if path.name not in ("", "..") else path.resolve().parent), wanted
        # The last ones are without the folders of the name.
        suffixes = ["/".join(parts[k:]) for k in range(min(len(parts), MOST_FOLDERS))]
        places = [(self._folder, suffix) for suffix in suffixes]
        places += [(folder, wanted) for folder in self._subfolders]
        tried = 0
        for place, name in places:
            inner, _, base = name.rpartition("/")
            inside = self._follow(place, inner)
            if inside is None:
                continue
            listing = self._listings.list_folder(place / inside)
            names = listing.photos.get(fold_name(base), [])
            if not listing.is_whole:
                more = list(islice(vary_name(base), MOST_TRIED - tried))
                tried += len(more)
                names = [*names, *more]
            yield from ((place, os.path.join(inside, near)) for near in names)

    def _follow(self, place: Path, inner: str) -> str | None:
        """The folder of that name below the place, whatever its case; None if there is none."""
        found = ""
        for part in inner.split("/") if inner else ():
            listing = self._listings.list_folder(place / found)
            names = listing.folders.get(fold_case(part), [])
            if part in names or not listing.is_whole:
                found = os.path.join(found, part)
            elif names:
                found = os.path.join(found, min(names))
            else:
                return None
        return found

    @cached_property
    def _subfolders(self) -> list[Path]:
        found: list[Path] = []
        level = [self._folder]
        for _ in range(DEPTH):
            below = chain.from_iterable(self._list_folders(folder) for folder in level)
            level = list(islice(below, MOST_FOLDERS - len(found)))
            found += level
        return found

    def _list_folders(self, folder: Path) -> list[Path]:
        names = chain.from_iterable(self._listings.list_folder(folder).folders.values())
        return [folder / name for name in sorted(names)]

    def _compare(self, folder: Path, wanted: str, name: str) -> tuple[str, ...]:
        (wanted_dir, _, wanted_base), (found_dir, _, found_base) = (
            wanted.rpartition("/"),
            name.rpartition("/"),
        )
        found = [*_compare_texts(wanted_dir, found_dir, "folder")]
        if folder != self._folder:
            found.append("folder")
        pieces = split_name(wanted_base), split_name(found_base)
        others = ("COCO's prefix", "leading zeros", "extension")
        for one, other, word in zip(*pieces, others, strict=True):
            found += _compare_texts(one, other, word)
        return tuple(dict.fromkeys(found))


def _compare_texts(one: str, other: str, otherwise: str) -> Iterator[str]:
    """In what two pieces of names differ."""
    if one == other:
        return
    if fold_case(one) != fold_case(other):
        yield otherwise
    else:
        forms = [unicodedata.normalize("NFC", text) for text in (one, other)]
        yield "Unicode form" if forms[0] == forms[1] else "case"
