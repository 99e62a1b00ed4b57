"""Values of a figure's declaration, each checked under the path of its key."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from render.errors import ConfigError

# Of a text in a figure, and of a value in messages, in characters.
MOST_TEXT, MOST_SHOWN = 500, 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def show(value: Any) -> str:
    """A value in a message of one line."""
    if isinstance(value, Mapping):
        return f"a table of {len(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    # Of a number of more digits than Python writes there is no text.
    if isinstance(value, int) and abs(value) >= 10**MOST_SHOWN:
        return "a number of too many digits"
    text = ascii(value) if isinstance(value, str) and _CONTROL.search(value) else repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def take_table(path: str, value: Any, known: Sequence[str], example: str) -> dict[str, Any]:
    """A table whose keys are all known.

    Args:
        path: Of its key.
        value: What was found there.
        known: The keys that there are.
        example: Of such a table, for messages.

    Raises:
        ConfigError: It is none, or has another key.
    """
    if not isinstance(value, Mapping):
        raise ConfigError(f"{path}: expected a table, such as {example}, found {show(value)}")
    for key in value:
        if key not in known:
            name = key if isinstance(key, str) and re.fullmatch(r"\w{1,60}", key) else show(key)
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(f"{path}.{name}: no such key; there are {', '.join(known)}{hint}")
    return dict(value)


def take_list(path: str, value: Any, low: int, high: int) -> list[Any]:
    """A list of `low` to `high` values.

    Raises:
        ConfigError: It is none, or is shorter or longer.
    """
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{path}: expected a list, found {show(value)}")
    if not low <= len(value) <= high:
        span = str(low) if low == high else f"{low} to {high}"
        raise ConfigError(f"{path}: expected a list of {span}, found {len(value)}")
    return list(value)


def take_number(path: str, value: Any, low: float, high: float) -> float:
    """A number from `low` to `high`.

    Raises:
        ConfigError: It is none, or less or more.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{path}: expected a number, found {show(value)}")
    # Written so that NaN fails; numbers of many digits are compared as they are.
    if not low <= value <= high:
        raise ConfigError(f"{path}: expected {low:g} to {high:g}, found {show(value)}")
    return float(value)


def take_whole(path: str, value: Any, low: int, high: int) -> int:
    """A whole number from `low` to `high`.

    Raises:
        ConfigError: It is none, or less or more.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{path}: expected a whole number, found {show(value)}")
    if not low <= value <= high:
        raise ConfigError(f"{path}: expected {low} to {high}, found {show(value)}")
    return value


def take_text(path: str, value: Any, most: int = MOST_TEXT) -> str:
    """A line of text that is not empty; a number is taken as it is written.

    Raises:
        ConfigError: It is none, is too long, or has letters that are not drawn.
    """
    if is_written(value):
        value = show(value)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{path}: expected text, found {show(value)}")
    if len(value) > most:
        raise ConfigError(f"{path}: expected at most {most} characters, found {len(value)}")
    if _CONTROL.search(value):
        raise ConfigError(f"{path}: expected one line of text, found {show(value)}")
    return value


def take_choice(path: str, value: Any, known: Collection[str]) -> str:
    """One of the words that are known.

    Raises:
        ConfigError: It is none of them.
    """
    # YAML reads `no` and `off` as a truth value.
    if not isinstance(value, str) or value not in known:
        close = get_close_matches(show(value).strip("'"), known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ConfigError(f"{path}: expected one of {', '.join(known)}, found {show(value)}{hint}")
    return value


def take_numbers(path: str, value: Any, count: int, low: float, high: float) -> tuple[float, ...]:
    """So many numbers from `low` to `high`.

    Raises:
        ConfigError: They are not so many, or one of them is none, or less or more.
    """
    numbers = take_list(path, value, count, count)
    return tuple(take_number(f"{path}[{i}]", one, low, high) for i, one in enumerate(numbers))


def take_flag(path: str, value: Any) -> bool:
    """true or false.

    Raises:
        ConfigError: It is neither.
    """
    if not isinstance(value, bool):
        raise ConfigError(f"{path}: expected true or false, found {show(value)}")
    return value


def is_written(value: Any) -> bool:
    """Whether it is a number that a figure can have in its texts: neither NaN nor of a line of digits."""
    return not isinstance(value, bool) and isinstance(value, int | float) and abs(value) < 10**MOST_SHOWN
