"""From fits to sheets, and from sheets to batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from render.errors import PhotoError
from render.panels import PanelSpec
from render.types import Panel, Rect, Sheet

# The pixels of a batch's sheets have 32-bit indices, three bytes each.
MAX_SHEET_PX = 2**31 // 3 - 1
# 64 Mpx of sheets are 192 MB; two batches are in memory at a time.
MAX_BATCH_PX = 64_000_000


def lay_out_sheet(
    name: str, photo: Path, photo_hw: tuple[int, int], specs: tuple[PanelSpec, ...], fits: tuple[int, ...]
) -> Sheet:
    """A sheet with its panels side by side from the left, each as large as the photo.

    Raises PhotoError if the sheet would have more pixels than a batch can hold.
    """
    height, width = photo_hw
    if height * width * len(specs) > MAX_SHEET_PX:
        raise PhotoError(
            f"{photo}: {len(specs)} panels of {width} x {height} pixels are more than a sheet can hold, "
            f"{MAX_SHEET_PX} pixels; draw fewer panels or scale the photo down"
        )
    panels = tuple(
        Panel(spec.view, spec.mode, spec.background, Rect(i * width, 0, width, height))
        for i, spec in enumerate(specs)
    )
    return Sheet(name, height, width * len(specs), photo, photo_hw, panels, fits)


def gather_batches(sheets: Iterable[Sheet], most_sheets: int) -> Iterator[list[Sheet]]:
    """Batches in the order of `sheets`, of at most `most_sheets` and about MAX_BATCH_PX pixels.

    A sheet that is larger than that has a batch of its own.
    """
    batch: list[Sheet] = []
    pixels = 0
    for sheet in sheets:
        size = sheet.height * sheet.width
        if batch and (len(batch) == most_sheets or pixels + size > MAX_BATCH_PX):
            yield batch
            batch, pixels = [], 0
        batch.append(sheet)
        pixels += size
    if batch:
        yield batch
