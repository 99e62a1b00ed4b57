"""The small pictures of all sheets, each in a file named by what it was made of."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from PIL import Image

from render.compute.threads import count_cores
from render.files.digest import hash_bytes
from render.files.output_dir import OutputDir
from render.files.regular import read_regular
from render.gallery.entries import Entry
from render.gallery.kinds import find_kind, order_suffix
from render.gallery.small_pictures import VERSION, make_small_picture
from render.photos.open_files import LARGEST_FILE_BYTES
from render.record.stored import read_content
from render.types.products import ProductFile

THUMBS = "page/thumbs"
DIGITS = 16
NONE = "0" * DIGITS
_NAME = re.compile(rf"[0-9a-f]{{{DIGITS}}}\.webp")
# Whose shape is asked for, to find the one that most have.
_MOST_ASKED = 200


def thumb_file(name: str) -> str:
    """Where a small picture is, below the folder of the sheets."""
    return f"{THUMBS}/{name[:2]}/{name}.webp"


def make_thumbnails(output: OutputDir, entries: Sequence[Entry]) -> Iterator[str]:
    """Makes those that are not there yet.

    Args:
        output: The folder of the sheets.
        entries: The sheets.

    Yields:
        For each the name of its small picture, `NONE` where there is none.

    Raises:
        OutputError: One cannot be written.
    """
    there = set(list_thumbnails(output.path))

    def make(entry: Entry) -> str:
        suffix = min(entry.files, key=order_suffix)
        file, kind = entry.files[suffix], find_kind(suffix)
        if kind == "other" or file.bytes > LARGEST_FILE_BYTES:
            return NONE
        name = hash_bytes(f"{VERSION} {file.sha256}".encode())[:DIGITS]
        return name if name in there or _make(output, file, kind, name) else NONE

    # Decoders let go of the interpreter. A few at a time, so that memory does not grow with the data set.
    with ThreadPoolExecutor(count_cores()) as pool:
        left = iter(entries)
        while some := list(islice(left, 256)):
            yield from pool.map(make, some)


def _make(output: OutputDir, file: ProductFile, kind: str, name: str) -> bool:
    try:
        content = read_content(output, file)
    except OSError:
        return False
    picture = make_small_picture(content, kind)
    if picture is not None:
        output.write(thumb_file(name), picture)
    return picture is not None


def list_thumbnails(folder: Path) -> Iterator[str]:
    """Names of all small pictures that are there."""
    for path in (folder / THUMBS).glob("[0-9a-f][0-9a-f]/*.webp"):
        if _NAME.fullmatch(path.name):
            yield path.stem


def remove_others(output: OutputDir, kept: set[str]) -> None:
    """Removes small pictures of sheets that are not there any more."""
    for name in set(list_thumbnails(output.path)) - kept:
        output.remove(thumb_file(name))


def find_usual_shape(output: OutputDir, names: Sequence[str]) -> float:
    """Width by height that half of the small pictures reach, of a sample of them."""
    some = [name for name in names if name != NONE]
    some = some[:: len(some) // _MOST_ASKED + 1]
    ratios = []
    for name in some:
        try:
            content = read_regular(output.path / thumb_file(name))
            with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
                ratios.append(image.width / image.height)
        except (OSError, ValueError):
            continue
    return sorted(ratios)[len(ratios) // 2] if ratios else 4 / 3
