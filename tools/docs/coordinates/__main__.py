"""Draws a card, after the commands of its picture: python -m tools.docs.coordinates NAME."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.docs.coordinates.cards import lay_out, measure
from tools.docs.coordinates.declare import CARDS
from tools.docs.coordinates.scenes import draw

FOLDER = Path("outputs/demo/coordinates")
LETTER_PX = 42


def main(name: str) -> None:
    """Writes the card beside the sheets that are on it."""
    photos = CARDS[name]
    width, _, height = measure(len(photos))
    card = lay_out(draw(name, (width, height + 40), LETTER_PX), photos, FOLDER)
    card.save(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
