"""What a page is told of its sheets: a head, and chunks of columns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from render.gallery.entries import Entry, Folder
from render.gallery.join import People
from render.gallery.kinds import find_kind, name_layer, order_suffix
from render.gallery.script_files import format_script, narrow_counts, pack_array

# Sheets that a chunk tells of.
CHUNK = 10_000
# Of pages of bodies to turn: in the folder, or beside it.
VIEWS = ("view", "../view")


class Index:
    """Who is on which sheet, and which files it has.

    Args:
        folders: Of the sheets first, then of those that they are compared with.
        people: On all sheets.
        thumbs: Names of small pictures.
    """

    def __init__(self, folders: Sequence[Folder], people: People, thumbs: Sequence[str]) -> None:
        self._entries = folders[0].entries
        self._people = people
        self._thumbs = thumbs
        # What a sheet is compared with is of the same people.
        self._others = [{entry.rows: entry for entry in reversed(folder.entries)} for folder in folders[1:]]
        self._sources = _Sources(folders)
        self._sets: dict[tuple[int, ...], int] = {}
        self._extensions: dict[str, int] = {}
        self._views = [_list_views(folders[0].path / view) for view in VIEWS]

    def format_chunks(self) -> Iterator[tuple[str, bytes]]:
        """Names and contents of the scripts; what `describe` gives is whole when all are there."""
        ends = np.cumsum(self._people.counts)
        for first in range(0, len(self._entries), CHUNK):
            last = min(first + CHUNK, len(self._entries))
            listed = range(first, last)
            found = [self._find_sources(self._entries[i]) for i in listed]
            sets = [self._sets.setdefault(tuple(sources), len(self._sets)) for sources, _ in found]
            people = slice(ends[first] - self._people.counts[first], ends[last - 1])
            name = f"sheets-{first // CHUNK}"
            yield (
                name,
                format_script(
                    name,
                    {
                        "keys": [self._entries[i].key for i in listed],
                        "images": [self._shorten(self._entries[i]) for i in listed],
                        "sets": pack_array(narrow_counts(np.array(sets))),
                        # Keys in the other folders, where they are not the same.
                        "others": {str(i): keys for i, (_, keys) in enumerate(found) if keys},
                        "counts": pack_array(narrow_counts(self._people.counts[first:last])),
                        "rows": pack_array(narrow_counts(self._people.rows[people])),
                        "views": pack_array(
                            np.array([self._find_view(self._entries[i]) for i in listed], np.uint8)
                        ),
                        "thumbs": "".join(self._thumbs[first:last]),
                    },
                ),
            )

    def describe(self) -> dict[str, Any]:
        """Sources of files, and which of them sheets have."""
        return {
            "sheets": len(self._entries),
            "people": len(self._people.rows),
            "chunk": CHUNK,
            "sources": self._sources.listed,
            "sets": [list(sources) for sources in self._sets],
            "views": VIEWS,
            "extensions": list(self._extensions),
        }

    def _shorten(self, entry: Entry) -> str | int | None:
        """The image; the number of its extension where else it is called as the sheet, but for the row."""
        stem, dot, extension = (entry.image or "").rpartition(".")
        if f"{stem}_{entry.rows[0]}" != entry.key:
            return entry.image
        return self._extensions.setdefault(dot + extension, len(self._extensions))

    def _find_sources(self, entry: Entry) -> tuple[list[int], dict[str, str]]:
        sources = self._sources.find(0, entry)
        keys: dict[str, str] = {}
        for number, others in enumerate(self._others, start=1):
            other = others.get(entry.rows)
            if other is None:
                continue
            found = self._sources.find(number, other)
            sources += found
            if other.key != entry.key:
                keys |= {str(source): other.key for source in found}
        return sources, keys

    def _find_view(self, entry: Entry) -> int:
        name = f"{entry.key}.html"
        return next((place for place, views in enumerate(self._views, start=1) if name in views), 0)


class _Sources:
    """Which files there are, apart from the keys of sheets: of which folder, with which end of the name."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        self._folders = folders
        self._numbers: dict[tuple[int, str, bool], int] = {}
        self.listed: list[dict[str, Any]] = []
        here = folders[0].path
        self._bases = [_quote_folder(here, folder.path) for folder in folders]

    def find(self, folder: int, entry: Entry) -> list[int]:
        """Numbers of the sources of a sheet's files, what is shown first."""
        return [self._number(folder, suffix, entry) for suffix in sorted(entry.files, key=order_suffix)]

    def _number(self, folder: int, suffix: str, entry: Entry) -> int:
        in_tar = entry.files[suffix].tar is not None
        which = (folder, suffix, in_tar)
        if which not in self._numbers:
            self._numbers[which] = len(self.listed)
            layer = name_layer(suffix)
            path = self._folders[folder].path
            if len(self._folders) > 1:
                layer = path.name if layer == "sheet" else f"{path.name} {layer}"
            source = {"label": _show(layer), "base": self._bases[folder], "suffix": suffix}
            self.listed.append(source | {"kind": find_kind(suffix), "inTar": in_tar, "folder": folder})
        return self._numbers[which]


def _quote_folder(here: Path, path: Path) -> str:
    relative = os.path.relpath(path.resolve(), here.resolve())
    return "" if relative == "." else f"{quote(os.fsencode(relative))}/"


def _list_views(folder: Path) -> set[str]:
    """Names of pages of bodies to turn, below their folder."""
    return {
        os.path.relpath(os.path.join(where, name), folder)
        for where, _, names in os.walk(folder)
        for name in names
        if name.endswith(".html")
    }


def _show(text: str) -> str:
    """A text that may be no UTF-8, as it can be shown."""
    return text.encode("utf-8", "replace").decode()
