"""The histograms of an audit on a page, as PNG and PDF, by Matplotlib."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from render.resources import FONTS_DIR
from render.review.audit.histograms import Group, Histogram

# It takes a second to load, and audits are there without it.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# TrueType, which a PDF holds as it is (Type 42), so that its text can be found and changed.
FONT_FILE = FONTS_DIR / "noto" / "NotoSans-Regular.ttf"
DPI = 100
ACROSS = 4
# Inches.
_WIDTH, _MARGIN, _GAP = 12.0, 0.45, 0.42
_HEAD, _GROUP_HEAD = 0.75, 0.5
_ABOVE, _PLOT, _BELOW = 0.78, 1.15, 0.62
# Points.
_LARGE, _MEDIUM, _NORMAL, _SMALL = 17.0, 11.0, 10.0, 8.0
# Okabe and Ito's blue and vermilion, which people of all kinds of colour vision tell apart; the ground under
# what is bad is the latter's, thinned.
_INK, _GREY, _LINE = "#1a1a1a", "#595959", "#c8c8c8"
_GOOD, _BAD, _BAD_GROUND = "#0072b2", "#d55e00", "#fcf0e8"
_WRAP, _MOST_LINES = 47, 2


def can_plot() -> bool:
    """Whether Matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def plot_groups(groups: Sequence[Group], title: str, subtitle: str) -> dict[str, bytes]:
    """The page, by the suffixes of its files, without a dot; the same bytes for the same numbers.

    Args:
        groups: Of histograms.
        title: Of the page.
        subtitle: The line under it.
    """
    with _hush():
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.backend_pdf import FigureCanvasPdf
        from matplotlib.font_manager import FontProperties

    # Settings of users' own files (matplotlibrc) would give everybody another page.
    with _hush(), mpl.rc_context(mpl.rcParamsDefault | {"pdf.fonttype": 42}):
        figure = _Page(groups, FontProperties(fname=str(FONT_FILE))).draw(title, subtitle)
        files = {}
        for suffix, canvas, metadata in (
            ("png", FigureCanvasAgg, {"Software": None}),
            (
                "pdf",
                FigureCanvasPdf,
                {"CreationDate": None, "Creator": None, "Producer": None, "Title": title},
            ),
        ):
            held = io.BytesIO()
            canvas(figure).print_figure(held, dpi=DPI, format=suffix, metadata=metadata)
            files[suffix] = held.getvalue()
    return files


