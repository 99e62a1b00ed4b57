"""What identifies the content of files and settings: SHA-256, as `sha256sum` prints it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from render.files.regular import open_regular


@dataclass(frozen=True, slots=True)
class FileId:
    """What a file is known by.

    Attributes:
        bytes: Its length.
        sha256: The hash of its content, in hexadecimal digits.
    """

    bytes: int
    sha256: str


def identify(content: bytes | memoryview) -> FileId:
    """What a file of this content would be known by."""
    return FileId(len(content), hash_bytes(content))


def hash_file(path: Path) -> str:
    """The hash of a file's content, in hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_bytes(*pieces: bytes | memoryview) -> str:
    """The hash of pieces of content, one after the other, in hexadecimal digits."""
    # All of a person are some thirty, of a few bytes each.
    return hashlib.sha256(pieces[0] if len(pieces) == 1 else b"".join(pieces)).hexdigest()
