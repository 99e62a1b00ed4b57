"""What has come of a download: a hidden file beside its target, which a later call can go on with."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from render.download.place import disk_errors
from render.errors import DownloadError
from render.files.regular import IrregularFileError

MOST_NOTE_BYTES = 1 << 16
# As http.client and JSON both take it.
_VERSION = re.compile("[ -~]{1,256}")


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


def is_version(name: object) -> bool:
    """Whether it is a line of printable ASCII, not too long: no server can be told anything else."""
    return isinstance(name, str) and _VERSION.fullmatch(name) is not None


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
            try:
                self.origin = self._read_note()
            except DownloadError:
                if not self.size:
                    self.path.unlink()
                raise
        except BaseException:
            self._file.close()
            raise
        total = self.origin.total
        if self.origin.url != url or (total is not None and self.size > total):
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
        with disk_errors(self._note_path), open(self._note_path, "w", opener=_open_or_make) as file:
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
        """Makes sure that no other process writes it or has just moved it away."""
        with disk_errors(self.path):
            opened = os.fstat(self._file.fileno())
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Before the lock was ours, another process may have moved the file to its target.
                is_ours = os.path.samestat(opened, os.lstat(self.path))
            except (BlockingIOError, FileNotFoundError):
                is_ours = False
        if not is_ours:
            raise DownloadError(f"{self.path}: another download of this file is under way. Wait for its end.")

    def _read_note(self) -> Origin:
        with disk_errors(self._note_path):
            try:
                with open(self._note_path, "rb", opener=_open_checked) as file:
                    note = file.read(MOST_NOTE_BYTES)
            except FileNotFoundError:
                return Origin("")
        try:
            origin = Origin(**json.loads(note))
        # Whatever is wrong with it, the download can start anew.
        except (ValueError, TypeError, RecursionError):
            return Origin("")
        fits = (
            isinstance(origin.url, str)
            and (origin.version is None or is_version(origin.version))
            # Not True, which is an integer, too.
            and (origin.total is None or (type(origin.total) is int and 0 <= origin.total < 10**18))
        )
        return origin if fits else Origin("")


def _open_or_make(path: str, flags: int) -> int:
    return _open_checked(path, flags | os.O_CREAT)


def _open_checked(path: str, flags: int) -> int:
    """As `open_regular` does it, also to write, and without following links: nobody may lead us elsewhere."""
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    except OSError as error:
        # A socket, or a pipe that nobody reads.
        if error.errno == errno.ENXIO:
            raise IrregularFileError(error.errno, error.strerror, path) from error
        raise
    mode = os.fstat(descriptor).st_mode
    # Folders are refused by `open` itself.
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return descriptor
    os.close(descriptor)
    raise IrregularFileError(errno.EINVAL, "Not a regular file", path)
