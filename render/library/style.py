"""How colours are laid on."""

from dataclasses import dataclass

# Of adults' whole bodies, mean errors of 50 to 100 mm are what papers of these years have.
ERROR_MM = 100.0


@dataclass(frozen=True)
class Style:
    """How colours are laid on. Labels are always opaque, and their edges hard.

    Attributes:
        opacity: 0 to 1, of the front-most surface over the background.
        edges: smooth or hard; where pixels have more samples than one, edges are as those have them.
        error_mm: Where the scale of errors ends.
        rays: How many a pixel find the light of modes that need it, one of `RAYS`; 0 finds it by depth maps.
    """

    opacity: float = 1.0
    edges: str = "hard"
    error_mm: float = ERROR_MM
    rays: int = 0
