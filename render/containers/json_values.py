"""Values out of JSON: numbers of a known shape, and words for what was found instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

# Not None, which is what null is read as.
_MISSING = object()


class RowFault(Exception):
    """Why an entry is rejected.

    Args:
        key: Where in the entry.
        expected: What should be there.
        found: What is there.
    """

    def __init__(self, key: str, expected: str, found: str) -> None:
        super().__init__(f"{key}: expected {expected}, found {found}")


@dataclass(frozen=True)
class Oversized:
    """Stands for a value that is too long to be read.

    Attributes:
        limit_chars: The characters that it may have.
        place: Where in the file it begins, as line and column.
    """

    limit_chars: int
    place: str = field(default="", compare=False)


def read_numbers(entry: dict, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Reads numbers out of an entry.

    A JSON number beyond the range of a double comes out as infinity.

    Args:
        entry: An object out of JSON.
        key: Of the numbers.
        shape: That they must have.

    Returns:
        The numbers, float64 and of that shape.

    Raises:
        RowFault: There is anything else.
    """
    value = entry.get(key, _MISSING)
    expected = "a number" if shape in ((), (1,)) else f"{'x'.join(map(str, shape))} numbers"
    try:
        # What is not nested so deep raises TypeError; texts come out as letters, which are strangers below.
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
    """A short description of a JSON value for an error, safe to print whatever it holds.

    Args:
        value: Out of JSON, or anything else for a value that is not there.
    """
    match value:
        # Before numbers: Python counts truth values among them.
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
        case Oversized():
            return f"a value of more than {value.limit_chars >> 20} Mi characters"
        case _:
            return "nothing"


def shown(name: str) -> str:
    """A text on one line of printable ASCII, shortened.

    Args:
        name: Whatever a file holds.
    """
    text = ascii(name)[1:-1]
    return text if len(text) <= 200 else f"{text[:200]}..."
