"""How colours are laid on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How colours are laid on. Labels are always opaque, and their edges hard.

    Attributes:
        opacity: 0 to 1, of the front-most surface over the background.
        edges: smooth or hard; where pixels have more samples than one, edges are as those have them.
    """

    opacity: float = 1.0
    edges: str = "hard"
