"""Values of settings, checked one by one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

from omegaconf import DictConfig

from render.errors import ConfigError, StoreError
from render.files.stores.places import read_output_place
from render.files.stores.urls import is_url, parse_url

# Of a value, in messages.
_MOST_SHOWN = 100
# Of a file or a folder.
_LONGEST_NAME = 255


def check_choice(key: str, value: Any, known: tuple) -> None:
    """Raises ConfigError, naming the key, unless the value is one of those known."""
    if value not in known:
        raise ConfigError(f"{key}: expected one of {', '.join(map(str, known))}, found {value!r}")


def check_range(key: str, value: float, low: float, high: float) -> None:
    """Raises ConfigError, naming the key, unless the value is from `low` to `high`."""
    # Written so that NaN fails.
    if not low <= value <= high:
        raise ConfigError(f"{key}: expected {low} to {high}, found {value}")


def check_text(key: str, value: str) -> None:
    """Raises ConfigError, naming the key, unless the value is text that can stand in a path."""
    if not value.strip() or "\0" in value:
        raise ConfigError(f"{key}: expected text, found {value[:_MOST_SHOWN]!r}")


def expand_path(key: str, path: str) -> str:
    """A path with `~` replaced by the home folder, wherever the setting comes from; a URL stays as it is.

    Args:
        key: Of the setting, for the message.
        path: As the user wrote it.

    Raises:
        ConfigError: It is empty, or its `~` stands for nothing: nothing is to be made that is called so; or
            it is a URL that cannot be used.
    """
    if is_url(path):
        try:
            parse_url(path)
        except StoreError as error:
            raise ConfigError(f"{key}: {error}") from error
        return path
    check_text(key, path)
    # Linux's limits, so that nobody who asks for such a file has to expect the system's error.
    parts = path.encode(errors="surrogateescape").split(b"/")
    if len(max(parts, key=len)) > _LONGEST_NAME:
        raise ConfigError(f"{key}: expected names of at most {_LONGEST_NAME} bytes, found {path[:60]!r}...")
    expanded = os.path.expanduser(path)
    if expanded.startswith("~") or "~" in Path(expanded).parts:
        raise ConfigError(
            f"{key}: ~ stands for a home folder at the beginning of a path, and for none in "
            f"{path[:_MOST_SHOWN]!r}; write the whole path"
        )
    return expanded


def expand_place(key: str, place: str) -> str:
    """The folder or the URL that something is written to; of a file:// URL its path.

    Args:
        key: Of the setting, for the message.
        place: As the user wrote it.

    Raises:
        ConfigError: It is no path, or a URL that cannot be written to.
    """
    try:
        return read_output_place(expand_path(key, place))
    except StoreError as error:
        raise ConfigError(f"{key}: {error}") from error


def check_is_folder(key: str, place: str, what: str) -> None:
    """Raises ConfigError where a place is a URL.

    Args:
        key: What messages begin with.
        place: As `expand_place` gives it.
        what: Why it must be a folder: the end of a sentence.
    """
    if is_url(place):
        raise ConfigError(f"{key}: expected a folder of this machine, found {place}; {what}")


def open_mapping(element_type: Any = str) -> Any:
    """The default of a setting that maps text to what else is said: an empty mapping that people can fill."""
    # Hydra refuses new keys in everything that does not say otherwise.
    return DictConfig({}, key_type=str, element_type=element_type, flags={"struct": False})


def parse_size(size: str) -> tuple[int, int] | Literal["auto"] | None:
    """Reads the size of a panel.

    Args:
        size: `512x256` (width first), `auto` or `photo`.

    Returns:
        Height and width in pixels, None for `photo`, and `auto` as it is.

    Raises:
        ConfigError: It is none of them.
    """
    if size == "photo":
        return None
    if size == "auto":
        return "auto"
    match = re.fullmatch(r"([1-9]\d{1,3})x([1-9]\d{1,3})", size)
    if not match:
        raise ConfigError(
            f"size: expected auto, photo, or width x height in pixels such as 512x512, found {size!r}"
        )
    return int(match[2]), int(match[1])
