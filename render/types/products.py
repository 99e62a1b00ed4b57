"""What a run makes: products of one file or of several."""

from __future__ import annotations

from dataclasses import dataclass

# Of a product: more than the people that a photo has and the layers that anybody asks for.
MOST_FILES = 1000
# The folder of the files that are to be packed into tars; below it there is one for each tar.
STAGED = ".staged"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of the people of a product, beside its files or instead of them.

    Attributes:
        table: Which table the numbers are a part of, with a digest of its columns: `audit-1a2b3c4d`.
        image: Name of their image, as in the fit file.
        values: A row of float64 for each person, in the order of the product's rows; NaN for what is not
            known.
        about: What is to be known of all numbers of the table, as a text; empty where that is nothing.
    """

    table: str
    image: str
    values: bytes
    about: str = ""


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A file of a product, as it is known.

    Attributes:
        name: Below the output folder, with extension; of a member of a tar its name in there.
        bytes: Its length.
        sha256: Hash of its content, in hexadecimal digits.
        tar: The tar below the output folder that it is in or, as long as it has no offset, will be in;
            None for a file that stays one of its own.
        offset: Where its content begins in that tar.
    """

    name: str
    bytes: int
    sha256: str
    tar: str | None = None
    offset: int | None = None

    @property
    def path(self) -> str:
        """Where its content is, below the output folder: a file of its own, or the tar."""
        if self.tar is None:
            return self.name
        if self.offset is None:
            return f"{STAGED}/{self.tar.removesuffix('.tar')}/{self.name}"
        return self.tar


@dataclass(frozen=True, slots=True)
class MeasuredFiles:
    """What became of a product whose people are measured.

    Attributes:
        measured: Of its people.
        files: Of the product; it may do without.
    """

    measured: Measured
    files: tuple[ProductFile, ...] = ()
