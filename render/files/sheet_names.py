"""Names of output files: one for each row of a fit file, never two the same."""

from __future__ import annotations

import re

# File systems take 255 bytes; the rest is for the extension.
LONGEST_NAME_BYTES = 200

# Not allowed on some file systems, hidden on others, lost at the ends, or a home folder to a shell.
_AWKWARD = re.compile(r'[<>:"|?*]|^[. ~]+|[. ]+$')


def sheet_name(image_name: str, row: int) -> str:
    """The path of a sheet below the output folder: the image's folders and stem, and `_row`; no extension.

    The row ends the name, so no two rows share one, whatever their images are called and whether or not the
    file system tells cases apart. Files get a dot with their extension and folders have none, so that no file
    is where another sheet needs a folder.

    Args:
        image_name: A valid name (see `render.files.image_names`).
        row: Index in the fit file.
    """
    *folders, file = image_name.split("/")
    stem = file.rpartition(".")[0] or file
    suffix = f"_{row}"
    stem_bytes = _AWKWARD.sub("_", stem).encode()[: LONGEST_NAME_BYTES - len(suffix)]
    # A character cut in two at the end is dropped.
    name = stem_bytes.decode(errors="ignore") + suffix
    return "/".join([*(_AWKWARD.sub("_", folder).replace(".", "_") for folder in folders), name])


def row_of(name: str) -> int:
    """The row that ends a name which `sheet_name` gave."""
    return int(name.rpartition("_")[2])


def sheet_file(name: str, file_format: str) -> str:
    """The path of a sheet's file below the output folder.

    Args:
        name: Of the sheet.
        file_format: Its extension.
    """
    return f"{name}.{file_format}"
