"""What panels are called: what varies along the rows and the columns of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from render.errors import ConfigError
from render.shade.mode import MODES
from render.sheet.panels import PanelSpec
from render.sheet.view import VIEWS
from render.types.sheets import Viewpoint

# What `titles` may be.
TITLES = ("none", "grid")


@dataclass(frozen=True)
class Names:
    """Of rows and columns, or where those do not say it all, of each panel; empty where there are none.

    Attributes:
        rows: From top to bottom.
        columns: From left to right.
        panels: In the order of the panels.
    """

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()


def name_panels(specs: Sequence[PanelSpec], columns: int) -> Names:
    """The names of panels that stand in rows of `columns`.

    A view or a mode that is the same all along each row names the rows, and one that is the same all along
    each column the columns; what is the same everywhere is not named. Panels are named one by one where their
    rows are not all full, or their views and modes go neither by rows nor by columns.
    """
    views = [name_view(spec.viewpoint, spec.fits_row) for spec in specs]
    modes = [spec.mode for spec in specs]
    if len(set(zip(views, modes, strict=True))) < len(specs):
        # Then it is the backgrounds that tell panels apart.
        modes = [f"{spec.mode}/{spec.background}" for spec in specs]
    width = min(columns, len(specs))
    each = Names(panels=tuple(f"{view}/{mode}" for view, mode in zip(views, modes, strict=True)))
    if len(specs) % width:
        return each
    rows: list[tuple[str, ...]] = []
    across: list[tuple[str, ...]] = []
    for words in (views, modes):
        by_row = [set(words[i : i + width]) for i in range(0, len(words), width)]
        by_column = [set(words[i::width]) for i in range(width)]
        if len(set(words)) == 1:
            continue
        if all(len(found) == 1 for found in by_row):
            rows.append(tuple(words[::width]))
        elif all(len(found) == 1 for found in by_column):
            across.append(tuple(words[:width]))
        else:
            return each
    return Names(_join(rows), _join(across))


def name_view(viewpoint: Viewpoint, fits_row: bool = False) -> str:
    """A view as people write it, without what they need not write.

    Args:
        viewpoint: The view and what it is told.
        fits_row: Whether its magnification is its row's.
    """
    view = VIEWS.load(viewpoint.name)
    values = [] if fits_row else [(getattr(viewpoint, key), getattr(view, key)) for key in view.arguments]
    while values and values[-1][0] == values[-1][1]:
        values.pop()
    words = [viewpoint.name, *(f"{value:g}" for value, _ in values)]
    return ":".join([*words, "ortho"] if viewpoint.is_orthographic else words)


def check_titles(titles: str, specs: Sequence[PanelSpec]) -> None:
    """Raises ConfigError where the letters of titles would be taken for labels."""
    labels = [spec.mode for spec in specs if MODES.load(spec.mode).is_label]
    # A sheet with other panels too is a picture for people.
    if titles != "none" and len(labels) == len(specs):
        raise ConfigError(
            f"titles: {labels[0]} holds labels, beside which there are no letters; use titles=none"
        )


def _join(words: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple("/".join(parts) for parts in zip(*words, strict=True))
