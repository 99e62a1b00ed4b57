"""Error maps of a figure: what they are measured against, and the bar that tells their colours."""

from __future__ import annotations

import numpy as np

from render.body.fit_bodies import FitBodies
from render.config.schema import Config
from render.fits.join import Joined
from render.library.surface.reference import Reference
from render.run.figures.samples import FigureRow
from render.shade.legend import ColourBar, Shown
from render.shade.mode import MODES
from render.types.figure.spec import FigureSpec
from render.types.fits import Fits


def find_reference(
    config: Config, spec: FigureSpec, rows: list[FigureRow], fits: Fits, bodies: FitBodies
) -> Reference | None:
    """What errors are measured against; None where no picture shows any.

    Args:
        config: The settings.
        spec: The figure.
        rows: Whom it shows.
        fits: The people of all methods.
        bodies: Theirs.

    Raises:
        BodyModelError: Two fits of a person are of bodies that cannot be compared.
    """
    if spec.reference is None or find_scale(config) is None:
        return None
    partner = {}
    for row in rows:
        if row.sample.strip is not None:
            continue
        for people in row.people.values():
            for person, other in zip(people, row.people[spec.reference], strict=True):
                # Rows are counted through all files.
                partner[int(fits.row[person])] = other
    reference = Reference(fits, bodies, Joined(partner, {}), config.align)
    reference.check(fits, bodies)
    return reference


def find_scale(config: Config) -> ColourBar | None:
    """The scale of the errors that pictures show; None where none does."""
    for panel in config.panel_specs():
        mode = MODES.load(panel.mode)
        if mode.needs_values and mode.legend is not None:
            legend = mode.legend(Shown(error_mm=config.error_mm))
            if isinstance(legend, ColourBar):
                return legend
    return None


def draw_bar(scale: ColourBar, size_px: tuple[int, int]) -> np.ndarray:
    """The colours of a scale, (h, w, 3) uint8: from the bottom to the top, or from the left to the right.

    Args:
        scale: The scale.
        size_px: Width and height; the longer side is that of the numbers.
    """
    width, height = size_px
    if width >= height:
        return np.broadcast_to(scale.paint(width)[None], (height, width, 3)).copy()
    return np.broadcast_to(scale.paint(height)[::-1, None], (height, width, 3)).copy()
