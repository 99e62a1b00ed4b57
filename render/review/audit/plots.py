"""The histograms of an audit on a page, as PNG and PDF, by Matplotlib."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from render.review.audit.histograms import Group, Histogram
from render.review.audit.shelves import ACROSS, place_groups
from render.review.plots import BLUE, GREY, INK, LINE, VERMILION, render_figure, spell_tick

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches: of the page, and within the cell of a histogram.
_WIDTH, _MARGIN, _GAP = 12.0, 0.45, 0.42
_HEAD, _SHELF_HEAD, _CELL = 0.9, 0.6, 2.5
_CELL_WIDTH = (_WIDTH - 2 * _MARGIN - (ACROSS - 1) * _GAP) / ACROSS
_TOP, _FOOT = 0.6, 1.8
# Points.
_LARGE, _MEDIUM, _NORMAL, _SMALL = 17.0, 10.5, 10.0, 8.0
# Characters that fit over a histogram.
_SMALL_WRAP, _MEDIUM_WRAP, _MOST_LINES = 42, 34, 2
# The ground under what is bad is of its colour, thinned.
_GOOD, _BAD, _BAD_GROUND = BLUE, VERMILION, "#fcf0e8"
# Where a scale of logarithms starts, so that one is seen.
_LEAST_COUNT = 0.6


def plot_groups(groups: Sequence[Group], title: str, subtitle: str) -> dict[str, bytes]:
    """The page, by the suffixes of its files, without a dot; the same bytes for the same numbers.

    Args:
        groups: Of histograms.
        title: Of the page.
        subtitle: The line under it.
    """
    return render_figure(lambda font: _Page(groups, font).draw(title, subtitle), title)


class _Page:
    """All histograms on one plane, whose unit is an inch; axes of their own would take twice as long."""

    def __init__(self, groups: Sequence[Group], font: Any) -> None:
        from matplotlib.figure import Figure

        self._places = place_groups(groups)
        shelves = max((place.shelf + 1 for place in self._places), default=1)
        rows = max((row + 1 for place in self._places for _, row, _ in place.list_cells()), default=0)
        self._height = _HEAD + shelves * _SHELF_HEAD + rows * _CELL + _MARGIN / 2
        self._font = font
        self._figure = Figure(figsize=(_WIDTH, self._height), facecolor="white")
        self._plane = self._figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(self._height, 0))
        self._plane.set_axis_off()
        self._boxes: list[tuple[np.ndarray, str]] = []
        self._lines: list[tuple[np.ndarray, str, float, str]] = []

    def draw(self, title: str, subtitle: str) -> Figure:
        """The page."""
        from matplotlib.collections import LineCollection, PolyCollection

        self.write(_MARGIN, 0.55, title, _LARGE, INK)
        self.write(_MARGIN, 0.82, subtitle, _NORMAL, GREY)
        if not self._places:
            self.write(_MARGIN, 1.25, "No column has numbers.", _NORMAL, INK)
        for place in self._places:
            top = _HEAD + (place.shelf + 1) * _SHELF_HEAD + place.row * _CELL
            left = _MARGIN + place.first * (_CELL_WIDTH + _GAP)
            right = left + place.across * (_CELL_WIDTH + _GAP) - _GAP
            self.rule((left, right), (top - 0.38,) * 2, LINE, 0.8)
            title = place.group.title.rstrip(".")
            for k, line in enumerate(_wrap(title, _MEDIUM_WRAP * place.across)):
                self.write(left, top - 0.16 + 0.2 * k, line, _MEDIUM, INK)
            for histogram, row, column in place.list_cells():
                at = _MARGIN + column * (_CELL_WIDTH + _GAP), top + (row - place.row) * _CELL + 0.12
                self._draw_histogram(histogram, *at)
        self._plane.add_collection(
            PolyCollection(
                [box for box, _ in self._boxes],
                facecolors=[colour for _, colour in self._boxes],
                linewidths=0,
                antialiaseds=False,
            )
        )
        lines = [list(of) for of in zip(*self._lines, strict=True)] or [[]] * 4
        self._plane.add_collection(
            LineCollection(lines[0], colors=lines[1], linewidths=lines[2], linestyles=lines[3])
        )
        return self._figure

    def write(
        self,
        left: float,
        foot: float,
        text: str,
        size: float,
        colour: str,
        align: Literal["left", "right", "center"] = "left",
    ) -> None:
        """A line of text whose foot begins, ends or has its middle there, inches."""
        self._plane.text(
            left,
            foot,
            text,
            fontproperties=self._font,
            fontsize=size,
            color=colour,
            ha=align,
            va="baseline",
            parse_math=False,
        )

    def rule(
        self, x: Sequence[float], y: Sequence[float], colour: str, width: float, style: Any = "-"
    ) -> None:
        """A line along points, inches, so many points wide."""
        self._lines.append((np.column_stack([x, y]), colour, width, style))

    def fill(self, left: Any, right: Any, top: Any, foot: float, colour: str) -> None:
        """Boxes of one colour, inches, which all stand on one line."""
        for x, end, y in np.broadcast(left, right, top):
            self._boxes.append((np.array([(x, foot), (x, y), (end, y), (end, foot)]), colour))

    def _draw_histogram(self, histogram: Histogram, left: float, top: float) -> None:
        column = histogram.column
        name = f"{column.name}, {column.unit}" if column.unit else column.name
        self.write(left, top + 0.2, name, _NORMAL, INK)
        self.write(left + _CELL_WIDTH, top + 0.2, f"n = {histogram.known:,}", _SMALL, GREY, "right")
        for k, line in enumerate(_wrap(column.about, _SMALL_WRAP)):
            self.write(left, top + 0.38 + 0.155 * k, line, _SMALL, GREY)
        _Plot(self, histogram, left, top + 0.1).draw()
        self.write(left, top + _FOOT + 0.44, _describe(histogram), _SMALL, INK)


class _Plot:
    """One histogram in its box.

    Args:
        page: It lies on.
        histogram: What it shows.
        left: Of the box, inches.
        top: Of the cell, inches.
    """

    def __init__(self, page: _Page, histogram: Histogram, left: float, top: float) -> None:
        self._page, self._histogram, self._left = page, histogram, left
        self._top, self._foot = top + _TOP, top + _FOOT
        edges = histogram.edges
        # A lone bar is not to look like a wall.
        self._is_lone = len(edges) == 2
        room = (2.0 if self._is_lone else 0.02) * (edges[-1] - edges[0])
        self._first, self._last = float(edges[0] - room), float(edges[-1] + room)
        most = max(int(histogram.counts.max()), 1)
        self._most = most * 1.6 if histogram.is_log else most * 1.06

    def _x(self, numbers: Any) -> Any:
        return self._left + (numbers - self._first) / (self._last - self._first) * _CELL_WIDTH

    def _y(self, counts: Any) -> Any:
        if self._histogram.is_log:
            high = np.log(np.maximum(counts, _LEAST_COUNT) / _LEAST_COUNT) / np.log(self._most / _LEAST_COUNT)
        else:
            high = counts / self._most
        return self._foot - high * (self._foot - self._top)

    def draw(self) -> None:
        """Draws the ground, the bars, the two lines and the scales."""
        page, histogram, edges = self._page, self._histogram, self._histogram.edges
        end = self._last if histogram.is_bad_high else self._first
        if not self._is_lone:
            left, right = sorted((self._x(histogram.bad), self._x(end)))
            page.fill(left, right, self._top, self._foot, _BAD_GROUND)
        # The bar in which the bound lies is still good.
        is_bad = edges[:-1] > histogram.bad if histogram.is_bad_high else edges[1:] < histogram.bad
        for of, colour in ((~is_bad, _GOOD), (is_bad, _BAD)):
            of = of & (histogram.counts > 0)
            left, right = self._x(edges[:-1][of]), self._x(edges[1:][of])
            page.fill(left, right, self._y(histogram.counts[of]), self._foot, colour)
        for number, width, style in ((histogram.median, 1.2, "-"), (histogram.bad, 1.0, (0, (3, 2)))):
            page.rule((self._x(number),) * 2, (self._top, self._foot), INK, width, style)
        page.rule(
            (self._left, self._left, self._left + _CELL_WIDTH),
            (self._top, self._foot, self._foot),
            GREY,
            0.6,
        )
        self._draw_ticks()

    def _draw_ticks(self) -> None:
        page = self._page
        for number in self._list_numbers():
            x = self._x(number)
            page.rule((x, x), (self._foot, self._foot + 0.035), GREY, 0.6)
            page.write(x, self._foot + 0.17, spell_tick(number), _SMALL, GREY, "center")
        for count in self._list_counts():
            y = self._y(count)
            page.rule((self._left - 0.035, self._left), (y, y), GREY, 0.6)
            page.write(self._left - 0.06, y + 0.04, f"{count:,.0f}", _SMALL, GREY, "right")

    def _list_numbers(self) -> list[float]:
        from matplotlib.ticker import MaxNLocator

        if self._is_lone:
            return [self._histogram.median]
        locator = MaxNLocator(4, integer=not self._histogram.column.digits)
        ticks = np.asarray(locator.tick_values(self._first, self._last))
        # Not 2.7e-17 for 0.
        step = ticks[1] - ticks[0]
        return [round(t / step) * step for t in ticks.tolist() if self._first <= t <= self._last]

    def _list_counts(self) -> list[float]:
        from matplotlib.ticker import MaxNLocator

        if self._histogram.is_log:
            return [10.0**k for k in range(12) if 10**k <= self._most]
        return [t for t in MaxNLocator(3, integer=True).tick_values(0, self._most) if t <= self._most]


def _describe(histogram: Histogram) -> str:
    """What the two lines stand at, and what lies farther out than the plot goes."""
    end = "below" if histogram.is_bad_high else "above"
    told = f"median {_spell(histogram.median)} · 95 % {end} {_spell(histogram.bad)}"
    return f"{told} · {histogram.beyond:,} beyond" if histogram.beyond else told


def _spell(number: float) -> str:
    return f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, max_lines=_MOST_LINES, placeholder=" \u2026")
