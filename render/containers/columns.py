"""Numbers of a known shape out of a file of arrays, whatever holds them: arrays or nested lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.json_values import RowFault, describe

# Of an axis: any length. A shape's other axes must have the length that they name.
ANY = None
# Of frames and people.
MOST_WHOLE = 2**31 - 1
# Booleans, integers and floats; NumPy's texts, times and objects are no numbers.
_NUMBERS = "biuf"


def has_value(held: Mapping[str, Any], key: str) -> bool:
    """Whether something is there, and is not None as programs save what they did not have."""
    return unwrap(held.get(key)) is not None


def unwrap(value: Any) -> Any:
    """What a file holds, out of the array without axes that `np.savez` puts an object or a text into."""
    if isinstance(value, np.ndarray) and value.dtype.kind not in _NUMBERS and value.ndim == 0:
        return value.item()
    return value


def read_column(held: Mapping[str, Any], key: str, *shapes: tuple[int | None, ...]) -> np.ndarray:
    """Reads numbers out of what a file holds.

    Args:
        held: By its keys.
        key: Of the numbers.
        *shapes: That they may have; ANY for an axis of any length.

    Returns:
        The numbers, as they are in the file where that is an array.

    Raises:
        RowFault: There is anything else.
    """
    value = unwrap(held.get(key))
    expected = " or ".join(_show_shape(shape) for shape in shapes)
    if not any(_may_be(value, shape) for shape in shapes):
        raise RowFault(key, expected, _describe(value) if key in held else "nothing")
    try:
        numbers = np.asarray(value)
    except (ValueError, OverflowError, RecursionError):
        raise RowFault(key, expected, "lists of different lengths") from None
    if numbers.dtype.kind not in _NUMBERS or not any(_matches(numbers.shape, shape) for shape in shapes):
        raise RowFault(key, expected, _describe(numbers))
    return numbers


def read_angles(held: Mapping[str, Any], key: str, joints: int) -> np.ndarray:
    """Reads axis-angles of joints, which are saved in rows, one after the other, or with an axis of people.

    Returns:
        (joints, 3).

    Raises:
        RowFault: There is anything else.
    """
    shapes = ((joints, 3), (joints * 3,), (1, joints * 3))
    return read_column(held, key, *dict.fromkeys(shapes)).reshape(joints, 3)


def read_whole(held: Mapping[str, Any], key: str, count: int) -> np.ndarray:
    """Reads whole numbers, such as those of frames, whatever type they were saved as.

    Returns:
        (count,) int64.

    Raises:
        RowFault: There is anything else.
    """
    numbers = read_column(held, key, (count,), (count, 1)).reshape(count)
    values = numbers.astype(np.float64)
    # Written so that NaN is none; what has been rounded is far larger.
    is_whole = (np.abs(values) <= MOST_WHOLE) & (np.trunc(values) == values)
    if not is_whole.all():
        found = numbers[~is_whole][0]
        raise RowFault(key, f"whole numbers up to {MOST_WHOLE}", f"{found}")
    return numbers.astype(np.int64)


def read_texts(held: Mapping[str, Any], key: str, count: int | None = ANY) -> np.ndarray:
    """Reads a list of texts, such as names of photos.

    Args:
        held: By its keys.
        key: Of the texts.
        count: How many there must be; ANY for any number.

    Returns:
        (N,) objects, of which those that are no texts are as they are in the file: who uses them checks them.

    Raises:
        RowFault: There is no list, or one of another length.
    """
    value = unwrap(held.get(key))
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, list | tuple) or count not in (ANY, len(value)):
        expected = "a list of texts" if count is ANY else f"{count} texts"
        raise RowFault(key, expected, _describe(value) if key in held else "nothing")
    texts = np.empty(len(value), object)
    # As NumPy and Python 2 save them; what is no UTF-8 becomes what no name may hold.
    texts[:] = [
        text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text for text in value
    ]
    return texts


def _matches(found: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    return len(found) == len(shape) and all(n in (ANY, m) for m, n in zip(found, shape, strict=True))


def _may_be(value: Any, shape: tuple[int | None, ...]) -> bool:
    """Whether a value has a shape, as far as its first elements tell.

    Lists of a pickle may hold one list many times, so that an array of them would take far more memory than
    the file. Lengths that are known bound it.
    """
    for length in shape:
        if isinstance(value, np.ndarray):
            break
        if not isinstance(value, list | tuple) or length not in (ANY, len(value)):
            return False
        if not value:
            return len(shape) == 1
        value, shape = value[0], shape[1:]
    if isinstance(value, np.ndarray):
        return value.dtype.kind in _NUMBERS and _matches(value.shape, shape)
    return isinstance(value, bool | int | float | np.bool_ | np.number)


def _show_shape(shape: tuple[int | None, ...]) -> str:
    lengths = ["N" if length is ANY else str(length) for length in shape]
    return f"{'x'.join(lengths)} numbers" if shape else "a number"


def _describe(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return describe(list(value) if isinstance(value, tuple) else value)
    kind = "numbers" if value.dtype.kind in _NUMBERS else "objects" if value.dtype.kind == "O" else "texts"
    return f"{kind} of shape {'x'.join(map(str, value.shape)) or '()'}"
