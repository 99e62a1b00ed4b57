"""How the sheets of a run are laid out, as its settings say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from render.config.checks import parse_size
from render.config.schema import Config
from render.sheet.layout import lay_out_sheet, needs_photo_size
from render.types.sheets import Photo, Sheet

# Layouts that are kept for the sheets that come.
MOST_KEPT = 1000


def open_layout(config: Config) -> Callable[..., Sheet]:
    """What lays out sheets: `lay_out_sheet`, told all that does not depend on the sheet."""
    if config.job.product == "meshes" or (config.job.product == "compare" and not config.panels):
        return lay_out_nothing
    lay_out = partial(
        lay_out_sheet,
        specs=config.panel_specs(),
        columns=config.columns,
        free_hw=parse_size(config.size),
        frames=config.frames,
        transition=config.transition,
        samples=config.supersample**2,
        gap=config.gap,
        paper=config.paper,
        outside=config.outside,
        titles=config.titles,
    )
    kept: dict[tuple[tuple[int, int], int, bool], Sheet] = {}

    def lay_out_as_others(
        name: str,
        photo: Photo | None,
        photo_hw: tuple[int, int],
        *,
        fits: tuple[int, ...],
        has_cameras: bool,
    ) -> Sheet:
        # Sheets over photos of one size are laid out alike, and datasets have few sizes.
        key = (photo_hw, len(fits), has_cameras)
        alike = kept.get(key)
        if alike is None:
            alike = lay_out(name, photo, photo_hw, fits=fits, has_cameras=has_cameras)
            if len(kept) < MOST_KEPT:
                kept[key] = alike
        return replace(alike, name=name, photo=photo, fits=fits)

    return lay_out_as_others


def lay_out_nothing(
    name: str,
    photo: Photo | None,
    photo_hw: tuple[int, int],
    *,
    fits: tuple[int, ...],
    has_cameras: bool,
) -> Sheet:
    """What stands for the sheet of a product that is no picture: it has people, and no panels.

    Args:
        name: Path below the output folder, without extension.
        photo: The picture whose camera is written, None where none is needed.
        photo_hw: The photo's height and width in pixels.
        fits: Positions in the Fits of its people.
        has_cameras: As `lay_out_sheet` takes it.
    """
    return Sheet(name, 0, 0, photo, photo_hw, (), fits)


def needs_photos(config: Config) -> bool:
    """Whether all products of a run take at least their size from photos."""
    # Label sets say how large the photo is, of a crop too, and reviews where bodies lie on it.
    takes_photos = config.job.product == "labels" or config.job.is_review
    return takes_photos or needs_photo_size(config.panel_specs(), parse_size(config.size))
