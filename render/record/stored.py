"""Whether the files of products are there as they were written."""

from __future__ import annotations

import stat
from pathlib import Path

from render.files.digest import hash_file
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


def has_content(folder: Path, file: ProductFile) -> bool:
    """Whether a file is there, and what is in it is what was written; takes the same as `has_length`."""
    try:
        return hash_file(folder / file.name) == file.sha256
    except OSError:
        return False
