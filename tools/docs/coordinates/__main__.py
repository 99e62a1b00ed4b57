"""Draws a card, after the commands of its picture: python -m tools.docs.coordinates NAME."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.docs.coordinates.cards import lay_out, lay_out_grid, measure
from tools.docs.coordinates.declare import CARDS, MISTAKES
from tools.docs.coordinates.scenes import draw

FOLDER = Path("outputs/demo/coordinates")
LETTER_PX = 42
# A scene goes on beside the labels of photos.
BELOW_PX = 40
OVERVIEW, COLUMNS = "mistakes", 4


def main(name: str) -> None:
    """Writes the card beside the sheets that are on it."""
    if name == OVERVIEW:
        card = lay_out_grid(MISTAKES, COLUMNS, FOLDER)
    else:
        photos = CARDS[name]
        width, _, height = measure(len(photos))
        card = lay_out(draw(name, (width, height + BELOW_PX), LETTER_PX), photos, FOLDER)
    card.save(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
