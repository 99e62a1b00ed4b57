"""From sheets to batches: what is drawn in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from render.sheet.layout import MAX_SHEET_BYTES
from render.types.sheets import Sheet

# Of a vertex: its place and its normal, float32; drawn, its place on the panel and what that is rounded to.
VERT_BYTES, PLACED_VERT_BYTES = 2 * 12, 16 + 8
# On CUDA a face of a placement is a thread, and threads of a launch are counted in 31 bits.
MOST_THREADS = 2**31 - 1


@dataclass(frozen=True)
class BodyCost:
    """What a body of a topology takes.

    Attributes:
        vert_count: How many vertices it has.
        face_count: How many faces it has.
    """

    vert_count: int
    face_count: int

    @property
    def body_bytes(self) -> int:
        """Of a posed body."""
        return VERT_BYTES * self.vert_count

    @property
    def placement_bytes(self) -> int:
        """Of a body on a panel."""
        return PLACED_VERT_BYTES * self.vert_count


@dataclass
class BatchLimit:
    """What a batch may hold.

    Attributes:
        most_sheets: How many sheets.
        most_bytes: What they may take in all; lowered when memory runs out.
        body: What each of the bodies takes.
    """

    most_sheets: int
    most_bytes: int
    body: BodyCost

    def allows(self, load: Load) -> bool:
        """Whether a batch may hold so much."""
        return (
            load.sheets <= self.most_sheets
            and load.bytes <= self.most_bytes
            and load.pixel_bytes <= MAX_SHEET_BYTES
            and load.placements * self.body.face_count <= MOST_THREADS
        )


class Load(NamedTuple):
    """What sheets take while they are made.

    Attributes:
        sheets: How many they are.
        bytes: About how many they take in all.
        pixel_bytes: Bytes of their pixels.
        placements: How many there are on them.
    """

    sheets: int = 0
    bytes: int = 0
    pixel_bytes: int = 0
    placements: int = 0

    def plus(self, others: Iterable[Load]) -> Load:
        """What these sheets take together with others."""
        return Load(*map(sum, zip(self, *others, strict=True)))


def weigh_sheet(sheet: Sheet, body: BodyCost) -> Load:
    """The load of one sheet: its pixels, its photo, its bodies and their placements."""
    placements = len(sheet.panels) * len(sheet.fits)
    # With alpha; all of a batch have it if one has.
    pixel_bytes = 4 * sheet.height * sheet.width
    taken = pixel_bytes + body.placement_bytes * placements + body.body_bytes * len(sheet.fits)
    if any(panel.background == "photo" for panel in sheet.panels):
        taken += 3 * sheet.photo_hw[0] * sheet.photo_hw[1]
    return Load(1, taken, pixel_bytes, placements)


def gather_batches(images: Iterable[list[Sheet]], limit: BatchLimit) -> Iterator[tuple[list[Sheet], Load]]:
    """Batches in the order of the sheets.

    The sheets of an image come into one batch, so that their photo is decoded once; only those that are more
    than a batch are split. A sheet that is more than a batch has one of its own.

    Args:
        images: The sheets of each image.
        limit: What a batch may hold; may change meanwhile.

    Yields:
        A batch, and what it takes.
    """
    batch: list[Sheet] = []
    load = Load()
    for sheets in images:
        loads = [weigh_sheet(sheet, limit.body) for sheet in sheets]
        # First the image as a whole, then its sheets one by one, for those that no batch can hold together.
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
