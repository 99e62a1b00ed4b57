"""How a batch of sheets comes to its pixels and its files: over the CPU's codecs, or on a GPU throughout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from render.compute.memory import is_out_of_memory
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, PixelPool, upload
from render.errors import PhotoError, SheetError
from render.library.poser import Undrawable
from render.library.renderer import BatchRenderer
from render.photos.behind_sheets import PhotoReader, Shown
from render.photos.gpu.checked_jpeg import CheckedJpeg
from render.photos.gpu.device_decoder import DeviceDecoder
from render.sheet.canvas import count_channels, cut_sheets, paint_backgrounds, sheet_starts
from render.sheet.framing import Batch, lacks_crops
from render.types.products import MeasuredFiles, ProductFile
from render.types.sheets import Photo, Sheet
from render.write.device_encoder import DeviceEncoder
from render.write.writer import SheetWriter

# What became of a sheet: its files, or what was measured with them, or why there is neither.
Outcome = tuple[ProductFile, ...] | MeasuredFiles | PhotoError | SheetError | Undrawable
# A photo with what is known of it, why it cannot be read, None where none is shown.
Read = tuple[np.ndarray | CheckedJpeg, Shown] | PhotoError | None
# Called with what its panels show, None where no photo.
Finish = Callable[[Sheet, Outcome, Shown | None], None]


class HostPipeline:
    """Photos are decoded and sheets encoded on the CPU, in any format.

    Args:
        renderer: Draws the bodies.
        reader: Reads the photos.
        writer: Encodes and writes the sheets.
        finish: Called once for each sheet, from any thread.
    """

    def __init__(
        self, renderer: BatchRenderer, reader: PhotoReader, writer: SheetWriter, finish: Finish
    ) -> None:
        self._renderer = renderer
        self._reader = reader
        self._writer = writer
        self._finish = finish
        self._pool = PixelPool(renderer.device)

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        queue = self._renderer.open_queue()
        if lacks_crops(batch):
            batch = yield from self._renderer.find_crops(batch, queue)
        sheets, channels = batch.sheets, count_channels(batch.sheets)
        with self._pool.lend(sheet_starts(sheets, channels)[-1]) as pixels:
            views = cut_sheets(pixels.numpy(), sheets, channels)
            groups = group_by_photo(sheets)
            # A group is a task: its photo is decoded once, and tasks share no sheet.
            read = yield Step("decode", [partial(self._paint, batch, group, views) for group in groups])
            shown = spread(groups, read, len(sheets))
            lost = yield from self._renderer.draw(batch, pixels, queue)
            yield Step(
                "encode",
                [partial(self._write, sheet, views[i], shown[i], lost[i]) for i, sheet in enumerate(sheets)],
            )

    def _paint(self, batch: Batch, group: list[int], views: list[np.ndarray]) -> Shown | PhotoError | None:
        """Lays the backgrounds of all sheets of a photo, which is decoded once."""
        try:
            read = self._reader.read(batch.sheets[group[0]])
        except PhotoError as error:
            return error
        photo, shown = read or (None, None)
        corners, sides = batch.crops
        for i in group:
            paint_backgrounds(views[i], batch.sheets[i], photo, (corners[i], float(sides[i])))
        return shown

    def _write(
        self,
        sheet: Sheet,
        pixels: np.ndarray,
        shown: Shown | PhotoError | None,
        lost: Undrawable | None,
    ) -> None:
        write_sheet(sheet, shown, lost, partial(self._writer.write, sheet, pixels), self._finish)


class DevicePipeline:
    """Photos are drawn over and encoded on a GPU; to the CPU come files.

    For JPEG, photos pixel for pixel, and no annotations. What the GPU cannot encode, the CPU does. Photos are
    decoded on the CPU, or by the GPU after the CPU has found them to be whole.

    Args:
        renderer: Draws the bodies.
        encoder: Encodes on the GPU.
        codec: Of the format.
        options: Of the format.
        reader: Reads the photos.
        writer: Writes the sheets, and encodes those that the GPU cannot.
        finish: Called once for each sheet, from any thread.
        decoder: Decodes photos on the GPU; None where the CPU does.
    """

    def __init__(
        self,
        renderer: BatchRenderer,
        encoder: DeviceEncoder,
        codec: str,
        options: Mapping[str, Any],
        reader: PhotoReader,
        writer: SheetWriter,
        finish: Finish,
        decoder: DeviceDecoder | None = None,
    ) -> None:
        self._renderer = renderer
        self._decoder = decoder
        self._read_photo = reader.read if decoder is None else reader.read_for_gpu
        self._writer = writer
        self._encode = partial(encoder.encode, codec=codec, **options)
        self._finish = finish

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        queue, device = self._renderer.open_queue(), self._renderer.device
        if lacks_crops(batch):
            batch = yield from self._renderer.find_crops(batch, queue)
        sheets = batch.sheets
        groups = group_by_photo(sheets)
        read = yield Step("decode", [partial(self._read, sheets[group[0]]) for group in groups])
        # JPEG has no alpha.
        pixels = queue.call(
            torch.empty, sheet_starts(sheets, channels=3)[-1], dtype=torch.uint8, device=device
        )
        views = cut_sheets(pixels, sheets, channels=3)
        paint = partial(queue.call, self._paint, sheets, groups, read, views)
        ((found, decoded),) = yield Step("upload", [paint])
        shown = spread(groups, found, len(sheets))
        lost = yield from self._renderer.draw(batch, pixels, queue)
        # It waits for the device, which now has copied what nvImageCodec keeps no longer.
        del decoded
        (files,) = yield Step("encode", [partial(queue.call, self._encode, views)])
        yield Step(
            "write",
            [
                partial(self._write, queue, sheet, files[i], views[i], shown[i], lost[i])
                for i, sheet in enumerate(sheets)
            ],
        )

    def _read(self, sheet: Sheet) -> Read:
        try:
            return self._read_photo(sheet)
        except PhotoError as error:
            return error

    def _paint(
        self,
        sheets: list[Sheet],
        groups: list[list[int]],
        read: list[Read],
        views: list[torch.Tensor],
    ) -> tuple[list[Shown | PhotoError | None], dict[int, torch.Tensor | None]]:
        """Lays the backgrounds of all sheets; of each photo what is known of it, and what the GPU decoded."""
        decoded = self._decode(read)
        found: list[Shown | PhotoError | None] = []
        for k, group in enumerate(groups):
            one = read[k]
            if isinstance(one, PhotoError):
                found.append(one)
                continue
            photo = decoded.get(k)
            if photo is None and one is not None:
                pixels = one[0].decode() if isinstance(one[0], CheckedJpeg) else one[0]
                photo = upload(pixels, self._renderer.device)
            for i in group:
                paint_backgrounds(views[i], sheets[i], photo, None)
            found.append(None if one is None else one[1])
            # The photo is on the device now.
            read[k] = one = None
        return found, decoded

    def _decode(self, read: list[Read]) -> dict[int, torch.Tensor | None]:
        """Those of the photos that the GPU decodes, by their places."""
        left = {
            k: one[0]
            for k, one in enumerate(read)
            if isinstance(one, tuple) and isinstance(one[0], CheckedJpeg)
        }
        if self._decoder is None or not left:
            return {}
        return dict(zip(left, self._decoder.decode([*left.values()]), strict=True))

    def _write(
        self,
        queue: DeviceQueue,
        sheet: Sheet,
        file: bytes | None,
        view: torch.Tensor,
        shown: Shown | PhotoError | None,
        lost: Undrawable | None,
    ) -> None:
        def write() -> tuple[ProductFile, ...]:
            if file is not None:
                return self._writer.write_file(sheet, file)
            return self._writer.write(sheet, queue.call(view.cpu).numpy())

        write_sheet(sheet, shown, lost, write, self._finish)


def group_by_photo(sheets: list[Sheet]) -> list[list[int]]:
    """The indices of the sheets that are over each photo."""
    groups: dict[Photo | None, list[int]] = {}
    for i, sheet in enumerate(sheets):
        groups.setdefault(sheet.photo, []).append(i)
    return list(groups.values())


def spread(groups: list[list[int]], found: list[Any], count: int) -> list[Any]:
    """What was found for groups of sheets, for each sheet.

    Args:
        groups: From `group_by_photo`.
        found: For each group.
        count: How many sheets there are.
    """
    of_sheet = [None] * count
    for group, one in zip(groups, found, strict=True):
        for i in group:
            of_sheet[i] = one
    return of_sheet


def write_sheet(
    sheet: Sheet,
    shown: Shown | PhotoError | None,
    lost: Undrawable | SheetError | None,
    write: Callable[[], tuple[ProductFile, ...] | MeasuredFiles],
    finish: Finish,
) -> None:
    """Writes a sheet if nothing is in the way, and says what became of it.

    A lack of memory is a fault of its own: other sheets of the batch are written and counted, and must not be
    made again.

    Args:
        sheet: The sheet.
        shown: The photo that it shows, or why that cannot be read.
        lost: Why the bodies could not be drawn, None where they were.
        write: Writes its files, and says what was measured of its people.
        finish: Is told what became of it.
    """
    if isinstance(shown, PhotoError):
        finish(sheet, shown, None)
        return
    outcome: Outcome
    if lost is not None:
        outcome = lost
    else:
        try:
            outcome = write()
        except SheetError as error:
            outcome = error
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            outcome = SheetError("there was not enough memory to encode it; draw fewer or smaller panels")
    finish(sheet, outcome, shown)
