"""Where a run writes, as the setting output.dir names it."""

from __future__ import annotations

from pathlib import Path

from render.errors import OutputError, StoreError
from render.files.output import Output, Readable
from render.files.output_dir import OutputDir
from render.files.readable_dir import ReadableDir
from render.files.stores.open import open_store
from render.files.stores.outputs.objects import Objects
from render.files.stores.outputs.output import StoreOutput
from render.files.stores.outputs.readable import ReadableStore
from render.files.stores.urls import is_url, parse_url


def open_output(place: str, tag: str = "", is_tried: bool = False) -> Output:
    """The place that output.dir names.

    Args:
        place: A folder, which is made, or a URL.
        tag: Of runs that write there at the same time, to tell their temporary files apart.
        is_tried: Whether this process has opened it before, so that a store need not be tried out again.

    Raises:
        OutputError: Nothing can be written there.
    """
    if is_url(place):
        return StoreOutput(_open_objects(place), is_tried)
    return OutputDir(Path(place), tag)


def open_readable(place: str) -> Readable:
    """The same to be read; it need not be there.

    Args:
        place: As `open_output` takes it.

    Raises:
        OutputError: It is a URL that cannot be opened.
    """
    return ReadableStore(_open_objects(place)) if is_url(place) else ReadableDir(Path(place))


def _open_objects(place: str) -> Objects:
    url = parse_url(place)
    try:
        return Objects(open_store(url), url)
    except StoreError as error:
        raise OutputError(str(error)) from error
