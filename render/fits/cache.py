"""Fit files that have been read, kept as arrays: a second start maps them instead of reading JSON again.

An entry is a folder of `.npy` files in the user's cache folder, named by the SHA-256 of the fit file's
content and of the code that reads it. So a file that changed, or code that reads it otherwise, finds no
entry. Nothing in an entry is trusted before its hash is the one that was written with it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import shutil
import time
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from render.files.digest import hash_bytes, hash_file
from render.fits.reader import READERS
from render.types.fits import FitTable, RowProblem

# Files of other rooms that decide what is read.
READ_WITH = ("files/image_names.py", "types/fits.py")
# Smaller files are read faster than anyone would notice.
LEAST_BYTES = 4 << 20
# Those that were used last; the largest of EFT takes 130 MB.
MOST_KEPT = 20
# On an entry.
LONGEST_WORK_S = 3600
_UNFINISHED = ".tmp"
_COLUMNS = tuple(field.name for field in fields(FitTable) if field.name != "image_name")
_NAMES, _PROBLEMS, _HASHES = "image_name.txt", "problems.json", "sha256.json"

log = logging.getLogger("render")


class FitCache:
    """The entry of one fit file in the cache; of none, where the file is small or cannot be read.

    Args:
        path: Of the fit file.
        fit_format: Its format, one of READERS.
    """

    def __init__(self, path: Path, fit_format: str) -> None:
        self._path = path
        self._folder = self._find_folder(fit_format)

    def load(self) -> tuple[FitTable, list[RowProblem]] | None:
        """What `save` was given, in arrays that are mapped from files; None if there is no whole entry."""
        if self._folder is None or not os.path.lexists(self._folder):
            return None
        try:
            found = _load(self._folder)
        # Whatever a damaged entry makes of itself, it can be made anew.
        except Exception as error:
            log.warning("fits: what is kept in %s is damaged (%s) and made anew", self._folder, error)
            _remove(self._folder)
            return None
        # The time of its last use decides how long it is kept. One that may only be read is as good.
        with contextlib.suppress(OSError):
            os.utime(self._folder)
        return found

    def save(self, fits: FitTable, problems: list[RowProblem]) -> None:
        """Keeps what was read, unless the file has changed meanwhile.

        Where nothing can be kept, the next start reads the file again: no error.

        Args:
            fits: The valid rows.
            problems: The other entries.
        """
        if self._folder is None:
            return
        unfinished = self._folder.with_name(f".{secrets.token_hex(8)}{_UNFINISHED}")
        try:
            unfinished.mkdir(parents=True)
            _save(unfinished, fits, problems)
            if self._folder.name.endswith(hash_file(self._path)):
                # Another run may have come first; its entry is not replaced.
                with contextlib.suppress(OSError):
                    unfinished.rename(self._folder)
            _prune(self._folder.parent)
        except OSError as error:
            log.info("fits: not kept for the next start: %s", error)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _find_folder(self, fit_format: str) -> Path | None:
        try:
            if not self._path.is_file() or self._path.stat().st_size < LEAST_BYTES:
                return None
            return find_cache_dir() / f"{fit_format}-{_hash_reader(fit_format)[:8]}-{hash_file(self._path)}"
        # The second: nobody's home is known.
        except (OSError, RuntimeError):
            return None


def _hash_reader(fit_format: str) -> str:
    """Of the code that reads a format: ours, and the name and version of a package that brings its own."""
    room = Path(__file__).parent
    sources = [*sorted(room.rglob("*.py")), *(room.parent / name for name in READ_WITH)]
    package = READERS.identify(fit_format) or ""
    return hash_bytes(*(path.read_bytes() for path in sources), package.encode())


def find_cache_dir() -> Path:
    """Where entries are: in $XDG_CACHE_HOME, by default ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smpl-render" / "fits"


def _save(folder: Path, fits: FitTable, problems: list[RowProblem]) -> None:
    for column in _COLUMNS:
        np.save(folder / f"{column}.npy", getattr(fits, column), allow_pickle=False)
    # No name holds a line break.
    (folder / _NAMES).write_text("\n".join(fits.image_name), encoding="utf-8", newline="")
    (folder / _PROBLEMS).write_text(json.dumps([asdict(problem) for problem in problems]))
    hashes = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
    (folder / _HASHES).write_text(json.dumps(hashes))


def _load(folder: Path) -> tuple[FitTable, list[RowProblem]]:
    hashes = json.loads((folder / _HASHES).read_text())
    for name in (*(f"{column}.npy" for column in _COLUMNS), _NAMES, _PROBLEMS):
        if hash_file(folder / name) != hashes[name]:
            raise ValueError(f"{name} has changed")
    columns = {
        column: np.load(folder / f"{column}.npy", mmap_mode="r", allow_pickle=False) for column in _COLUMNS
    }
    names = (folder / _NAMES).read_bytes().decode().split("\n")
    problems = [RowProblem(**problem) for problem in json.loads((folder / _PROBLEMS).read_text())]
    return FitTable(image_name=np.array(names, dtype=object), **columns), problems


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
