"""Lists of a JSON file, or its outermost object, entry by entry: files of any length in little memory.

Python's own decoder reads each entry out of a window of decoded text, so an entry means what it means to
`json.loads`, NaN and repeated keys included. Only what lies around the entries is read here, and entries that
the decoder gives up on.

It is ours although ijson exists, which is as fast: ijson ends at the first NaN, which Python's encoder
writes, so one such number would cost the whole file instead of its entry.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator
from json.decoder import JSONDecodeError
from typing import Any, BinaryIO, NoReturn

from render.containers.json_skip import ValueEnd, decode_shallow
from render.containers.json_values import Oversized, describe, shown

READ_BYTES = 4 << 20
# What is usually in sight of the decoder, and the longest value that it is ever shown. An entry of EFT has
# some 6,000 characters.
USUAL_CHARS = 1 << 20
LONGEST_CHARS = 4 << 20
# Far beyond any dataset of fits; what is read of each entry must fit into memory together.
MOST_ENTRIES = 2_000_000

# The longest word of JSON is -Infinity, and no escape is longer: what the window cuts fails within so many
# characters of its end.
_CUT_CHARS = 12
_SPACE = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


class JsonFault(Exception):
    """Why there is no such list in the file, in words that follow "expected ...; "."""


class NotJsonError(JsonFault):
    """The file is not JSON throughout: cut short, damaged or of another kind."""


class JsonStream:
    """The text of an open binary file, in UTF-8, 16 or 32.

    Args:
        file: Read from where it is.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        # So many bytes tell the encodings apart, as in `json.loads`.
        self._head = file.read(4)
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(self._head))("surrogatepass")
        self._text = ""
        self._pos = 0
        self._is_end = False
        # What is before the window: bytes that went into the decoder, lines, characters of the last line.
        self._bytes = 0
        self._lines = 0
        self._column = 0

    def read_entries(self, key: str) -> Iterator[Any]:
        """Reads a list of the outermost object, as `read_lists` does.

        Yields:
            Its entries, one at a time.
        """
        for _, entry in self.read_lists(key):
            yield entry

    def read_lists(self, *keys: str, optional: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
        """Reads lists of the outermost object.

        Args:
            *keys: Of the lists.
            optional: Of further lists, which may be missing, empty, or no lists at all.

        Yields:
            The key of the list and one of its entries at a time, in the order of the file. An entry that is
            too long is `Oversized`; of one that is nested too deep, the deep parts are empty; a number of too
            many digits is infinite.

        Raises:
            JsonFault: A list is missing or empty, or is there twice.
            NotJsonError: The file is not JSON, at whatever point of it this shows: entries that have come by
                then count for nothing.
        """
        others: list[str] = []
        counts: dict[str, int] = {}
        for name in self._iterate_keys():
            if name in keys:
                if name in counts:
                    raise JsonFault(f'found the list "{name}" twice')
                counts[name] = 0
                for entry in self._iterate_list(name):
                    counts[name] += 1
                    yield name, entry
            elif self._peek() == "[":
                # COCO's list of photos is too long to be held.
                for entry in self._iterate_list(name):
                    if name in optional:
                        yield name, entry
            else:
                self._read_value()
            # Some of them, for the error where a list is missing.
            if len(others) < 10:
                others.append(name)
        self._finish()
        for key in keys:
            if key not in counts:
                names = ", ".join(f'"{shown(name)}"' for name in others)
                raise JsonFault(f"found the keys {names or 'none'}")
            if not counts[key]:
                raise JsonFault(f'the list "{key}" is empty')

    def read_pairs(self) -> Iterator[tuple[str, Any]]:
        """Reads the outermost object.

        Yields:
            Its keys and values, one at a time, as `read_lists` gives entries; a key that is there twice comes
            twice.

        Raises:
            JsonFault: It is no object, or is empty.
            NotJsonError: The file is not JSON, at whatever point of it this shows: pairs that have come by
                then count for nothing.
        """
        count = 0
        for key in self._iterate_keys():
            if count == MOST_ENTRIES:
                raise JsonFault(f"it has more than {MOST_ENTRIES} entries")
            count += 1
            yield key, self._read_value()
        self._finish()
        if not count:
            raise JsonFault("it has no entries")

    def _iterate_keys(self) -> Iterator[str]:
        """The keys of the outermost object; who takes one reads its value before the next."""
        if self._peek() != "{":
            found = describe(self._read_value())
            self._finish()
            raise JsonFault(f"found {found}")
        self._pos += 1
        if self._peek() == "}":
            self._pos += 1
            return
        while True:
            name = self._read_key()
            self._take(":")
            yield name
            if self._take(",}") == "}":
                return

    def _iterate_list(self, key: str) -> Iterator[Any]:
        if self._peek() != "[":
            raise JsonFault(f'found "{key}" with {describe(self._read_value())}')
        self._pos += 1
        if self._peek() == "]":
            self._pos += 1
            return
        for _ in range(MOST_ENTRIES):
            yield self._read_value()
            if self._take(",]") == "]":
                return
        raise JsonFault(f'the list "{key}" has more than {MOST_ENTRIES} entries')

    def _read_key(self) -> str:
        if self._peek() != '"':
            self._fail("Expecting property name enclosed in double quotes", self._pos)
        # To find its place takes long where keys are many: the window is searched.
        key = self._read_value()
        if isinstance(key, Oversized):
            raise NotJsonError(f"it holds {describe(key)} at {key.place}")
        return key

    def _read_value(self) -> Any:
        self._peek()
        # A value that does not fit into the usual window is read once more, with a larger one.
        for chars in (USUAL_CHARS, LONGEST_CHARS):
            self._fill(chars)
            try:
                value, end = self._decode_here()
            except JSONDecodeError as error:
                # A string that the window cuts fails where it begins.
                is_string = error.msg.startswith("Unterminated string")
                if self._is_end or not (is_string or error.pos + _CUT_CHARS > len(self._text)):
                    self._fail(error.msg, error.pos)
                continue
            # A number at the end of the window may go on behind it: 1 is what is read of "1e+".
            if end + 2 < len(self._text) or self._is_end:
                self._pos = end
                return value
        return self._pass_over()

    def _decode_here(self) -> tuple[Any, int]:
        try:
            return _decode(self._text, self._pos)
        except JSONDecodeError:
            raise
        # Lists nested too deep, and numbers of too many digits.
        except (RecursionError, ValueError):
            found = decode_shallow(self._text, self._pos)
            if found is None:
                # As the decoder has it for other values that the window cuts.
                raise JSONDecodeError(
                    "Unterminated value, nested too deep", self._text, len(self._text)
                ) from None
            return found

    def _pass_over(self) -> Oversized:
        """Goes behind a value without reading it."""
        place = self._place(self._pos)
        value_end = ValueEnd(self._text[self._pos])
        while (end := value_end.find(self._text, self._pos)) is None:
            self._pos = len(self._text)
            if self._is_end:
                raise NotJsonError(
                    f"it holds {describe(Oversized(LONGEST_CHARS, place))} at {place}, without an end"
                )
            self._fill(USUAL_CHARS)
        self._pos = end
        return Oversized(LONGEST_CHARS, place)

    def _take(self, marks: str) -> str:
        """The next character, which must be one of `marks`."""
        found = self._peek()
        if not found or found not in marks:
            self._fail(f"Expecting {' or '.join(map(repr, marks))}", self._pos)
        self._pos += 1
        return found

    def _finish(self) -> None:
        if self._peek():
            self._fail("Extra data", self._pos)

    def _peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        while True:
            space = _SPACE.match(self._text, self._pos)
            # The pattern matches where there is no space, too.
            assert space is not None
            self._pos = space.end()
            if self._pos < len(self._text) or self._is_end:
                return self._text[self._pos : self._pos + 1]
            self._fill(1)

    def _fill(self, chars: int) -> None:
        """Brings so many characters into sight from the current one on, or all that there are."""
        if self._is_end or len(self._text) - self._pos >= chars:
            return
        passed = self._text[: self._pos]
        self._lines += passed.count("\n")
        self._column = len(passed) - passed.rfind("\n") - 1 if "\n" in passed else self._column + len(passed)
        parts = [self._text[self._pos :]]
        self._pos = 0
        sight = len(parts[0])
        while sight < chars and not self._is_end:
            content = self._head or self._file.read(READ_BYTES)
            self._head, self._is_end = b"", not content
            try:
                parts.append(self._decoder.decode(content, final=self._is_end))
            except UnicodeDecodeError as error:
                # What the decoder was at ends with the content; it may begin before it, or behind a mark.
                place = self._bytes + len(content) - len(error.object) + error.start
                raise NotJsonError(f"it is not JSON: byte {place} is not {error.encoding} text") from error
            self._bytes += len(content)
            sight += len(parts[-1])
        self._text = "".join(parts)

    def _place(self, pos: int) -> str:
        line_start = self._text.rfind("\n", 0, pos)
        column = pos - line_start if line_start >= 0 else self._column + pos + 1
        line = self._lines + self._text.count("\n", 0, pos) + 1
        return f"line {line}, column {column}"

    def _fail(self, what: str, pos: int) -> NoReturn:
        is_cut = self._is_end and pos >= len(self._text.rstrip())
        cut = " (the file ends there: it was cut short)" if is_cut else ""
        raise NotJsonError(f"it is not JSON: {what} at {self._place(pos)}{cut}")
