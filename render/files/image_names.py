"""What an image name may be: a path that stays below the image folder on any file system."""

from __future__ import annotations

import re

# What most file systems take.
LONGEST_PART_BYTES = 255
# No file system takes a longer path.
LONGEST_BYTES = 4096
# Of the formats that photos are read in.
EXTENSIONS = (
    *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".jp2", ".avif"),
    *(".ppm", ".pgm", ".pbm", ".jpe", ".jfif"),
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# As on Windows; a colon alone is part of a name.
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def image_name_fault(name: str) -> str | None:
    """Why a name cannot be that of an image below the image folder.

    Args:
        name: As in a fit file.

    Returns:
        The reason in a few words; None where the name is good.
    """
    if not name:
        return "an empty name"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "a lone surrogate, which no file name can hold"
    if len(name.encode()) > LONGEST_BYTES:
        return f"a path of more than {LONGEST_BYTES} bytes"
    if _CONTROL.search(name):
        return "a control character"
    if name.startswith("/") or _DRIVE.match(name):
        return "an absolute path"
    # It separates folders on Windows, and so could lead out of the folder there.
    if "\\" in name:
        return "a backslash"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return f'the path part "{part}"'
        if len(part.encode()) > LONGEST_PART_BYTES:
            return f"a path part of {len(part.encode())} bytes, over {LONGEST_PART_BYTES}"
    return None
