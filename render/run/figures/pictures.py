"""The pictures of a figure, drawn at the pixels that the paper asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import torch

from render.compute.steps import Step, Steps
from render.errors import PhotoError
from render.library.renderer import BatchRenderer
from render.photos.behind_sheets import PhotoReader
from render.run.figures.looks import View
from render.run.figures.regions import Region
from render.sheet.canvas import count_channels, paint_backgrounds
from render.sheet.framing import lacks_crops, make_batch
from render.types.fits import Fits
from render.types.sheets import Framing, Panel, Photo, Rect, Sheet, Window

# Of photos as they are decoded: rows follow one another, and each has many pictures.
_KEPT_PHOTOS = 2


@dataclass(frozen=True)
class Cell:
    """What a picture of a figure shows.

    Attributes:
        view: Of whom, from where.
        mode: The mode's name; None for the photo alone.
        background: The background's name.
        photo: The picture behind it; None where none is shown.
        region: The part of the view that it shows.
        has_shadow: Whether the bodies' shadows on the ground lie over the background.
    """

    view: View
    mode: str | None
    background: str
    photo: Photo | None
    region: Region
    has_shadow: bool = False

    def cut(self, left: float, top: float, width: float, height: float) -> Cell:
        """A part of it, given as shares of its region, as a picture of its own."""
        region = self.region
        part = Region(
            region.left + left * region.width,
            region.top + top * region.height,
            width * region.width,
            height * region.height,
        )
        return replace(self, region=part)


class PictureMaker:
    """Draws the pictures of a figure.

    Args:
        renderer: Draws the bodies.
        reader: Reads the photos.
        fits: The people.
        framing: How views around bodies look at them.
        supersample: n for n x n samples a pixel.
        outside: Colour beyond the photo.

    Attributes:
        damaged: What is wrong with photos that are drawn although they are damaged.
    """

    def __init__(
        self,
        renderer: BatchRenderer,
        reader: PhotoReader,
        fits: Fits,
        framing: Framing,
        supersample: int,
        outside: str,
    ) -> None:
        self._renderer = renderer
        self._fits = fits
        self._framing = framing
        self._supersample = supersample
        self._outside = outside
        self.damaged: set[str] = set()

        @lru_cache(_KEPT_PHOTOS)
        def read(photo: Photo, photo_hw: tuple[int, int]) -> np.ndarray | None:
            found = reader.read(Sheet("", *photo_hw, photo, photo_hw, (), ()))
            if found is None:
                return None
            if found[1].damage is not None:
                self.damaged.add(found[1].damage)
            return found[0]

        self._read = read

    def make(
        self, cell: Cell, size_px: tuple[int, int], finish: Callable[[np.ndarray | str], None]
    ) -> Steps[None]:
        """Steps that draw a picture.

        Args:
            cell: What it shows.
            size_px: Width and height.
            finish: Gets it, (h, w, 3) or with alpha (h, w, 4) uint8, or why it cannot be drawn.
        """
        sheet = self._lay_out(cell, size_px)
        (photo,) = yield Step("decode", [partial(self._read_photo, cell)])
        if isinstance(photo, str):
            finish(photo)
            return
        channels = count_channels([sheet])
        pixels = torch.zeros(sheet.height * sheet.width * channels, dtype=torch.uint8)
        if self._renderer.device.type == "cuda":
            pixels = pixels.pin_memory()
        picture = pixels.numpy().reshape(sheet.height, sheet.width, channels)
        queue = self._renderer.open_queue()
        batch = make_batch(self._fits, [sheet], self._framing, cell.view.scenes, self._supersample)
        if lacks_crops(batch):
            batch = yield from self._renderer.find_crops(batch, queue)
        corners, sides = batch.crops
        paint_backgrounds(picture, sheet, photo, (corners[0], float(sides[0])))
        if cell.mode is not None:
            (lost,) = yield from self._renderer.draw(batch, pixels, queue)
            if lost is not None:
                # Its rows are counted through the files of all methods.
                finish("a body of it is too far off to be drawn; check the camera of its fit")
                return
        finish(picture)

    def _read_photo(self, cell: Cell) -> np.ndarray | str | None:
        if cell.photo is None or cell.background != "photo":
            return None
        try:
            return self._read(cell.photo, cell.view.photo_hw)
        except PhotoError as error:
            return str(error)

    def _lay_out(self, cell: Cell, size_px: tuple[int, int]) -> Sheet:
        width, height = size_px
        region, view = cell.region, cell.view
        window = Window(region.left, region.top, width / region.width, view.size_px)
        panel = Panel(
            view.viewpoint,
            # Without a mode nobody is drawn, and any does.
            cell.mode or "geo",
            cell.background,
            Rect(0, 0, width, height),
            cell.has_shadow,
            window,
        )
        people = () if cell.mode is None else view.people
        return Sheet("", height, width, cell.photo, view.photo_hw, (panel,), people, outside=self._outside)
