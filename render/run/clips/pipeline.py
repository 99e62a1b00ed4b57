"""How a batch of frames comes to its pixels, and in turn into its clip."""

from __future__ import annotations

from functools import partial

import numpy as np

from render.compute.steps import Step, Steps, Turn
from render.compute.transfer import PixelPool
from render.errors import PhotoError
from render.library.poser import Undrawable
from render.library.renderer import BatchRenderer
from render.photos.behind_sheets import PhotoReader, Shown
from render.run.clips.open_clip import OpenClip, describe_grey
from render.sheet.canvas import count_channels, cut_sheets, paint_backgrounds, sheet_starts
from render.sheet.framing import Batch, lacks_crops
from render.types.scenes import Scenes
from render.types.sheets import Sheet

# What a frame shows whose photo is not there: no white page, which might be one.
_NO_PHOTO = np.full((1, 1, 3), 96, np.uint8)


class ClipPipeline:
    """Frames are drawn as sheets are, in batches side by side, and encoded in their order.

    Args:
        renderer: Draws the bodies.
        reader: Reads the photos.
    """

    def __init__(self, renderer: BatchRenderer, reader: PhotoReader) -> None:
        self._renderer = renderer
        self._reader = reader
        self._pool = PixelPool(renderer.device)

    def measure(self, batch: Batch) -> Steps[Scenes]:
        """Steps that find what is in each frame of a batch, for the views around the bodies."""
        return self._renderer.measure(batch, self._renderer.open_queue())

    def make(self, batch: Batch, first: int, clip: OpenClip, turn: Turn) -> Steps[None]:
        """Steps that make all frames of a batch and give them to their clip.

        Args:
            batch: Of frames that follow one another.
            first: Number of the first of them.
            clip: Takes them.
            turn: Of the job among those of the clip.
        """
        queue = self._renderer.open_queue()
        if lacks_crops(batch):
            batch = yield from self._renderer.find_crops(batch, queue)
        sheets, channels = batch.sheets, count_channels(batch.sheets)
        with self._pool.lend(sheet_starts(sheets, channels)[-1]) as pixels:
            views = cut_sheets(pixels.numpy(), sheets, channels)
            shown = yield Step(
                "decode", [partial(self._paint, batch, i, views[i]) for i in range(len(sheets))]
            )
            lost = yield from self._renderer.draw(batch, pixels, queue)
            yield Step("encode", [partial(_add_frames, clip, first, views, shown, lost)], turn)

    def _paint(self, batch: Batch, i: int, view: np.ndarray) -> Shown | PhotoError | None:
        """Lays the backgrounds of a frame; a clip is not lost for a photo that is."""
        sheet: Sheet = batch.sheets[i]
        found: Shown | PhotoError | None = None
        try:
            read = self._reader.read(sheet)
            photo, found = read or (None, None)
        except PhotoError as error:
            photo = np.broadcast_to(_NO_PHOTO, (*sheet.photo_hw, 3))
            found = self._reader.identify(sheet, describe_grey(error)) or error
        corners, sides = batch.crops
        paint_backgrounds(view, sheet, photo, (corners[i], float(sides[i])))
        return found


def _add_frames(
    clip: OpenClip,
    first: int,
    views: list[np.ndarray],
    shown: list[Shown | PhotoError | None],
    lost: list[Undrawable | None],
) -> None:
    for i, view in enumerate(views):
        clip.add(first + i, view, shown[i], lost[i])
