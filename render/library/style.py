"""How colours are laid on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How colours are laid on. Labels are always opaque, and their edges hard.

    Attributes:
        opacity: 0 to 1, of the front-most surface over the background.
        edges: smooth or hard; where pixels have more samples than one, edges are as those have them.
        rays: How many a pixel find the light of modes that need it, one of `RAYS`; 0 finds it by depth maps.
    """

    opacity: float = 1.0
    edges: str = "hard"
    rays: int = 0
