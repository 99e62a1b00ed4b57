"""Some arrays of an npz, wherever it lies: in a file of its own, or inside of another one."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from render.containers.contents.archives import npz_members, open_archive, read_npz_member
from render.containers.errors import MOST_BYTES, ContainerError, plain_errors
from render.containers.npz_arrays import NpzArray
from render.files.regular import open_regular


def read_npz_keys(
    source: Path | bytes, keys: Iterable[str], most_bytes: int = MOST_BYTES, *, only_numbers: bool = False
) -> dict[str, Any]:
    """Reads those arrays that are there.

    Args:
        source: Path of an npz, or its content.
        keys: Of the arrays.
        most_bytes: That they may have together, unpacked.
        only_numbers: Whether texts and objects among them are refused.

    Returns:
        By their keys; an object without axes by itself.

    Raises:
        ContainerError: It is no npz, is damaged, or its arrays are too large.
        OSError: It cannot be read.
    """
    opened = io.BytesIO(source) if isinstance(source, bytes) else open_regular(source)
    with opened as file, plain_errors(), open_archive(file) as archive:
        members = npz_members(archive)
        wanted = {key: members[key] for key in keys if key in members}
        if sum(info.file_size for info in wanted.values()) > most_bytes:
            raise ContainerError(f"its arrays unpack to more than {most_bytes >> 20} MiB")
        for key, info in wanted.items() if only_numbers else ():
            with plain_errors(key):
                NpzArray(archive, info)
        return {key: read_npz_member(archive, key, info) for key, info in wanted.items()}
