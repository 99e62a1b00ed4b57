"""Where a run writes, as the setting output.dir names it."""

from __future__ import annotations

from pathlib import Path

from render.files.output import Output, Readable
from render.files.output_dir import OutputDir
from render.files.readable_dir import ReadableDir


def open_output(place: str, tag: str = "") -> Output:
    """The place that output.dir names.

    Args:
        place: A folder, which is made.
        tag: Of runs that write there at the same time, to tell their temporary files apart.

    Raises:
        OutputError: Nothing can be written there.
    """
    return OutputDir(Path(place), tag)


def open_readable(place: str) -> Readable:
    """The same to be read; it need not be there.

    Args:
        place: As `open_output` takes it.
    """
    return ReadableDir(Path(place))
