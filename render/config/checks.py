"""Values of settings, checked one by one."""

from __future__ import annotations

import re
from typing import Any

from omegaconf import DictConfig

from render.errors import ConfigError


def check_choice(key: str, value: Any, known: tuple) -> None:
    """Raises ConfigError, naming the key, unless the value is one of those known."""
    if value not in known:
        raise ConfigError(f"{key}: expected one of {', '.join(map(str, known))}, found {value!r}")


def check_range(key: str, value: float, low: float, high: float) -> None:
    """Raises ConfigError, naming the key, unless the value is from `low` to `high`."""
    # Written so that NaN fails.
    if not low <= value <= high:
        raise ConfigError(f"{key}: expected {low} to {high}, found {value}")


def open_mapping() -> Any:
    """The default of a setting that maps text to text: an empty mapping that Hydra lets people fill."""
    # Hydra refuses new keys in everything that does not say otherwise.
    return DictConfig({}, key_type=str, element_type=str, flags={"struct": False})


def parse_size(size: str) -> tuple[int, int] | None:
    """Reads the size of a panel.

    Args:
        size: `512x256` (width first), or `photo`.

    Returns:
        Height and width in pixels, None for `photo`.

    Raises:
        ConfigError: It is neither.
    """
    if size == "photo":
        return None
    match = re.fullmatch(r"([1-9]\d{1,3})x([1-9]\d{1,3})", size)
    if not match:
        raise ConfigError(
            f"size: expected photo, or width x height in pixels such as 512x512, found {size!r}"
        )
    return int(match[2]), int(match[1])
