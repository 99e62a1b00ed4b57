"""Values out of JSON: numbers of a known shape, and words for what was found instead."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

_MISSING = object()


class RowFault(Exception):
    """Why an entry is rejected: key, expected, found."""

    def __init__(self, key: str, expected: str, found: str) -> None:
        super().__init__(f"{key}: expected {expected}, found {found}")


def read_numbers(entry: dict, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers under `key`, float64 and of `shape`; raises RowFault where there is anything else.

    A JSON number beyond the range of a double comes out as infinity.
    """
    value = entry.get(key, _MISSING)
    expected = "a number" if shape in ((), (1,)) else f"{'x'.join(map(str, shape))} numbers"
    try:
        flat = value if shape else (value,)
        for _ in shape[1:]:
            flat = chain.from_iterable(flat)
        # numpy would take true, "1.0" and null for numbers.
        strangers = [x for x in flat if type(x) is not float and type(x) is not int]
        if strangers:
            raise RowFault(key, expected, describe(strangers[0] if shape else value))
        numbers = np.array(value, dtype=np.float64)
    except OverflowError:
        raise RowFault(key, expected, "an integer beyond the range of a double") from None
    except (TypeError, ValueError):
        raise RowFault(key, expected, describe(value)) from None
    if numbers.shape != shape:
        raise RowFault(key, expected, "x".join(map(str, numbers.shape)))
    return numbers


def describe(value: Any) -> str:
    """A short description of a JSON value for an error, safe to print whatever it holds."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str():
            return f'the string "{shown(value)}"'
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
        case int() | float():
            return f"the number {value!r:.40}"
        case _:
            return "nothing"


def shown(name: str) -> str:
    """`name` on one line of printable ASCII, shortened."""
    text = ascii(name)[1:-1]
    return text if len(text) <= 200 else f"{text[:200]}..."
