"""Which picture a mesh belongs to, told from the names of both."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".jp2", ".avif")
# COCO's largest folder has 123,000.
MOST_PICTURES = 500_000
_NUMBER = re.compile(r"(\d{1,9})$")


class Stems:
    """Names without their suffix, and the one that another name begins with.

    A mesh is named as its picture and something more: IMG_0.obj is the first person of IMG.jpg. Of several
    such pictures it is the one with the longest name. What follows in the mesh's name is no letter and no
    digit, so that img10_0 is not a person of img1.

    Args:
        names: By which what is found is asked for, and what it is.
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._found: dict[str, list[str]] = {}
        for stem, value in names:
            self._found.setdefault(stem, []).append(value)

    def __len__(self) -> int:
        return sum(map(len, self._found.values()))

    def find(self, stem: str) -> tuple[str, list[str]] | None:
        """The longest name that `stem` begins with, and what it stands for: one, or several of one name."""
        for length in range(len(stem), 0, -1):
            if length < len(stem) and stem[length].isalnum():
                continue
            if (values := self._found.get(stem[:length])) is not None:
                return stem[:length], values
        return None


class Pictures:
    """The pictures below a folder.

    Args:
        image_dir: The folder; None where it is not known, then nothing is found.
    """

    def __init__(self, image_dir: Path | None) -> None:
        self._names = [] if image_dir is None else _list_pictures(image_dir)
        self._stems = Stems((PurePosixPath(name).stem, name) for name in self._names)
        self._all = set(self._names)
        self.is_known = image_dir is not None

    def find(self, stem: str) -> tuple[str, int]:
        """The picture of a mesh, as an image name, and the number of the person, -1 for none.

        Args:
            stem: The mesh's name without its suffix.

        Raises:
            LookupError: There is none, or there are several; the message is the end of a sentence.
        """
        found = self._stems.find(stem)
        if found is None:
            raise LookupError(f"no picture below the image folder has a name that {stem[:80]!r} begins with")
        begin, names = found
        if len(names) > 1:
            raise LookupError(f"{len(names)} pictures have the name {begin[:80]!r}: {names[0]}, {names[1]}")
        return names[0], read_person(stem[len(begin) :])

    def only(self) -> str | None:
        """The only picture, None where there is another number of them."""
        return self._names[0] if len(self._names) == 1 else None

    def match_path(self, path: str) -> str:
        """The image name for a path on another computer: its longest end that is there, or its last part."""
        parts = path.replace("\\", "/").split("/")
        ends = ("/".join(parts[k:]) for k in range(len(parts)))
        return next((end for end in ends if end in self._all), parts[-1])


def read_person(rest: str) -> int:
    """The number at the end of what a mesh's name has beside its picture's, -1 for none."""
    match = _NUMBER.search(rest)
    return int(match[1]) if match else -1


def _list_pictures(image_dir: Path) -> list[str]:
    names: list[str] = []
    for folder, folders, files in os.walk(image_dir):
        folders.sort()
        inside = Path(folder).relative_to(image_dir)
        names += [
            (inside / name).as_posix()
            for name in sorted(files)
            if name.lower().endswith(PICTURES) and not name.startswith(".")
        ]
        if len(names) > MOST_PICTURES:
            break
    return names[:MOST_PICTURES]
