"""Plots as PNG and PDF, by Matplotlib: the same bytes for the same numbers, whatever the user's settings."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from render.files.output import Output
from render.resources import FONTS_DIR

# It takes a second to load, and reviews are there without it.
if TYPE_CHECKING:
    from matplotlib.figure import Figure

# TrueType, which a PDF holds as it is (Type 42), so that its text can be found and changed.
FONT_FILE = FONTS_DIR / "noto" / "NotoSans-Regular.ttf"
DPI = 100
SUFFIXES = ("png", "pdf")
# Okabe and Ito's blue and vermilion, which people of all kinds of colour vision tell apart; and of texts and
# lines.
BLUE, VERMILION = "#0072b2", "#d55e00"
INK, GREY, LINE = "#1a1a1a", "#595959", "#c8c8c8"

log = logging.getLogger("render")


def can_plot() -> bool:
    """Whether Matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def write_plots(output: Output, name: str, plot: Callable[[], dict[str, bytes]]) -> list[str]:
    """Writes a page of plots, or says what it needs.

    Args:
        output: The folder.
        name: Of the files, without their suffixes.
        plot: Gives the files, as `render_figure` does.

    Returns:
        Names of the files; none where Matplotlib is not installed.

    Raises:
        OutputError: They cannot be written.
    """
    names = {suffix: f"{name}.{suffix}" for suffix in SUFFIXES}
    if not can_plot():
        log.warning(
            "Matplotlib is not installed; pip install 'smpl-render[audit]', and run this again to get %s",
            " and ".join(names.values()),
        )
        # Those that are there are of an earlier run.
        for file in names.values():
            output.remove(file)
        return []
    for suffix, content in plot().items():
        output.write(names[suffix], content)
    return [*names.values()]


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
        canvases = (FigureCanvasAgg, {"Software": None}), (FigureCanvasPdf, told)
        for suffix, (canvas, metadata) in zip(SUFFIXES, canvases, strict=True):
            held = io.BytesIO()
            canvas(figure).print_figure(held, dpi=DPI, format=suffix, metadata=metadata)
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
