"""Columns of a figure: panels, whose fits they show, and what is written at them."""

from __future__ import annotations

from typing import Any

from render.config.figure.values import MOST_SHOWN, take_list, take_table, take_text
from render.errors import ConfigError
from render.shade.mode import MODES
from render.sheet.panels import LONGEST, PanelSpec, parse_panel, stage_panel
from render.sheet.view import VIEWS
from render.types.figure.spec import IMAGE, Column

MOST_COLUMNS = 40
_KEYS = ("panel", "method", "title", "note")


def declare_columns(path: str, value: Any) -> tuple[Column, ...]:
    """The columns of a figure, from left to right; their notes are not yet checked.

    Args:
        path: Of their key.
        value: What was found there.

    Raises:
        ConfigError: One of them cannot be.
    """
    columns = take_list(path, value, 1, MOST_COLUMNS)
    return tuple(_declare_column(f"{path}[{i}]", one) for i, one in enumerate(columns))


def _declare_column(path: str, value: Any) -> Column:
    if isinstance(value, str):
        return Column(panel=check_panel(path, value))
    table = take_table(path, value, _KEYS, "{panel: camera/studio, title: Ours}, or a panel")
    if table.get("panel") is None:
        raise ConfigError(f"{path}.panel: expected a panel, such as camera/clay or image, found none")
    method, title, note = (
        None if table.get(key) is None else take_text(f"{path}.{key}", table[key])
        for key in ("method", "title", "note")
    )
    return Column(check_panel(f"{path}.panel", table["panel"]), method, title, note)


def check_panel(path: str, value: Any, is_strip: bool = False) -> str:
    """A panel as `panels` has it, or the photo alone.

    Args:
        path: Of its key.
        value: What was found there.
        is_strip: Whether a strip of motion shows it, in a view around the bodies.

    Raises:
        ConfigError: There is no such panel.
    """
    text = take_text(path, value, LONGEST)
    if text == IMAGE and not is_strip:
        return text
    spec = read_panel(path, text)
    if is_strip and VIEWS.load(spec.viewpoint.name).over_photo:
        raise ConfigError(
            f"{path}: a strip is seen from aside; expected a view around the bodies, such as "
            f"orbit:0:8/clay/ground, found {text[:MOST_SHOWN]!r}"
        )
    if is_strip and MODES.load(spec.mode).needs_values:
        raise ConfigError(
            f"{path}: a strip compares nobody with others; choose another mode than {spec.mode}"
        )
    return text


def read_panel(path: str, text: str, has_photos: bool = True, background: str = "photo") -> PanelSpec:
    """A panel of a figure, read.

    Args:
        path: Of its key.
        text: As the author writes it.
        has_photos: Whether there are photos for it to lie over.
        background: Of panels that name none.

    Raises:
        ConfigError: There is no such panel.
    """
    try:
        return (parse_panel if has_photos else stage_panel)(text, background)
    except ConfigError as error:
        raise ConfigError(f"{path}: {str(error).removeprefix('panels: ')}") from error
