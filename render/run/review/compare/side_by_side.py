"""The panels of two fits in one picture, with the names of the methods above them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.sheet.canvas import find_paper_colour
from render.sheet.titles.names import Names
from render.sheet.titles.paint import paint_title
from render.sheet.titles.room import Room, make_room
from render.types.sheets import Rect, Sheet, Title

# Between the two, as a share of the height of a frame: more than between panels of one fit.
_GAP = 0.02


@dataclass(frozen=True)
class PairSheet:
    """A picture with the sheets of two fits, which are as large as each other.

    Attributes:
        sheet: The whole, without panels of its own.
        rects: Where a frame of each lies.
        titles: The names.
        paper: The colour around them, with as many channels as they have.
    """

    sheet: Sheet
    rects: tuple[Rect, Rect]
    titles: tuple[Title, Title]
    paper: tuple[int, ...]

    def join(self, views: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """The pixels of both, in one picture.

        Args:
            views: (H, W, C) uint8 of each sheet, its frames one below the other.

        Returns:
            (H', W', C) uint8, the frames one below the other.
        """
        frames = self.sheet.frames
        height, channels = self.sheet.height // frames, len(self.paper)
        pixels = np.empty((frames, height, self.sheet.width, channels), np.uint8)
        pixels[:] = np.array(self.paper, np.uint8)
        for frame in pixels:
            for title in self.titles:
                paint_title(frame, title, self.paper)
        for view, rect in zip(views, self.rects, strict=True):
            parts = view.reshape(frames, rect.h, rect.w, channels)
            pixels[:, rect.y : rect.y + rect.h, rect.x : rect.x + rect.w] = parts
        return pixels.reshape(self.sheet.height, self.sheet.width, channels)


def lay_side_by_side(sheet: Sheet, names: tuple[str, str], channels: int) -> PairSheet:
    """Where two sheets of one layout lie beside each other.

    Args:
        sheet: One of them.
        names: What stands above each.
        channels: 3, or 4 with alpha.
    """
    height = sheet.height // sheet.frames
    gap = max(2, round(_GAP * height))
    room: Room = make_room(Names(columns=names), [sheet.width] * 2, [height])
    lefts = (room.left, room.left + sheet.width + gap)
    rects = [Rect(left, room.top, sheet.width, height) for left in lefts]
    titles = [
        Title(name, Rect(rect.x, room.around, rect.w, room.line), room.size_px)
        for name, rect in zip(names, rects, strict=True)
    ]
    whole = Sheet(
        sheet.name,
        (room.top + height + room.around) * sheet.frames,
        lefts[1] + sheet.width + room.around,
        sheet.photo,
        sheet.photo_hw,
        (),
        sheet.fits,
        sheet.frames,
        sheet.paper,
        sheet.outside,
    )
    paper = find_paper_colour(sheet, channels)
    return PairSheet(whole, (rects[0], rects[1]), (titles[0], titles[1]), paper)
