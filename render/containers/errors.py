"""What is wrong with a file of arrays, in one sentence; whoever opened the file puts its path before it."""

from __future__ import annotations

# Of what is made of one file. What a file claims beyond that is refused before it is made.
MOST_BYTES = 4 << 30


class ContainerError(ValueError):
    """A file of arrays is damaged, claims too much, or holds what is no data."""


class ForbiddenNameError(ContainerError):
    """A pickle asks for a name that is not allowed. Nothing of it was run.

    Attributes:
        name: Which, in printable ASCII.
    """

    def __init__(self, name: str) -> None:
        self.name = ascii(name[:200])[1:-1][:200]
        needless = "which no file of arrays needs and could run code"
        super().__init__(f"it asks for {self.name}, {needless}; nothing of it was run")


class Budget:
    """What may still be made of a file beside what it holds.

    Args:
        most_bytes: All together.
    """

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = self._most_bytes = most_bytes

    def spend(self, size_bytes: int) -> None:
        """Takes from it, or raises ContainerError where it is used up."""
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise ContainerError(f"putting its values together takes more than {self._most_bytes >> 20} MiB")
