"""From fits to sheets, and from sheets to batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from render.errors import PhotoError
from render.panels import PanelSpec
from render.types import FitTable, Panel, Rect, Sheet, Viewpoint
from render.views import VIEWS

# EFT's crop, which a crop view magnifies.
CROP_PX = 224
# A body of SMPL has 83 kB of vertices and as much of normals; a draw of it 110 kB of vertices and 55 kB of
# what they are rounded to.
BODY_BYTES = 170_000
DRAW_BYTES = 170_000
# A sheet's are made at once.
MOST_DRAWS = 10_000
# A batch's, times SMPL's faces, are counted in 31 bits.
MOST_BATCH_DRAWS = 150_000
# A mask's pixels are bytes.
MOST_INSTANCES = 255
# The pixels of a batch's sheets, up to four bytes each, and a sheet's samples have 32-bit indices.
MAX_SHEET_BYTES = 2**31 - 1


def group_people(fits: FitTable, people: str) -> list[list[tuple[int, ...]]]:
    """Who is on each sheet, as positions in `fits`: a list for each image, in the order of the file.

    people: `alone`, or `together` for one sheet with all people of an image.
    """
    images: dict[str, list[int]] = {}
    for i, image_name in enumerate(fits.image_name):
        images.setdefault(image_name, []).append(i)
    if people == "alone":
        return [[(i,) for i in image] for image in images.values()]
    return [[tuple(image)] for image in images.values()]


def needs_photo_size(specs: tuple[PanelSpec, ...], free_hw: tuple[int, int] | None) -> bool:
    """Whether a sheet of these panels depends on its photo at all."""
    return shows_photo(specs) or any(
        spec.viewpoint.name != "crop" and (VIEWS[spec.viewpoint.name].over_photo or free_hw is None)
        for spec in specs
    )


def shows_photo(specs: tuple[PanelSpec, ...]) -> bool:
    """Whether a panel has the photo behind it."""
    return any(spec.background == "photo" for spec in specs)


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


@dataclass
class BatchLimit:
    """What a batch may hold: most_sheets, and most_bytes, which is lowered when memory runs out."""

    most_sheets: int
    most_bytes: int

    def allows(self, load: Load) -> bool:
        """Whether a batch may hold so much."""
        return (
            load.sheets <= self.most_sheets
            and load.bytes <= self.most_bytes
            and load.pixel_bytes <= MAX_SHEET_BYTES
            and load.draws <= MOST_BATCH_DRAWS
        )


class Load(NamedTuple):
    """What sheets take while they are made: how many they are, about how many bytes in all, bytes of their
    pixels, draws.
    """

    sheets: int = 0
    bytes: int = 0
    pixel_bytes: int = 0
    draws: int = 0

    def plus(self, others: Iterable[Load]) -> Load:
        return Load(*map(sum, zip(self, *others, strict=True)))


def weigh_sheet(sheet: Sheet) -> Load:
    """Of a sheet: its pixels, its photo, its bodies and where they are drawn."""
    draws = len(sheet.panels) * len(sheet.fits)
    # With alpha; all of a batch have it if one has.
    pixel_bytes = 4 * sheet.height * sheet.width
    taken = pixel_bytes + DRAW_BYTES * draws + BODY_BYTES * len(sheet.fits)
    if any(panel.background == "photo" for panel in sheet.panels):
        taken += 3 * sheet.photo_hw[0] * sheet.photo_hw[1]
    return Load(1, taken, pixel_bytes, draws)


def gather_batches(images: Iterable[list[Sheet]], limit: BatchLimit) -> Iterator[tuple[list[Sheet], Load]]:
    """Batches in the order of the sheets, within `limit`, which may change meanwhile, and what they take.

    images: the sheets of each image. They come into one batch, so that their photo is decoded once; only
    those that are more than a batch are split. A sheet that is more than a batch has one of its own.
    """
    batch: list[Sheet] = []
    load = Load()
    for sheets in images:
        loads = [weigh_sheet(sheet) for sheet in sheets]
        if batch and not limit.allows(load.plus(loads)):
            yield batch, load
            batch, load = [], Load()
        for sheet, one in zip(sheets, loads, strict=True):
            if batch and not limit.allows(load.plus([one])):
                yield batch, load
                batch, load = [], Load()
            batch.append(sheet)
            load = load.plus([one])
    if batch:
        yield batch, load


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
