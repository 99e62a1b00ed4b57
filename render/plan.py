"""From fits to sheets, and from sheets to batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from render.errors import PhotoError
from render.panels import PanelSpec
from render.types import FitTable, Panel, Rect, Sheet, Viewpoint
from render.views import VIEWS

# EFT's crop, which a crop view magnifies.
CROP_PX = 224
# A draw of SMPL has 110 kB of vertices, as much as so many pixels of a sheet; a sheet's are made at once.
DRAW_PX = 36_000
MOST_DRAWS = 10_000
# A mask's pixels are bytes.
MOST_INSTANCES = 255
# The pixels of a batch's sheets, up to four bytes each, and its samples have 32-bit indices.
MAX_SHEET_BYTES = 2**31 - 1
# 64 Mpx are 192 MB; one batch is decoded, one drawn and one written at a time.
MAX_BATCH_PX = 64_000_000


def group_people(fits: FitTable, people: str) -> list[tuple[int, ...]]:
    """Who is on each sheet, as positions in `fits`.

    people: `alone`, or `together` for all people of an image, in the order of the file.
    """
    if people == "alone":
        return [(i,) for i in range(len(fits))]
    groups: dict[str, list[int]] = {}
    for i, image_name in enumerate(fits.image_name):
        groups.setdefault(image_name, []).append(i)
    return [tuple(group) for group in groups.values()]


def needs_photo_size(specs: tuple[PanelSpec, ...], free_hw: tuple[int, int] | None) -> bool:
    """Whether a sheet of these panels depends on its photo at all."""
    return any(
        spec.background == "photo"
        or (spec.viewpoint.name != "crop" and (VIEWS[spec.viewpoint.name].over_photo or free_hw is None))
        for spec in specs
    )


def lay_out_sheet(
    name: str,
    photo: Path | None,
    photo_hw: tuple[int, int],
    specs: tuple[PanelSpec, ...],
    fits: tuple[int, ...],
    *,
    columns: int,
    free_hw: tuple[int, int] | None = None,
    frames: int = 1,
    samples: int = 1,
) -> Sheet:
    """A sheet with its panels in rows of `columns`, from the left, and its frames one below the other.

    free_hw: height and width of panels that do not lie over the photo; as large as the photo without it.
    frames: views around the bodies turn by a full circle over so many frames. samples: of a pixel. Raises
    PhotoError if the sheet would be larger than a batch can hold.
    """
    if len(fits) > MOST_INSTANCES and any(spec.mode == "mask" for spec in specs):
        raise PhotoError(
            f"{name}: a mask tells {MOST_INSTANCES} people apart, found {len(fits)} on the sheet"
        )
    sizes = [_panel_size(spec, photo_hw, free_hw) for spec in specs]
    rows = [range(i, min(i + columns, len(specs))) for i in range(0, len(specs), columns)]
    heights = [max(sizes[i][0] for i in row) for row in rows]
    width = max(sum(sizes[i][1] for i in row) for row in rows)
    height = sum(heights)
    if height * width * frames * max(samples, 4) > MAX_SHEET_BYTES:
        raise PhotoError(
            f"{photo or name}: {frames} frame(s) of {width} x {height} pixels, {samples} sample(s) each, are "
            f"more than a sheet can hold; draw fewer panels, frames or samples, or scale the photo down"
        )
    if len(fits) * len(specs) * frames > MOST_DRAWS:
        raise PhotoError(
            f"{photo or name}: {len(fits)} people on {len(specs)} panel(s) in {frames} frame(s) are more "
            f"than the {MOST_DRAWS} bodies that a sheet can hold; draw fewer of them, or people=alone"
        )
    panels = []
    for frame in range(frames):
        y = frame * height
        for row, row_height in zip(rows, heights, strict=True):
            x = 0
            for i in row:
                rect = Rect(x, y, w=sizes[i][1], h=sizes[i][0])
                viewpoint = _turn(specs[i], frame / frames)
                panels.append(Panel(viewpoint, specs[i].mode, specs[i].background, rect))
                x += rect.w
            y += row_height
    return Sheet(name, height * frames, width, photo, photo_hw, tuple(panels), fits, frames)


def gather_batches(sheets: Iterable[Sheet], most_sheets: int, samples: int = 1) -> Iterator[list[Sheet]]:
    """Batches in the order of `sheets`, of at most `most_sheets` and about MAX_BATCH_PX pixels.

    samples: of a pixel; each weighs half of a pixel, since bodies cover a part of their sheets. Bodies weigh
    as much as their vertices take, photos as much as their pixels. A sheet larger than a batch has one of
    its own.
    """
    batch: list[Sheet] = []
    pixels = 0
    for sheet in sheets:
        size = sheet.height * sheet.width * (1 + samples) // 2 + DRAW_PX * len(sheet.panels) * len(sheet.fits)
        if any(panel.background == "photo" for panel in sheet.panels):
            size += sheet.photo_hw[0] * sheet.photo_hw[1]
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
