"""How a batch comes to its comparison: the numbers of both fits of each person, and their panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from render.compute.steps import Step, Steps
from render.compute.transfer import PixelPool
from render.errors import PhotoError, SheetError
from render.library.poser import Undrawable
from render.library.renderer import BatchRenderer
from render.photos.behind_sheets import PhotoReader, Shown
from render.run.outcomes import describe_undrawable
from render.run.pipelines import Finish, group_by_photo, spread, write_sheet
from render.run.review.compare.numbers import PairMeasurer
from render.run.review.compare.partners import Partners, share_views
from render.run.review.compare.side_by_side import PairSheet, lay_side_by_side
from render.sheet.canvas import count_channels, cut_sheets, paint_backgrounds, sheet_starts
from render.sheet.framing import Batch, lacks_crops
from render.types.products import Measured, MeasuredFiles
from render.write.writer import SheetWriter


@dataclass(frozen=True)
class PairPictures:
    """What draws the panels of two fits.

    Attributes:
        renderers: Of both.
        reader: Reads the photos.
        writer: Encodes and writes the pictures.
        names: What stands above the panels.
    """

    renderers: tuple[BatchRenderer, BatchRenderer]
    reader: PhotoReader
    writer: SheetWriter
    names: tuple[str, str]


class ComparePipeline:
    """Both fits of each person are posed, drawn as masks and measured; then their panels are drawn.

    Args:
        partners: Finds the other fits.
        measurer: Finds the numbers.
        pictures: What draws the panels; None without panels.
        finish: Called once for each sheet, from any thread.
    """

    def __init__(
        self, partners: Partners, measurer: PairMeasurer, pictures: PairPictures | None, finish: Finish
    ) -> None:
        self._partners = partners
        self._measurer = measurer
        self._pictures = pictures
        self._finish = finish
        self._pools = [] if pictures is None else [PixelPool(one.device) for one in pictures.renderers]

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that compare all people of the batch, one a sheet."""
        other = self._partners.find(batch)
        measured = yield from self._measurer.measure(batch, other)
        if self._pictures is None:
            for sheet, one in zip(batch.sheets, measured, strict=True):
                self._finish(sheet, MeasuredFiles(one) if isinstance(one, Measured) else one, None)
            return
        yield from self._draw(self._pictures, batch, other, measured)

    def _draw(
        self, pictures: PairPictures, batch: Batch, other: Batch, measured: Sequence[Measured | PhotoError]
    ) -> Steps[None]:
        renderers = pictures.renderers
        # So that a person has one colour and one name: the row is another in the other file.
        fits = replace(other.fits, row=batch.fits.row, identity=batch.fits.identity)
        other = replace(other, fits=fits)
        queue = renderers[0].open_queue()
        if lacks_crops(batch):
            batch = yield from renderers[0].find_crops(batch, queue)
            other = replace(other, crops=batch.crops)
        batch, other = yield from share_views(batch, other, renderers, queue)
        sheets, channels = batch.sheets, count_channels(batch.sheets)
        size = sheet_starts(sheets, channels)[-1]
        with self._pools[0].lend(size) as pixels, self._pools[1].lend(size) as others:
            views = [cut_sheets(one.numpy(), sheets, channels) for one in (pixels, others)]
            groups = group_by_photo(sheets)
            read = yield Step(
                "decode", [partial(self._paint, pictures, (batch, other), group, views) for group in groups]
            )
            shown = spread(groups, read, len(sheets))
            lost = yield from renderers[0].draw(batch, pixels, queue)
            lost_others = yield from renderers[1].draw(other, others, queue)
            yield Step(
                "encode",
                [
                    partial(
                        self._write,
                        pictures,
                        lay_side_by_side(sheet, pictures.names, channels),
                        (views[0][i], views[1][i]),
                        measured[i],
                        shown[i],
                        (lost[i], lost_others[i]),
                    )
                    for i, sheet in enumerate(sheets)
                ],
            )

    def _paint(
        self,
        pictures: PairPictures,
        batches: tuple[Batch, Batch],
        group: list[int],
        views: list[list[np.ndarray]],
    ) -> Shown | PhotoError | None:
        """Lays the backgrounds of all sheets of a photo, which is decoded once, of both fits."""
        try:
            read = pictures.reader.read(batches[0].sheets[group[0]])
        except PhotoError as error:
            return error
        photo, shown = read or (None, None)
        corners, sides = batches[0].crops
        for batch, of_batch in zip(batches, views, strict=True):
            for i in group:
                paint_backgrounds(of_batch[i], batch.sheets[i], photo, (corners[i], float(sides[i])))
        return shown

    def _write(
        self,
        pictures: PairPictures,
        pair: PairSheet,
        views: tuple[np.ndarray, np.ndarray],
        measured: Measured | PhotoError,
        shown: Shown | PhotoError | None,
        lost: tuple[Undrawable | None, Undrawable | None],
    ) -> None:
        if isinstance(measured, PhotoError):
            self._finish(pair.sheet, shown if isinstance(shown, PhotoError) else measured, None)
            return
        reasons = [
            f"of {name}: {describe_undrawable(one)}"
            for name, one in zip(pictures.names, lost, strict=True)
            if one is not None
        ]
        write_sheet(
            pair.sheet,
            shown,
            SheetError(reasons[0]) if reasons else None,
            lambda: MeasuredFiles(measured, pictures.writer.write(pair.sheet, pair.join(views))),
            self._finish,
        )