@contextlib.contextmanager
def _hush() -> Iterator[None]:
    """They tell of the fonts that they find and of what they leave out of them, as if it were news."""
    loggers = [logging.getLogger(name) for name in ("matplotlib", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class _Page:
    """Lays all histograms of an audit out, group under group."""

    def __init__(self, groups: Sequence[Group], font: Any) -> None:
        from matplotlib.figure import Figure

        rows = sum(-(-len(group.histograms) // ACROSS) for group in groups)
        self._height = _HEAD + len(groups) * _GROUP_HEAD + rows * (_ABOVE + _PLOT + _BELOW) + _MARGIN
        self._groups = groups
        self._font = font
        self._figure = Figure(figsize=(_WIDTH, self._height), facecolor="white")

    def draw(self, title: str, subtitle: str) -> Figure:
        """The page."""
        self._write(_MARGIN, _MARGIN + 0.1, title, _LARGE, _INK)
        self._write(_MARGIN, _MARGIN + 0.36, subtitle, _NORMAL, _GREY)
        width = (_WIDTH - 2 * _MARGIN - (ACROSS - 1) * _GAP) / ACROSS
        top = _HEAD + 0.15
        if not self._groups:
            self._write(_MARGIN, top + 0.2, "No column has numbers.", _NORMAL, _INK)
        for group in self._groups:
            self._rule(top + 0.08)
            self._write(_MARGIN, top + 0.34, group.title.rstrip("."), _MEDIUM, _INK)
            top += _GROUP_HEAD
            for first in range(0, len(group.histograms), ACROSS):
                for k, histogram in enumerate(group.histograms[first : first + ACROSS]):
                    self._draw_histogram(histogram, _MARGIN + k * (width + _GAP), top, width)
                top += _ABOVE + _PLOT + _BELOW
        return self._figure

    def _write(
        self,
        left: float,
        down: float,
        text: str,
        size: float,
        colour: str,
        align: Literal["left", "right"] = "left",
    ) -> None:
        """A line whose foot begins, or ends, so many inches from the left and from the top."""
        self._figure.text(
            left / _WIDTH,
            1 - down / self._height,
            text,
            fontproperties=self._font,
            fontsize=size,
            color=colour,
            ha=align,
            va="baseline",
            parse_math=False,
        )

    def _rule(self, down: float) -> None:
        from matplotlib.lines import Line2D

        at = 1 - down / self._height
        across = [_MARGIN / _WIDTH, 1 - _MARGIN / _WIDTH]
        self._figure.add_artist(Line2D(across, [at, at], color=_LINE, linewidth=0.8))

    def _draw_histogram(self, histogram: Histogram, left: float, top: float, width: float) -> None:
        column = histogram.column
        name = f"{column.name}, {column.unit}" if column.unit else column.name
        self._write(left, top + 0.2, name, _NORMAL, _INK)
        self._write(left + width, top + 0.2, f"n = {histogram.known:,}", _SMALL, _GREY, "right")
        for k, line in enumerate(_wrap(column.about)):
            self._write(left, top + 0.38 + 0.155 * k, line, _SMALL, _GREY)
        axes = self._figure.add_axes(
            (
                left / _WIDTH,
                1 - (top + _ABOVE + _PLOT) / self._height,
                width / _WIDTH,
                _PLOT / self._height,
            )
        )
        _draw_bars(axes, histogram)
        self._label(axes, histogram)
        at = top + _ABOVE + _PLOT + 0.4
        self._write(left, at, _describe(histogram), _SMALL, _INK)

    def _label(self, axes: Axes, histogram: Histogram) -> None:
        from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

        across = MaxNLocator(4, integer=not histogram.column.digits)
        axes.xaxis.set_major_locator(
            across if len(histogram.counts) > 1 else FixedLocator([histogram.median])
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.6g}"))
        if histogram.is_log:
            axes.yaxis.set_major_locator(LogLocator(10, numticks=4))
            axes.yaxis.set_minor_locator(NullLocator())
        else:
            axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}"))
        axes.tick_params(length=2.5, width=0.6, color=_GREY, labelcolor=_GREY, pad=2)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(self._font)
            label.set_fontsize(_SMALL)


def _draw_bars(axes: Axes, histogram: Histogram) -> None:
    edges, counts = histogram.edges, histogram.counts
    # A lone bar is not to look like a wall.
    room = (0.02 if len(counts) > 1 else 2.0) * (edges[-1] - edges[0])
    first, last = edges[0] - room, edges[-1] + room
    axes.set_xlim(first, last)
    middle = (edges[1:] + edges[:-1]) / 2
    is_bad = middle > histogram.bad if histogram.is_bad_high else middle < histogram.bad
    ground = (histogram.bad, last) if histogram.is_bad_high else (first, histogram.bad)
    if len(counts) > 1 and first <= histogram.bad <= last:
        axes.axvspan(*ground, color=_BAD_GROUND, linewidth=0, zorder=0)
    # One shape each, and not one a bar, which takes three times as long.
    for of, colour in ((~is_bad, _GOOD), (is_bad, _BAD)):
        axes.stairs(np.where(of, counts, 0), edges, fill=True, color=colour, linewidth=0, zorder=2)
    # Where a log scale starts one is seen too.
    if histogram.is_log:
        axes.set_yscale("log")
        axes.set_ylim(0.6, max(counts.max(), 1) * 2)
    else:
        axes.set_ylim(0, max(counts.max(), 1) * 1.06)
    axes.axvline(histogram.median, color=_INK, linewidth=1.2, zorder=3)
    axes.axvline(histogram.bad, color=_INK, linewidth=1.0, linestyle=(0, (3, 2)), zorder=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=_GREY, linewidth=0.6)


def _describe(histogram: Histogram) -> str:
    """What the two lines stand at, and what lies farther out than the plot goes."""
    end = "below" if histogram.is_bad_high else "above"
    told = f"median {_spell(histogram.median)} · 95 % {end} {_spell(histogram.bad)}"
    return f"{told} · {histogram.beyond:,} beyond" if histogram.beyond else told


def _spell(number: float) -> str:
    return f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, _WRAP, max_lines=_MOST_LINES, placeholder=" \u2026")
