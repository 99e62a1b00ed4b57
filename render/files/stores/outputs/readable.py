"""A part of an object store that is read by names."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, cast

from render.files.output import JOURNAL_ENDING
from render.files.stores.outputs.journal import list_pieces, read_pieces
from render.files.stores.outputs.objects import Objects
from render.files.stores.outputs.sizes import Sizes

# Of a long file that is read from its begin to its end.
_PART_BYTES = 8 << 20
_READ_AT_ONCE = 16


class ReadableStore:
    """What lies below a URL; see `Readable`.

    Args:
        objects: What lies there.
    """

    has_whole_files = True
    reads_at_once = _READ_AT_ONCE

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._sizes = Sizes(objects)

    def locate(self, name: str = "") -> str:
        """What messages call an object, or the URL itself."""
        return self._objects.locate(name)

    def measure(self, name: str) -> int | None:
        """The length of an object in bytes; None where there is none.

        Raises:
            OutputError: The store cannot be asked.
        """
        return self._sizes.find(name)

    def open(self, name: str) -> BinaryIO:
        """An object to be read; that it is not there is said when it is."""
        return cast(BinaryIO, _ObjectReader(self._objects, name))

    def read_lines(self, name: str, longest: int) -> Iterator[bytes]:
        """The lines of an object or of a journal, cut after `longest` bytes; none where it is not there.

        Raises:
            OutputError: It cannot be read.
        """
        if name.endswith(JOURNAL_ENDING):
            for piece in read_pieces(self._objects, list_pieces(self._objects, name)):
                yield from iter(partial(io.BytesIO(piece).readline, longest), b"")
            return
        try:
            with io.BufferedReader(_ObjectReader(self._objects, name), _PART_BYTES) as file:
                yield from iter(partial(file.readline, longest), b"")
        except FileNotFoundError:
            return

    def read_end(self, name: str, length: int) -> bytes:
        """The last bytes of an object or of a journal, at most `length`.

        Raises:
            FileNotFoundError: It is not there.
            OutputError: It cannot be read.
        """
        if name.endswith(JOURNAL_ENDING):
            end = b""
            for piece in reversed(list_pieces(self._objects, name)):
                if len(end) >= length:
                    break
                end = next(read_pieces(self._objects, [piece])) + end
            return end[-length:]
        with self.open(name) as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - length))
            return file.read()

    def list_names(self, prefix: str) -> list[str]:
        """The names of all objects and journals right at the URL that begin so, in no order.

        Raises:
            OutputError: They cannot be listed.
        """
        found = (name.partition("/") for name in self._objects.list_beginning(prefix))
        return list({first for first, slash, _ in found if not slash or first.endswith(JOURNAL_ENDING)})


class _ObjectReader(io.RawIOBase):
    """An object as a file: a request for each reading, which asks for as much as is read."""

    def __init__(self, objects: Objects, name: str) -> None:
        self._objects, self._name = objects, name
        self._position = 0
        self._size: int | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        self._position = offset + (self._find_size() if base is None else base)
        return self._position

    def readinto(self, buffer: Any) -> int:
        is_at_end = self._size is not None and self._position >= self._size
        if is_at_end or not len(buffer):
            return 0
        part, self._size = self._objects.get_part(self._name, self._position, len(buffer))
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def readall(self) -> bytes:
        found = bytearray()
        while part := self.read(_PART_BYTES):
            found += part
        return bytes(found)

    def _find_size(self) -> int:
        size = self._objects.measure(self._name)
        if size is None:
            raise FileNotFoundError(f"{self._objects.locate(self._name)}: there is no such object")
        self._size = size
        return size
