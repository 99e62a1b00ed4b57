"""The stack of pickle's machine, and the values that stand in a pickle as they are: numbers, texts, bytes."""

from __future__ import annotations

import codecs
import struct
from typing import Any

from render.containers.errors import ContainerError

FLOAT = struct.Struct(">d").unpack_from


class LiteralStack:
    """Reads values and puts them onto a stack; strings of Python 2 are read as latin-1.

    Args:
        data: That holds the pickle.
        pos: Where in it the pickle begins.
    """

    def __init__(self, data: bytes, pos: int) -> None:
        self.data, self.pos = data, pos
        self.stack: list[Any] = []
        self.marks: list[int] = []

    def take(self, size: int) -> bytes:
        """The next bytes of the data."""
        start, end = self.pos, self.pos + size
        # Of lengths with a sign.
        if size < 0:
            raise ContainerError("the pickle claims a negative length")
        if end > len(self.data):
            raise ContainerError("the pickle is cut short: it ends inside of a value")
        self.pos = end
        return self.data[start:end]

    def pop(self) -> Any:
        """Takes the value on top of the stack."""
        # What lies below a mark belongs to whoever set it.
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise ContainerError("the pickle takes from an empty stack")
        return self.stack.pop()

    def pop_kind(self, kind: type) -> Any:
        """Takes the value on top of the stack, which must be exactly a `kind`."""
        value = self.pop()
        if type(value) is not kind:
            raise ContainerError(f"the pickle uses a {type(value).__name__} as a {kind.__name__}")
        return value

    def pop_marked(self) -> list[Any]:
        """Takes what lies above the last mark, and the mark."""
        if not self.marks:
            raise ContainerError("the pickle takes up to a mark that it did not set")
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def _top(self) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise ContainerError("the pickle takes from an empty stack")
        return self.stack[-1]

    def _top_kind(self, kind: type) -> Any:
        value = self._top()
        if type(value) is not kind:
            raise ContainerError(f"the pickle uses a {type(value).__name__} as a {kind.__name__}")
        return value

    def _number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def _line(self) -> bytes:
        end = self.data.find(b"\n", self.pos)
        if end < 0:
            raise ContainerError("the pickle is cut short: it ends inside of a line")
        line = self.take(end - self.pos)
        self.pos += 1
        return line

    def _none(self) -> None:
        self.stack.append(None)

    def _true(self) -> None:
        self.stack.append(True)

    def _false(self) -> None:
        self.stack.append(False)

    def _int(self) -> None:
        line = self._line()
        # Protocol 0 has truth values as integers of two digits.
        self.stack.append(line == b"01" if line in (b"00", b"01") else int(line))

    def _binint(self) -> None:
        self.stack.append(self._number(4, signed=True))

    def _binint2(self) -> None:
        self.stack.append(self._number(2))

    def _long(self) -> None:
        self.stack.append(int(self._line().removesuffix(b"L")))

    def _long1(self) -> None:
        self.stack.append(self._number(self._number(1), signed=True))

    def _long4(self) -> None:
        self.stack.append(self._number(self._number(4, signed=True), signed=True))

    def _float(self) -> None:
        self.stack.append(float(self._line()))

    def _string(self) -> None:
        # Python 2 puts the bytes of arrays into these.
        quoted = self._line().rstrip()
        if len(quoted) < 2 or quoted[:1] not in (b"'", b'"') or quoted[:1] != quoted[-1:]:
            raise ContainerError("the pickle holds a string without its quotes")
        # Not documented, but it is what pickle reads these strings with.
        self.stack.append(codecs.escape_decode(quoted[1:-1])[0].decode("latin-1"))

    def _binstring(self) -> None:
        self.stack.append(self.take(self._number(4, signed=True)).decode("latin-1"))

    def _short_binstring(self) -> None:
        self.stack.append(self.take(self._number(1)).decode("latin-1"))

    def _unicode(self) -> None:
        self.stack.append(self._line().decode("raw-unicode-escape"))

    def _text(self, length_bytes: int) -> None:
        self.stack.append(self.take(self._number(length_bytes)).decode("utf-8", "surrogatepass"))

    def _binunicode(self) -> None:
        self._text(4)

    def _binunicode8(self) -> None:
        self._text(8)

    def _short_binbytes(self) -> None:
        self.stack.append(self.take(self._number(1)))

    def _binbytes(self) -> None:
        self.stack.append(self.take(self._number(4)))

    def _binbytes8(self) -> None:
        self.stack.append(self.take(self._number(8)))

    def _empty_tuple(self) -> None:
        self.stack.append(())
