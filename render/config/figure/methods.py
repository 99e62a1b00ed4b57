"""Methods of a figure: fit files by name."""

from __future__ import annotations

from typing import Any

from render.config.checks import expand_path
from render.config.figure.values import show, take_table, take_text
from render.errors import ConfigError
from render.fits.reader import AUTO, READERS

MOST_METHODS = 20
_KEYS = ("fit_file", "format", "options", "coco_file")


def declare_methods(path: str, value: Any) -> dict[str, dict[str, object]]:
    """Fit files by the names of methods, with format and options as a dataset has them.

    Args:
        path: Of their key.
        value: What was found there.

    Raises:
        ConfigError: One of them cannot be.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: expected a table, such as {{Ours: fits.npz}}, found {show(value)}")
    if len(value) > MOST_METHODS:
        raise ConfigError(f"{path}: expected at most {MOST_METHODS}, found {len(value)}")
    return {take_text(path, name, 60): _declare_method(f"{path}.{name}", one) for name, one in value.items()}


def _declare_method(path: str, value: Any) -> dict[str, object]:
    if isinstance(value, str):
        value = {"fit_file": value}
    table = take_table(path, value, _KEYS, "{fit_file: fits.npz, format: spin}, or a path")
    if table.get("fit_file") is None:
        raise ConfigError(f"{path}.fit_file: expected a path, found none")
    fit_format = AUTO if table.get("format") is None else take_text(f"{path}.format", table["format"], 60)
    if fit_format != AUTO:
        READERS.check(f"{path}.format", fit_format)
    options = {} if table.get("options") is None else table["options"]
    if not isinstance(options, dict) or not all(isinstance(name, str) for name in options):
        raise ConfigError(
            f"{path}.options: expected a table, such as {{preset: hmr2}}, found {show(options)}"
        )
    found: dict[str, object] = {"format": fit_format, "options": options}
    for key in ("fit_file", "coco_file"):
        if table.get(key) is not None:
            found[key] = expand_path(f"{path}.{key}", take_text(f"{path}.{key}", table[key], 4096))
    return found
