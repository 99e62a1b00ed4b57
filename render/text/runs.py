"""A line as runs: pieces of one font and one direction, as they stand from left to right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from render.text.directions import find_levels, order_visually
from render.text.fonts import find_font, list_fonts, open_font
from render.text.letters import JOINERS, split_clusters


@dataclass(frozen=True)
class Run:
    """Letters of one font and one direction.

    Attributes:
        text: In the order in which they are read.
        font: The file.
        level: Unicode's embedding level; odd ones go from right to left.
    """

    text: str
    font: Path
    level: int


def split_runs(text: str, family: str) -> list[Run]:
    """The runs of a cleaned text, from left to right.

    Letters that no font has are in runs of the plain font, which draws a box for each.

    Raises:
        RenderError: There is no such family, or a font cannot be read.
    """
    levels = find_levels(text)
    placed: list[tuple[str, Path, int]] = []
    start = 0
    for cluster in split_clusters(text):
        # Spaces stay with what is before them, so that words of one script are one run.
        held = placed[-1][1] if placed and cluster == " " else None
        is_held = held is not None and ord(" ") in open_font(held).letters
        font = held if held is not None and is_held else _choose_font(cluster, family)
        placed.append((cluster, font, levels[start]))
        start += len(cluster)
    runs = [
        Run("".join(cluster for cluster, _, _ in run), font, level)
        for (font, level), run in groupby(placed, key=lambda entry: entry[1:])
    ]
    return order_visually(runs)


@lru_cache(maxsize=4096)
def _choose_font(cluster: str, family: str) -> Path:
    """The first that has all of a cluster, or else its letter."""
    needed = {ord(letter) for letter in cluster if letter not in JOINERS}
    fonts = list_fonts(family)
    for font in fonts:
        if needed <= open_font(font).letters:
            return font
    for font in fonts:
        if ord(cluster[0]) in open_font(font).letters:
            return font
    return find_font("sans")
