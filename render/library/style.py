"""How colours are laid on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How colours are laid on. Labels are always opaque and one sample a pixel.

    Attributes:
        opacity: 0 to 1, of the front-most surface over the background.
        supersample: n for n x n samples a pixel, 1, 2 or 4.
        edges: smooth or hard; with more samples than one a pixel they are as those have them.
    """

    opacity: float = 1.0
    supersample: int = 1
    edges: str = "hard"

    @property
    def is_smooth(self) -> bool:
        """Whether edge pixels have samples of their own."""
        return self.edges == "smooth" and self.supersample == 1
