"""What lies in folders of photos, by names without what may differ in another copy of the same photos."""

from __future__ import annotations

import os
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from render.files.image_names import EXTENSIONS

# Of all folders together: COCO's largest has 123,000, and each entry takes some 200 bytes of memory.
MOST_ENTRIES = 200_000
_COCO_PREFIX = re.compile(r"COCO_(?:train|val|test)2014_(?=\d)", re.IGNORECASE)
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


class Pieces(NamedTuple):
    """The pieces of a photo's name.

    Attributes:
        prefix: COCO's, such as COCO_train2014_, or nothing.
        stem: What is between the others.
        extension: With its dot; of a name such as a.jpg.png both.
    """

    prefix: str
    stem: str
    extension: str


@dataclass
class Listing:
    """What lies in a folder.

    Attributes:
        photos: Names of what may be photos, by `fold_name`.
        folders: Names of folders, by `fold_case`.
        is_whole: Whether that is all.
    """

    photos: dict[str, list[str]] = field(default_factory=dict)
    folders: dict[str, list[str]] = field(default_factory=dict)
    is_whole: bool = True


class Listings:
    """Lists each folder once, for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listings: dict[Path, Listing] = {}
        self._left = MOST_ENTRIES

    def list_folder(self, folder: Path) -> Listing:
        """What lies in a folder; nothing where there is none."""
        with self._lock:
            if folder not in self._listings:
                self._listings[folder] = self._read(folder)
            return self._listings[folder]

    def _read(self, folder: Path) -> Listing:
        found = Listing()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if self._left == 0:
                        found.is_whole = False
                        break
                    self._left -= 1
                    # What macOS and editors leave beside photos.
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir():
                        found.folders.setdefault(fold_case(entry.name), []).append(entry.name)
                    else:
                        found.photos.setdefault(fold_name(entry.name), []).append(entry.name)
        except (FileNotFoundError, NotADirectoryError):
            pass
        # Without the right to list it, names in it can still be tried.
        except (OSError, ValueError):
            found.is_whole = False
        return found


def fold_case(name: str) -> str:
    """A name without its case and its Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()


def fold_name(name: str) -> str:
    """A photo's name without case, Unicode form, extension, COCO's prefix and leading zeros."""
    return _LEADING_ZEROS.sub("", fold_case(split_name(name).stem))


def split_name(name: str) -> Pieces:
    """The pieces of a photo's name, which has no folder."""
    stem, extension = name, ""
    while (last := os.path.splitext(stem)[1]).lower() in EXTENSIONS:
        stem = stem.removesuffix(last)
        extension = last + extension
    match = _COCO_PREFIX.match(stem)
    prefix = match[0] if match else ""
    return Pieces(prefix, stem.removeprefix(prefix), extension)


def vary_name(name: str) -> Iterator[str]:
    """A few names that the same photo often has elsewhere, for folders too large to be listed."""
    prefix, stem, extension = split_name(name)
    for other in (extension.lower(), extension.upper(), ".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"):
        yield prefix + stem + other
    if stem.isdecimal():
        for other in ("", "COCO_train2014_", "COCO_val2014_"):
            yield other + stem + extension
    for form in ("NFC", "NFD"):
        yield unicodedata.normalize(form, name)
    yield name.lower()
    yield name.upper()
