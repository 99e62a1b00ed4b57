"""From fits to sheets, and from sheets to batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from render.errors import PhotoError
from render.panels import PanelSpec
from render.types import Panel, Rect, Sheet, Viewpoint
from render.views import VIEWS

# EFT's crop, which a crop view magnifies.
CROP_PX = 224
# The pixels of a batch's sheets have 32-bit indices, four bytes each.
MAX_SHEET_PX = 2**31 // 4 - 1
# 64 Mpx of sheets are 192 MB; two batches are in memory at a time.
MAX_BATCH_PX = 64_000_000


def lay_out_sheet(
    name: str,
    photo: Path | None,
    photo_hw: tuple[int, int],
    specs: tuple[PanelSpec, ...],
    fits: tuple[int, ...],
    *,
    free_hw: tuple[int, int] | None = None,
    frames: int = 1,
) -> Sheet:
    """A sheet with its panels side by side from the left, and its frames one below the other.

    free_hw: height and width of panels that do not lie over the photo; as large as the photo without it.
    frames: views around the bodies turn by a full circle over so many frames. Raises PhotoError if the sheet
    would have more pixels than a batch can hold.
    """
    sizes = [_panel_size(spec, photo_hw, free_hw) for spec in specs]
    height, width = max(h for h, _ in sizes), sum(w for _, w in sizes)
    if height * width * frames > MAX_SHEET_PX:
        raise PhotoError(
            f"{photo}: {frames} frame(s) of {width} x {height} pixels are more than a sheet can hold, "
            f"{MAX_SHEET_PX} pixels; draw fewer panels or frames, or scale the photo down"
        )
    panels = []
    for frame in range(frames):
        x = 0
        for spec, (h, w) in zip(specs, sizes, strict=True):
            rect = Rect(x, frame * height, w, h)
            panels.append(Panel(_turn(spec, frame / frames), spec.mode, spec.background, rect))
            x += w
    return Sheet(name, height * frames, width, photo, photo_hw, tuple(panels), fits, frames)


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


def _panel_size(
    spec: PanelSpec, photo_hw: tuple[int, int], free_hw: tuple[int, int] | None
) -> tuple[int, int]:
    if spec.viewpoint.name == "crop":
        side = round(CROP_PX * spec.viewpoint.magnification)
        return side, side
    if VIEWS[spec.viewpoint.name].over_photo or free_hw is None:
        return photo_hw
    return free_hw


def _turn(spec: PanelSpec, share: float) -> Viewpoint:
    if VIEWS[spec.viewpoint.name].over_photo:
        return spec.viewpoint
    return replace(spec.viewpoint, azimuth_deg=spec.viewpoint.azimuth_deg + 360.0 * share)
