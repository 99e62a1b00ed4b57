"""Values of JSON that Python's decoder gives up on: those that are nested deep, and those that are long.

An entry with such a value is to cost no other entry, so its end has to be found without decoding it.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

# What is nested deeper is left out; no key that anybody reads comes near it, and the decoder's limit, which
# depends on how deep its caller is, stays far away.
DEEPEST = 100

# A string, or a quote whose string has no end; or what nests.
_MARK = re.compile(r'"(?:[^"\\]|\\.)*+(?P<end>"?)|[\[\]{}]', re.DOTALL)
_REST_OF_STRING = re.compile(r"""(?:[^"\\]|\\.)*+""", re.DOTALL)
_QUOTE_OR_NEST = re.compile(r'["\[\]{}]')
_END_OF_WORD = re.compile(r"[,\]}\s]")


def decode_shallow(text: str, pos: int) -> tuple[Any, int] | None:
    """Reads a value as `raw_decode` does, without what is nested too deep in it.

    A list or an object that is nested too deep comes out as an empty list, and an integer of too many digits
    as infinity, which is what a number beyond the range of a double is to `json.loads`.

    Args:
        text: That holds the value.
        pos: Where it begins.

    Returns:
        The value and where it ends; None where the text ends before it.

    Raises:
        JSONDecodeError: It is not JSON.
    """
    if text[pos] not in "[{":
        return _decode(text, pos)
    parts: list[str] = []
    depth, start = 0, pos
    for mark in _MARK.finditer(text, pos):
        if mark["end"] == "":
            return None
        if mark[0] in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                parts += [text[start : mark.start()], "[]"]
        elif mark[0] in "]}":
            depth -= 1
            if depth == DEEPEST:
                start = mark.end()
            elif depth == 0:
                parts.append(text[start : mark.end()])
                return _decode("".join(parts), 0)[0], mark.end()
    return None


class ValueEnd:
    """Finds where a value ends whose text comes in pieces; what is in it is not looked at.

    Args:
        first: The first character of the value.
    """

    def __init__(self, first: str) -> None:
        self._is_word = first not in '"[{'
        self._in_string = self._is_escaped = False
        self._depth = 0

    def find(self, text: str, pos: int) -> int | None:
        """Looks for the end in one more piece.

        Args:
            text: The piece.
            pos: Where in it the value begins or goes on.

        Returns:
            The position behind the value; None where it goes on behind the piece.
        """
        if self._is_word:
            end = _END_OF_WORD.search(text, pos)
            return end and end.start()
        while pos < len(text):
            if self._in_string:
                pos = self._leave_string(text, pos)
            else:
                mark = _QUOTE_OR_NEST.search(text, pos)
                if mark is None:
                    return None
                pos = mark.end()
                self._in_string = mark[0] == '"'
                self._depth += (mark[0] in "[{") - (mark[0] in "]}")
            if not self._in_string and self._depth == 0:
                return pos
        return None

    def _leave_string(self, text: str, pos: int) -> int:
        """The position behind the string, or behind what there is of it."""
        rest = _REST_OF_STRING.match(text, pos + self._is_escaped)
        # The pattern matches where nothing is left, too.
        assert rest is not None
        # Nothing, a quote, or half an escape.
        stop = text[rest.end() : rest.end() + 1]
        self._is_escaped = stop == "\\"
        self._in_string = stop != '"'
        return rest.end() + 1


def _parse_int(digits: str) -> int | float:
    most = sys.get_int_max_str_digits()
    return float(digits) if most and len(digits) > most else int(digits)


_decode = json.JSONDecoder(parse_int=_parse_int).raw_decode
