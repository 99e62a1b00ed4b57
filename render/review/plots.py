"""Plots as PNG and PDF, by Matplotlib: the same bytes for the same numbers, whatever the user's settings."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from render.resources import FONTS_DIR

# It takes a second to load, and reviews are there without it.
if TYPE_CHECKING:
    from matplotlib.figure import Figure

# TrueType, which a PDF holds as it is (Type 42), so that its text can be found and changed.
FONT_FILE = FONTS_DIR / "noto" / "NotoSans-Regular.ttf"
_DPI = 100


def can_plot() -> bool:
    """Whether Matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def render_figure(draw: Callable[[Any], Figure], title: str) -> dict[str, bytes]:
    """A figure as files, by their suffixes.

    Args:
        draw: Makes the figure, with the properties of the font that all of its texts have.
        title: Of the PDF.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.font_manager import FontProperties

    # Settings of users' own files (matplotlibrc) would give everybody another page.
    # The font has no minus; see `spell_tick`.
    with _hush(), mpl.rc_context(mpl.rcParamsDefault | {"pdf.fonttype": 42, "axes.unicode_minus": False}):
        figure = draw(FontProperties(fname=str(FONT_FILE)))
        told = {"CreationDate": None, "Creator": None, "Producer": None, "Title": title}
        files = {}
        for suffix, canvas, metadata in (
            ("png", FigureCanvasAgg, {"Software": None}),
            ("pdf", FigureCanvasPdf, told),
        ):
            held = io.BytesIO()
            canvas(figure).print_figure(held, dpi=_DPI, format=suffix, metadata=metadata)
            files[suffix] = held.getvalue()
    return files


def spell_tick(number: float, _: int | None = None) -> str:
    """A number at an axis; an en dash stands for a minus, which the font does not have."""
    return f"{number:,.6g}".replace("-", "\N{EN DASH}")


@contextlib.contextmanager
def _hush() -> Iterator[None]:
    """Matplotlib tells of the fonts that it finds, and of what it leaves out of them, as if it were news."""
    loggers = [logging.getLogger(name) for name in ("matplotlib", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
