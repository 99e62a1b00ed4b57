"""The fonts that a figure's files name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FontNames:
    """What a family is called.

    Attributes:
        own: The free font that figures are laid out and embedded with.
        alike: Fonts of the same widths, or of the same look, that other people's computers have.
    """

    own: str
    alike: tuple[str, ...]


# Termes has the widths of Times, and Heros those of Helvetica; both are what LaTeX takes for them.
FONTS = {
    "times": FontNames("TeX Gyre Termes", ("Nimbus Roman", "Times New Roman", "Times", "serif")),
    "helvetica": FontNames("TeX Gyre Heros", ("Nimbus Sans", "Helvetica", "Arial", "sans-serif")),
    "computer-modern": FontNames(
        "Latin Modern Roman", ("LM Roman 10", "CMU Serif", "New Computer Modern", "serif")
    ),
}
