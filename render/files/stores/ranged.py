"""Parts of files: of those on the disk and of those at URLs, by one way to read them."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from render.errors import StoreError
from render.files.digest import hash_bytes
from render.files.regular import open_regular
from render.files.stores.explain import explain_store_error
from render.files.stores.open import open_store
from render.files.stores.urls import StoreUrl

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

# So many hexadecimal digits of a hash that they are a number of 60 bits.
_DIGITS = 15
_NANOSECONDS = 1_000_000_000


class RangedFile(Protocol):
    """A file of which parts are read, from any thread.

    Attributes:
        shown: Its path or URL, for messages.
        size: Its length in bytes, when it was opened.
        modified_ns: Another number where the file is another: the time of its last change in nanoseconds; at
            a URL as `date_object` has it.
        is_remote: Whether each reading waits for a network.
    """

    shown: str
    size: int
    modified_ns: int
    is_remote: bool

    def read_at(self, offset: int, length: int) -> bytes:
        """A part of it, whole.

        Args:
            offset: Where it begins.
            length: In bytes; the part must lie inside of the file.

        Raises:
            StoreError: It cannot be read, or the file has changed.
        """

    def close(self) -> None:
        """Closes what is open."""


class LocalFile:
    """A file of the disk, open.

    Args:
        path: Of the file.

    Raises:
        StoreError: It cannot be opened.
    """

    is_remote = False

    def __init__(self, path: Path) -> None:
        self.shown = str(path)
        try:
            self._file = open_regular(path)
            status = os.fstat(self._file.fileno())
        except FileNotFoundError:
            raise StoreError(f"{path}: there is no such file.") from None
        except OSError as error:
            raise self._explain(error) from error
        self.size, self.modified_ns = status.st_size, status.st_mtime_ns

    def read_at(self, offset: int, length: int) -> bytes:
        """A part of the file; see `RangedFile`."""
        content = b""
        try:
            # Linux reads at most 2 GiB at once, and file systems of a network less.
            while len(content) < length:
                part = os.pread(self._file.fileno(), length - len(content), offset + len(content))
                if not part:
                    raise StoreError(f"{self.shown}: the file became shorter during the run; run again.")
                content = content + part if content else part
        except OSError as error:
            raise self._explain(error) from error
        return content

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _explain(self, error: OSError) -> StoreError:
        reason = error.strerror or str(error)
        return StoreError(f"{self.shown}: it cannot be read ({reason}). Check its permissions and the disk.")


class ObjectFile:
    """A file at a URL, of which parts are asked for as the file was when it was opened.

    Args:
        store: Of the folder that it is in.
        url: Of the file.
        meta: What the store says of it.
    """

    is_remote = True

    def __init__(self, store: ObjectStore, url: StoreUrl, meta: ObjectMeta) -> None:
        self.shown = str(url)
        self.size, self.modified_ns = meta["size"], date_object(meta)
        self._store, self._url = store, url
        tag = meta["e_tag"]
        # Servers compare weak ones with nothing.
        self._condition: dict[str, Any] = {} if tag is None or tag.startswith("W/") else {"if_match": tag}

    def read_at(self, offset: int, length: int) -> bytes:
        """A part of the file; see `RangedFile`."""
        if not length:
            return b""
        import obstore

        options: Any = {"range": (offset, offset + length), **self._condition}
        try:
            content = bytes(obstore.get(self._store, self._url.name, options=options).bytes())
        except obstore.exceptions.PreconditionError:
            raise StoreError(f"{self.shown}: the file changed during the run; run again.") from None
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise StoreError(explain_store_error(self._url, error)) from None
        if len(content) != length:
            raise StoreError(f"{self.shown}: the server gave {len(content)} bytes instead of {length}.")
        return content

    def close(self) -> None:
        """Nothing stays open."""


def open_object(url: StoreUrl, store: ObjectStore | None = None) -> ObjectFile:
    """Opens a file at a URL, by one request.

    Args:
        url: Of the file.
        store: Of its folder, where it is open already.

    Raises:
        StoreError: It is not there, or cannot be reached.
    """
    store = open_store(url.parent) if store is None else store
    import obstore

    try:
        return ObjectFile(store, url, obstore.head(store, url.name))
    except (obstore.exceptions.BaseError, OSError, ValueError) as error:
        raise StoreError(explain_store_error(url, error)) from None


def date_object(meta: ObjectMeta) -> int:
    """A number that is another where what lies at a URL has changed.

    It is of the tag that the store gave to this content, as far as there is one: a time in whole seconds
    would not tell two changes in one second from each other. Else it is the time of the last change, in
    nanoseconds.
    """
    if meta["e_tag"]:
        return int(hash_bytes(meta["e_tag"].encode())[:_DIGITS], 16)
    return int(meta["last_modified"].timestamp()) * _NANOSECONDS


class Window(io.RawIOBase):
    """A part of a file as a file of its own, for programs that read files.

    Args:
        file: Of which it is a part.
        offset: Where it begins.
        length: In bytes.
    """

    def __init__(self, file: RangedFile, offset: int, length: int) -> None:
        self._file, self._offset, self._length = file, offset, length
        self._position = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it is read from next."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to where it is read from next."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Reads as much as fits."""
        length = min(len(buffer), max(0, self._length - self._position))
        buffer[:length] = self._file.read_at(self._offset + self._position, length)
        self._position += length
        return length
