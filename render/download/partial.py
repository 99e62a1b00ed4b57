"""What has come of a download: a hidden file beside its target, which a later call can go on with."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from render.download.place import disk_errors
from render.errors import DownloadError


@dataclass(frozen=True)
class Origin:
    """What is downloaded.

    Attributes:
        url: Its address.
        version: The server's name for it, if it has one: a strong ETag, else the time of the last change.
        total: Its bytes, if known.
    """

    url: str
    version: str | None = None
    total: int | None = None


class PartialFile:
    """The file `.NAME.part`, locked, and `.NAME.part.json` with what it is a part of.

    Args:
        target: Where the whole file is to go; the part is, or will be, beside it.
        url: Of the whole file; a part of anything else is as good as empty.

    Attributes:
        path: Of the part.
        size: Bytes that have come.
        origin: What they are a part of.

    Raises:
        DownloadError: The part cannot be opened, or another process has it.
    """

    def __init__(self, target: Path, url: str) -> None:
        self.path = target.with_name(f".{target.name}.part")
        self._note_path = target.with_name(f".{target.name}.part.json")
        with disk_errors(self.path):
            target.parent.mkdir(parents=True, exist_ok=True)
            # It stays open, and so locked, until `close`.
            self._file = open(self.path, "r+b", buffering=0, opener=_open_or_make)  # noqa: SIM115
        try:
            self._lock()
            self.size = os.fstat(self._file.fileno()).st_size
            self.origin = self._read_note()
        except BaseException:
            self._file.close()
            raise
        if self.origin.url != url or self.size > (self.origin.total or self.size):
            self.origin = Origin(url)

    @property
    def start(self) -> int:
        """The first byte to ask for: what has come is of use only if the rest can be told to belong to it."""
        return self.size if self.origin.version or self.origin.total else 0

    @property
    def is_whole(self) -> bool:
        """Whether all has come; never, where the total is not known."""
        return self.size == self.origin.total

    def restart(self, origin: Origin) -> None:
        """Empties the file and notes what will come into it.

        Args:
            origin: Of what will come.

        Raises:
            DownloadError: It cannot be written.
        """
        with disk_errors(self.path):
            # Before the note is written: bytes must never be taken for a part of something else.
            self._file.truncate(0)
            self.size, self.origin = 0, origin
            with open(self._note_path, "w", opener=_open_or_make) as file:
                json.dump(asdict(origin), file)

    def append(self, data: bytes) -> None:
        """Adds what has come.

        Args:
            data: Bytes that follow those that are there.

        Raises:
            DownloadError: They cannot be written.
        """
        with disk_errors(self.path):
            self._file.seek(self.size)
            view = memoryview(data)
            # A write without a buffer may take only some of the bytes.
            while len(view):
                written = self._file.write(view)
                self.size += written
                view = view[written:]

    def remove(self) -> None:
        """Removes what still has these names."""
        with disk_errors(self.path):
            self.path.unlink(missing_ok=True)
            self._note_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the file, and keeps it if there is anything in it."""
        if not self.size:
            self.remove()
        self._file.close()

    def _lock(self) -> None:
        """Makes sure that this is a file, and that no other process writes it or has just moved it away."""
        with disk_errors(self.path):
            opened = os.fstat(self._file.fileno())
            if not stat.S_ISREG(opened.st_mode):
                raise DownloadError(f"{self.path}: expected a file or none. Remove what is there.")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Before the lock was ours, another process may have moved the file to its target.
                is_ours = os.path.samestat(opened, os.lstat(self.path))
            except (BlockingIOError, FileNotFoundError):
                is_ours = False
        if not is_ours:
            raise DownloadError(f"{self.path}: another download of this file is under way. Wait for its end.")

    def _read_note(self) -> Origin:
        try:
            with open(self._note_path, opener=_open_only) as file:
                origin = Origin(**json.load(file))
            kinds = (str, str | None, int | None)
            fits = all(map(isinstance, (origin.url, origin.version, origin.total), kinds))
        # Whatever is wrong with it, the download can start anew.
        except (OSError, ValueError, TypeError, RecursionError):
            fits = False
        return origin if fits else Origin("")


# Nobody may make us read or write elsewhere by a link, or wait for ever by a pipe.
def _open_only(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _open_or_make(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
