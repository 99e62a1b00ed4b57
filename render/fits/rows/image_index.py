"""The images of a fit file by what people call them: with or without their folders and extension."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import PurePosixPath

# Of which one is suggested; more of them would take seconds.
_MOST_COMPARED = 5000


class ImageIndex:
    """Finds images by name.

    Args:
        names: Of the images, relative to their folder; each may come several times.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)

    def find(self, name: str) -> str | None:
        """The one image of that name, None if there is no such one.

        That is the image that is called so, or the only one whose last parts are these, with or without its
        extension.

        Args:
            name: As somebody writes it.

        Raises:
            ValueError: There are several; the message tells two.
        """
        if name in self._names:
            return name
        path = PurePosixPath(name)
        found = [one for one in self._by_file.get(path.name, ()) if _is_tail(PurePosixPath(one), path)]
        found = found or [
            one
            for one in self._by_stem.get(path.name, ())
            if _is_tail(PurePosixPath(one).with_suffix(""), path)
        ]
        if len(found) > 1:
            raise ValueError(
                f"{len(found)} images are called {name!r}, such as {found[0]!r} and {found[1]!r}; name its "
                f"folder"
            )
        return found[0] if found else None

    def match(self, pattern: str) -> list[str]:
        """The images whose name, or its last part, a pattern fits.

        Args:
            pattern: With * for any letters and ? for any one; everything else stands for itself.
        """
        # Its brackets would stand for sets of letters.
        fits = re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match
        if "/" in pattern:
            return [name for name in self._names if fits(name)]
        return [name for name in self._names if fits(PurePosixPath(name).name)]

    def suggest(self, name: str) -> str:
        """What else may be meant, or what names look like."""
        some = list(self._names)[:_MOST_COMPARED]
        close = get_close_matches(name[:255], some, n=1)
        if close:
            return f"did you mean {close[0]!r}?"
        return f"names are such as {some[0]!r}" if some else "no entry names an image"

    @cached_property
    def _by_file(self) -> dict[str, list[str]]:
        return _group((PurePosixPath(name).name, name) for name in self._names)

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        return _group((PurePosixPath(name).stem, name) for name in self._names)


def _is_tail(one: PurePosixPath, other: PurePosixPath) -> bool:
    """Whether the shorter of two paths is the end of the longer."""
    count = min(len(one.parts), len(other.parts))
    return one.parts[-count:] == other.parts[-count:]


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, name in pairs:
        found.setdefault(key, []).append(name)
    return found
