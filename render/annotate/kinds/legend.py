"""What the colours of a panel mean: a scale of errors or depths, or who has which colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.annotate.annotation import Annotation

if TYPE_CHECKING:
    import numpy as np

    from render.shade.legend import Legend


def paint(pixels: np.ndarray, legend: Legend, free_px: np.ndarray) -> None:
    """Paints the legend of a panel, in place; see `PaintLegend` for what it takes."""
    from render.annotate.legends import paint_legend

    paint_legend(pixels, legend, free_px)


ANNOTATION = Annotation(paint_legend=paint)
