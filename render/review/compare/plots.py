"""The plots of a comparison on a page: person by person, by how much, joint by joint, and how far apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from render.review.compare.photo import SIDES, WINNERS
from render.review.compare.summary import count_wins, list_joints
from render.review.compare.table import read_methods
from render.review.plots import BLUE, GREY, INK, VERMILION, render_figure, spell_tick
from render.review.table import Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches, and points.
_SIZE = (12.0, 9.6)
_LARGE, _MEDIUM, _NORMAL, _SMALL = 17.0, 11.0, 10.0, 8.5
_COLOURS = {"a": BLUE, "b": VERMILION, "tie": "#8c8c8c"}
# What is farther out than this share of all lies on the edge of the plot.
_NEARLY_ALL = 0.995
_LEAST_BARS, _MOST_BARS = 8, 48
# Of a method's name, beside an axis.
_LONGEST_NAME = 28
_UNITS = {"reprojection": "mean distance from the keypoints, % of their box", "mask_iou": "masks' overlap"}


def plot_comparison(values: Values) -> dict[str, bytes]:
    """The page, by the suffixes of its files.

    Args:
        values: Of all people, as `spell_values` gives them; one at least.
    """
    methods = read_methods(values.about)
    title = f"{methods.names[0]} and {methods.names[1]}"
    return render_figure(lambda font: _Page(values, font).draw(), title)


class _Page:
    """Draws the four plots; those that lack numbers say so."""

    def __init__(self, values: Values, font: Any) -> None:
        from matplotlib.figure import Figure

        self._values = values
        self._font = font
        self._figure = Figure(figsize=_SIZE, facecolor="white")
        names = read_methods(values.about).names
        self._names = dict(zip(SIDES, map(_shorten, names), strict=True))
        by = values.take("winner_by")
        judges = values.table.columns[values.table.find("winner_by")].choices
        counts = [int((by == place).sum()) for place in range(len(judges))]
        place = int(np.argmax(counts))
        # What decides for most; numbers of others are of another kind.
        self._judge = judges[place] if counts[place] else None
        self._people = by == place
        self._scale = 100.0 if self._judge == "reprojection" else 1.0

    def draw(self) -> Figure:
        """The page."""
        names, wins = self._names, count_wins(self._values, np.ones(len(self._values), bool))
        self._write(0.045, 0.953, f"{names['a']} and {names['b']}", _LARGE, INK)
        told = f"{len(self._values):,} people"
        if self._judge is not None:
            told += (
                f" · nearer to the photo: {names['a']} {wins['a']:,}, {names['b']} {wins['b']:,}, "
                f"equal {wins['tie']:,}"
            )
        self._write(0.045, 0.926, told, _NORMAL, GREY)
        self._draw_pairs(self._open(0.085, 0.535, 0.36, 0.305), (0.045, 0.878))
        self._draw_gains(self._open(0.56, 0.535, 0.40, 0.305), (0.52, 0.878))
        self._draw_joints(self._open(0.15, 0.07, 0.30, 0.315), (0.045, 0.428))
        self._draw_apart(self._open(0.56, 0.07, 0.40, 0.315), (0.52, 0.428))
        return self._figure

    def _open(self, left: float, low: float, width: float, height: float) -> Axes:
        axes = self._figure.add_axes((left, low, width, height))
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set(color=GREY, linewidth=0.6)
        return axes

    def _write(self, x: float, y: float, text: str, size: float, colour: str) -> None:
        self._figure.text(
            x, y, text, fontproperties=self._font, fontsize=size, color=colour, parse_math=False
        )

    def _name(self, at: tuple[float, float], text: str, about: str) -> None:
        self._write(*at, text, _MEDIUM, INK)
        self._write(at[0], at[1] - 0.021, about, _SMALL, GREY)

    def _label(self, axes: Axes, x: str = "", y: str = "") -> None:
        """Names of the axes, and the font of all that is written at them."""
        from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

        if not isinstance(axes.xaxis.get_major_locator(), FixedLocator):
            axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(spell_tick))
        for told, axis in ((x, axes.xaxis), (y, axes.yaxis)):
            axis.set_label_text(told, fontproperties=self._font, fontsize=_SMALL, color=INK, parse_math=False)
        axes.tick_params(length=2.5, width=0.6, color=GREY, labelcolor=GREY, pad=2)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(self._font)
            label.set_fontsize(_SMALL)

    def _say_nothing(self, axes: Axes, text: str) -> None:
        axes.set_axis_off()
        axes.text(
            0, 0.9, text, transform=axes.transAxes, fontproperties=self._font, fontsize=_NORMAL, color=GREY,
            va="top", parse_math=False,
        )  # fmt: skip

    def _draw_pairs(self, axes: Axes, at: tuple[float, float]) -> None:
        from matplotlib.ticker import FuncFormatter

        about = "On the line both are equal"
        if self._judge is not None:
            about = f"{_UNITS[self._judge].capitalize()}; on the line both are equal"
        self._name(at, "Person by person", about)
        if self._judge is None:
            self._say_nothing(axes, "There are no keypoints and no masks of these people.")
            return
        of_both = [self._scale * self._take(f"{side}_{self._judge}") for side in SIDES]
        winners = self._take("winner")
        every = np.concatenate(of_both)
        low, high = (0.0, max(float(np.quantile(every, _NEARLY_ALL)) * 1.05, 1e-6))
        for place, winner in enumerate(WINNERS):
            is_his = winners == place
            axes.scatter(
                np.clip(of_both[0][is_his], low, high),
                np.clip(of_both[1][is_his], low, high),
                s=14, linewidths=0, zorder=3,
                alpha=0.75 if len(winners) < 2000 else 0.25, color=_COLOURS[winner], clip_on=False,
                # A hundred thousand dots one by one would make a PDF that nobody can open.
                rasterized=True,
            )  # fmt: skip
        axes.plot([low, high], [low, high], color=INK, linewidth=0.9, zorder=2)
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
        axes.set_aspect("equal", adjustable="box", anchor="W")
        # The same at both axes.
        axes.set_xticks([tick for tick in axes.get_xticks() if low <= tick <= high])
        axes.set_yticks(axes.get_xticks())
        axes.yaxis.set_major_formatter(FuncFormatter(spell_tick))
        self._label(axes, self._names["a"], self._names["b"])

    def _draw_gains(self, axes: Axes, at: tuple[float, float]) -> None:
        self._name(at, "By how much", "People by the difference of their two numbers; dashed is the median")
        if self._judge is None:
            self._say_nothing(axes, "There are no keypoints and no masks of these people.")
            return
        here, there = (self._scale * self._take(f"{side}_{self._judge}") for side in SIDES)
        # Above 0 the first is better.
        gains = there - here if self._judge == "reprojection" else here - there
        far = max(float(np.quantile(np.abs(gains), _NEARLY_ALL)), 1e-6)
        half = int(np.clip(np.sqrt(len(gains)), _LEAST_BARS, _MOST_BARS)) // 2
        edges = np.linspace(-far, far, 2 * half + 1)
        counts, _ = np.histogram(np.clip(gains, -far, far), edges)
        for side, is_his in (("b", edges[:-1] < -1e-12), ("a", edges[:-1] >= -1e-12)):
            axes.stairs(np.where(is_his, counts, 0), edges, fill=True, color=_COLOURS[side], linewidth=0)
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.axvline(float(np.median(gains)), color=INK, linewidth=1.2, linestyle=(0, (3, 2)))
        axes.set_ylim(0, max(int(counts.max()), 1) * 1.18)
        for side, x, align in (("b", 0.015, "left"), ("a", 1.0, "right")):
            axes.text(
                x, 1.0, f"{self._names[side]} better", transform=axes.transAxes, ha=align, va="top",
                fontproperties=self._font, fontsize=_SMALL, color=_COLOURS[side], parse_math=False,
            )  # fmt: skip
        _count_people(axes)
        self._label(axes, f"difference: {_UNITS[self._judge]}", "people")

    def _draw_joints(self, axes: Axes, at: tuple[float, float]) -> None:
        told = list_joints(self._values)
        marked = {name: one for name, one in told.items() if "a" in one}
        if marked:
            about = f"Mean distance from its keypoint: {self._names['a']} blue, {self._names['b']} orange"
            bars = {side: [100 * one[side] for one in marked.values()] for side in SIDES}
            self._draw_bars(axes, list(marked), bars, "% of the keypoints' box")
        else:
            about = "How far the two fits are apart, both roots at one place"
            apart = {name: one["apart_mm"] for name, one in told.items()}
            if apart:
                self._draw_bars(axes, list(apart), {"tie": list(apart.values())}, "mm")
            else:
                self._say_nothing(axes, "There are no joints of the same names.")
        self._name(at, "Joint by joint", about)

    def _draw_bars(self, axes: Axes, names: list[str], bars: dict[str, list[float]], unit: str) -> None:
        thick = 0.8 / len(bars)
        for k, (side, lengths) in enumerate(bars.items()):
            places = np.arange(len(names)) - 0.4 + thick * (k + 0.5)
            axes.barh(places, lengths, height=thick, color=_COLOURS[side], linewidth=0)
        axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        axes.set_ylim(len(names) - 0.4, -0.6)
        self._label(axes, unit)
        axes.tick_params(axis="y", length=0)

    def _draw_apart(self, axes: Axes, at: tuple[float, float]) -> None:
        found = self._values.take("mpjpe_mm")
        known = found[np.isfinite(found)]
        column = self._values.table.columns[self._values.table.find("joints")]
        about = "; ".join(column.choices[:2]) + ("; and others" if len(column.choices) > 2 else "")
        self._name(at, "How far apart the two are", f"MPJPE between them, {about}" if about else "")
        if not len(known):
            self._say_nothing(axes, "Their joints cannot be compared.")
            return
        last = max(float(np.quantile(known, _NEARLY_ALL)), 1e-3)
        bars = int(np.clip(np.sqrt(len(known)), _LEAST_BARS, _MOST_BARS))
        counts, edges = np.histogram(np.clip(known, 0, last), np.linspace(0, last, bars + 1))
        axes.stairs(counts, edges, fill=True, color=_COLOURS["tie"], linewidth=0)
        axes.axvline(float(known.mean()), color=INK, linewidth=1.2, linestyle=(0, (3, 2)))
        axes.set_ylim(0, max(int(counts.max()), 1) * 1.18)
        axes.set_xlim(0, last)
        axes.text(
            1.0, 1.0, f"mean {known.mean():.1f} mm", transform=axes.transAxes, ha="right", va="top",
            fontproperties=self._font, fontsize=_SMALL, color=INK, parse_math=False,
        )  # fmt: skip
        _count_people(axes)
        self._label(axes, "MPJPE, mm", "people")

    def _take(self, name: str) -> np.ndarray:
        return self._values.take(name)[self._people]


def _count_people(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(spell_tick))


def _shorten(name: str) -> str:
    """A name of a file, which may be of any length and of any letters."""
    told = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return told if len(told) <= _LONGEST_NAME else f"{told[: _LONGEST_NAME - 1]}…"
