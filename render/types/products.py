"""What a run makes: products of one file or of several."""

from __future__ import annotations

from dataclasses import dataclass

# Of a product: more than the people that a photo has and the layers that anybody asks for.
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A file of a product, as it is known.

    Attributes:
        name: Below the output folder, with extension.
        bytes: Its length.
        sha256: Hash of its content, in hexadecimal digits.
        tar: The tar shard below the output folder that it is in; None for a file of its own.
        offset: Where its content begins in that shard.
    """

    name: str
    bytes: int
    sha256: str
    tar: str | None = None
    offset: int | None = None
