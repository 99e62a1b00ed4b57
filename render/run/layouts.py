"""How the sheets of a run are laid out, as its settings say it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from render.config.checks import parse_size
from render.config.schema import Config
from render.sheet.layout import lay_out_sheet, needs_photo_size
from render.types.sheets import Photo, Sheet


def open_layout(config: Config) -> Callable[..., Sheet]:
    """What lays out sheets: `lay_out_sheet`, told all that does not depend on the sheet."""
    if config.job.product == "meshes" or (config.job.product == "compare" and not config.panels):
        return lay_out_nothing
    return partial(
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
