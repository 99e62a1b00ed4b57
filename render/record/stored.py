"""Whether the files of products are there as they were written, and what is in them."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

from render.files.digest import hash_file
from render.files.regular import open_regular
from render.types.products import ProductFile

# A tar is never held in memory.
PIECE_BYTES = 1 << 20


def has_length(folder: Path, file: ProductFile) -> bool:
    """Whether a file is there, no link, and as long as it was written; in a tar, whether that reaches so far.

    Args:
        folder: The output folder.
        file: Of a product.
    """
    try:
        status = (folder / file.path).lstat()
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode):
        return False
    if file.offset is None:
        return status.st_size == file.bytes
    return file.offset + file.bytes <= status.st_size


def read_content(folder: Path, file: ProductFile) -> bytes:
    """What is in a file.

    Args:
        folder: The output folder.
        file: Of a product.

    Raises:
        OSError: It cannot be read.
    """
    # No more of it than was written: one that has grown is not to fill the memory.
    return b"".join(read_pieces(folder, file))


def has_content(folder: Path, file: ProductFile) -> bool:
    """Whether a file is there, and what is in it is what was written; takes the same as `has_length`."""
    try:
        if file.offset is None:
            return hash_file(folder / file.path) == file.sha256
        digest = hashlib.sha256()
        for piece in read_pieces(folder, file):
            digest.update(piece)
        return digest.hexdigest() == file.sha256
    except OSError:
        return False


def read_pieces(folder: Path, file: ProductFile) -> Iterator[bytes]:
    """What is in a file, piece by piece; takes the same as `has_length`.

    Raises:
        OSError: It cannot be read.
    """
    left = file.bytes
    with open_regular(folder / file.path) as opened:
        opened.seek(file.offset or 0)
        while left and (piece := opened.read(min(left, PIECE_BYTES))):
            left -= len(piece)
            yield piece
