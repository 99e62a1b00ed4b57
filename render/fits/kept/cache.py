"""Files that have been read, kept as arrays: a second start maps them instead of reading JSON again.

An entry is a folder in the user's cache folder, named by the SHA-256 of the file's content and of the code
that reads it. So a file that changed, or code that reads it otherwise, finds no entry.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from render.files.digest import hash_bytes, hash_file
from render.resources import find_cache_dir, may_keep

# Files of other rooms, and a whole room, that decide what is read.
READ_WITH = ("containers", "files/image_names.py", "types/fits.py", "types/sources.py")
# Smaller files are read faster than anyone would notice.
LEAST_BYTES = 4 << 20
# Those that were used last; the largest of EFT takes 130 MB.
MOST_KEPT = 20
# On an entry.
LONGEST_WORK_S = 3600
_UNFINISHED = ".tmp"

T = TypeVar("T")

log = logging.getLogger("render")


class Cache:
    """The entry of one file in the cache; of none, where the file is small or cannot be read.

    Args:
        path: Of the file.
        kind: What reads it: the name of a fit format, or of another kind of file.
        package: Name and version of the package that brings what reads it; empty for ours.
    """

    def __init__(self, path: Path, kind: str, package: str = "") -> None:
        self._path = path
        self._folder = self._find_folder(kind, package)

    def load(self, read: Callable[[Path], T]) -> T | None:
        """What `save` was given; None if there is no whole entry.

        Args:
            read: Reads it from the entry's folder. It checks what it finds as it would check a file of a
                stranger, and raises whatever exception if that is not what was kept.
        """
        if self._folder is None or not os.path.lexists(self._folder):
            return None
        try:
            found = read(self._folder)
        # Whatever a damaged entry makes of itself, it can be made anew.
        except Exception as error:
            log.warning("fits: what is kept in %s is damaged (%s) and made anew", self._folder, error)
            if may_keep():
                _remove(self._folder)
            return None
        # The time of its last use decides how long it is kept. One that may only be read is as good.
        if may_keep():
            with contextlib.suppress(OSError):
                os.utime(self._folder)
        return found

    def save(self, write: Callable[[Path], None]) -> None:
        """Keeps what was read, unless the file has changed meanwhile.

        Where nothing can be kept, the next start reads the file again: no error.

        Args:
            write: Writes it into the entry's folder, or raises ValueError if it is not to be kept.
        """
        if self._folder is None or not may_keep():
            return
        unfinished = self._folder.with_name(f".{secrets.token_hex(8)}{_UNFINISHED}")
        try:
            unfinished.mkdir(parents=True)
            write(unfinished)
            if self._folder.name.endswith(hash_file(self._path)):
                # Another run may have come first; its entry is not replaced.
                with contextlib.suppress(OSError):
                    unfinished.rename(self._folder)
            _prune(self._folder.parent)
        except (OSError, ValueError) as error:
            log.info("fits: not kept for the next start: %s", error)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _find_folder(self, kind: str, package: str) -> Path | None:
        try:
            if not self._path.is_file() or self._path.stat().st_size < LEAST_BYTES:
                return None
            return find_cache_dir() / "fits" / f"{kind}-{_hash_reader(package)[:8]}-{hash_file(self._path)}"
        except OSError:
            return None


def _hash_reader(package: str) -> str:
    """Of the code that reads files: ours, and the name and version of a package that brings its own."""
    room = Path(__file__).parents[1]
    sources = [room, *(room.parent / name for name in READ_WITH)]
    sources = [path for source in sources for path in (sorted(source.rglob("*.py")) or [source])]
    return hash_bytes(*(path.read_bytes() for path in sources), package.encode())


def _prune(folder: Path) -> None:
    """Removes all but the entries that were used last, and what a run has long not finished."""
    used = {path: path.lstat().st_mtime for path in folder.iterdir()}
    unfinished = {path for path in used if path.name.endswith(_UNFINISHED)}
    for old in sorted(used.keys() - unfinished, key=used.__getitem__)[:-MOST_KEPT]:
        _remove(old)
    for path in unfinished:
        # Others may be at work.
        if time.time() - used[path] > LONGEST_WORK_S:
            _remove(path)


def _remove(path: Path) -> None:
    """Whatever it is; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
