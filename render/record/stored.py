"""Whether the files of products are there as they were written."""

from __future__ import annotations

import stat
from pathlib import Path

from render.files.digest import hash_file
from render.files.regular import open_regular
from render.types.products import ProductFile


def has_length(folder: Path, file: ProductFile) -> bool:
    """Whether a file is there, no link, and as long as it was written.

    Args:
        folder: The output folder.
        file: Of a product.
    """
    try:
        status = (folder / file.name).lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == file.bytes


def read_content(folder: Path, file: ProductFile) -> bytes:
    """What is in a file.

    Args:
        folder: The output folder.
        file: Of a product.

    Raises:
        OSError: It cannot be read.
    """
    with open_regular(folder / (file.tar or file.name)) as opened:
        opened.seek(file.offset or 0)
        # A file that has grown is no longer what was written, and is not to fill the memory.
        return opened.read(file.bytes)


def has_content(folder: Path, file: ProductFile) -> bool:
    """Whether a file is there, and what is in it is what was written; takes the same as `has_length`."""
    try:
        return hash_file(folder / file.name) == file.sha256
    except OSError:
        return False
