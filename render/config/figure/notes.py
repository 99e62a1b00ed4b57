"""Texts below pictures, with names in braces that numbers take the place of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from render.config.figure.values import take_text
from render.errors import ConfigError

# Computed against the reference, mm.
METRICS = ("mpjpe", "pa_mpjpe", "pve")
# Known of every picture.
FACTS = ("row", "image", "annotation", "method")
_FIELD = re.compile(r"\{([a-z_][a-z0-9_]{0,39})(?::\.([0-9])f)?\}")


def check_note(path: str, value: object, given: Collection[str]) -> str:
    """A text whose names in braces can all be filled in.

    Only names and numbers of decimals are read: Python's own formats could ask for attributes, and for widths
    of a billion.

    Args:
        path: Of its key.
        value: What was found there.
        given: Names that rows have values for.

    Raises:
        ConfigError: It has braces of another kind, or a name that nothing is known of.
    """
    note = take_text(path, value)
    rest = _FIELD.sub("", note)
    if "{" in rest or "}" in rest:
        raise ConfigError(
            f"{path}: expected names in braces, such as {{mpjpe}} or {{mpjpe:.1f}}, found "
            f"{rest.strip()[:60]!r}"
        )
    known = sorted({*METRICS, *FACTS, *given})
    for name in list_names(note):
        if name not in known:
            raise ConfigError(f"{path}: nothing is known of {{{name}}}; there are {', '.join(known)}")
    return note


def list_names(note: str) -> list[str]:
    """The names in braces."""
    return [found[1] for found in _FIELD.finditer(note)]


def fill_note(note: str, look_up: Callable[[str], str | float]) -> str:
    """The text with what its names stand for.

    Args:
        note: As `check_note` gives it.
        look_up: What a name stands for.
    """

    def fill(field: re.Match[str]) -> str:
        value, decimals = look_up(field[1]), field[2]
        if isinstance(value, str) or (isinstance(value, int) and decimals is None):
            return str(value)
        return f"{value:.{decimals or 1}f}"

    return _FIELD.sub(fill, note)
