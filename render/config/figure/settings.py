"""What the settings of a run mean for a figure, and which of them it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from render.config.figure.panels import read_panel
from render.config.groups import MAX_COLUMNS
from render.errors import ConfigError
from render.sheet.panels import PanelSpec
from render.types.figure.spec import IMAGE, Column, FigureSpec

KEY = "figure"
# Of other products, with what they are where nobody sets them.
_OF_OTHERS: dict[str, Any] = {
    "panels": [],
    "frames": 1,
    "transition": 0,
    "motion": "turn",
    "people": "alone",
    "annotate": [],
    "titles": "none",
    "columns": MAX_COLUMNS,
    "gap": 0,
    "paper": "auto",
    "shard": "1/1",
}
# What figures have in their place, but for columns and rows.
_INSTEAD = {"annotate": "figure.marks", "gap": "figure.gap_mm", "paper": "figure.page"}


def list_specs(spec: FigureSpec, background: str, has_photos: bool) -> tuple[PanelSpec, ...]:
    """The panels of a figure, each once: of its columns and of its strips.

    Args:
        spec: The figure.
        background: Of panels that name none.
        has_photos: Whether there are photos for them to lie over.
    """
    texts = [column.panel for column in spec.columns if column.panel != IMAGE]
    texts += [sample.strip.panel for sample in spec.rows if sample.strip is not None]
    found = [read_panel(KEY, text, has_photos, background) for text in texts]
    return tuple(dict.fromkeys(found))


def read_column(column: Column, background: str, has_photos: bool) -> PanelSpec | None:
    """What a column shows; None for the photo alone.

    Args:
        column: Of the figure.
        background: Of panels that name none.
        has_photos: Whether there are photos for them to lie over.
    """
    return None if column.panel == IMAGE else read_panel(KEY, column.panel, has_photos, background)


def check_figure_settings(output: str, settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for settings that figures do not take.

    Args:
        output: The format's name.
        settings: All of them, by their keys.
    """
    if output != "png":
        raise ConfigError(
            f"output: a figure is written as pdf, svg, png and tex at once, with lossless pictures; leave "
            f"output={output} out"
        )
    for key, plain in _OF_OTHERS.items():
        if settings[key] != plain:
            raise ConfigError(
                f"{key}: job=figure has {_INSTEAD.get(key, 'columns and rows')} instead; expected {plain}, "
                f"found {settings[key]}; leave it out"
            )
    if settings["output"].tar:
        raise ConfigError(
            f"output.tar: a figure is files of its own; expected 0, found {settings['output'].tar}"
        )
