"""How a batch of sheets comes to its pixels and its files: over the CPU's codecs, or on a GPU throughout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from render.compose import count_channels, cut_sheets, paint_backgrounds, sheet_starts
from render.device import PixelPool, upload
from render.device_codec import DeviceCodec
from render.draw import BatchRenderer, Undrawable
from render.engine import Step, Steps
from render.errors import PhotoError, SheetError
from render.framing import Batch
from render.memory import is_out_of_memory
from render.photo import read_photo, read_photo_file
from render.types import Sheet
from render.write.sheet import SheetWriter

# What became of a sheet: None if its file is there.
Outcome = PhotoError | SheetError | Undrawable | None
Finish = Callable[[Sheet, Outcome], None]


class HostMaker:
    """Photos are decoded and sheets encoded on the CPU, in any format.

    shows_photo: whether a panel shows it; else none is opened. finish: called once for each sheet, from any
    thread.
    """

    def __init__(
        self, renderer: BatchRenderer, writer: SheetWriter, shows_photo: bool, finish: Finish
    ) -> None:
        self._renderer = renderer
        self._writer = writer
        self._shows_photo = shows_photo
        self._finish = finish
        self._pool = PixelPool(renderer.device)

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        sheets, channels = batch.sheets, count_channels(batch.sheets)
        with self._pool.lend(sheet_starts(sheets, channels)[-1]) as pixels:
            views = cut_sheets(pixels.numpy(), sheets, channels)
            photos = list_photos(sheets)
            errors = yield Step("decode", [partial(self._paint, batch, *photo, views) for photo in photos])
            outcomes = spread_errors(photos, errors, len(sheets))
            lost = yield from self._renderer.draw(batch, pixels, self._renderer.open_queue())
            yield Step(
                "encode",
                [
                    partial(self._write, sheet, views[i], outcomes[i] or lost[i])
                    for i, sheet in enumerate(sheets)
                ],
            )

    def _paint(
        self, batch: Batch, path: Path | None, indices: list[int], views: list[np.ndarray]
    ) -> PhotoError | None:
        """Lays the backgrounds of all sheets of a photo, which is decoded once."""
        photo = None
        try:
            if self._shows_photo:
                photo = read_photo(path)
                check_photo_size(batch.sheets[indices[0]], photo)
        except PhotoError as error:
            return error
        corners, sides = batch.crops
        for i in indices:
            paint_backgrounds(views[i], batch.sheets[i], photo, (corners[i], float(sides[i])))
        return None

    def _write(self, sheet: Sheet, pixels: np.ndarray, outcome: Outcome) -> None:
        if outcome is None:
            outcome = write_sheet(partial(self._writer.write, sheet, pixels))
        self._finish(sheet, outcome)


class DeviceMaker:
    """Photos are decoded, drawn over and encoded on a GPU; what crosses to the CPU are files.

    For JPEG, photos pixel for pixel, and no annotations. What the GPU cannot decode or encode, the CPU does.
    quality: of the JPEG files.
    """

    def __init__(
        self,
        renderer: BatchRenderer,
        codec: DeviceCodec,
        writer: SheetWriter,
        shows_photo: bool,
        quality: int,
        finish: Finish,
    ) -> None:
        self._renderer = renderer
        self._codec = codec
        self._writer = writer
        self._shows_photo = shows_photo
        self._quality = quality
        self._finish = finish

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        sheets, queue, device = batch.sheets, self._renderer.open_queue(), self._renderer.device
        photos = list_photos(sheets)
        contents = yield Step("read", [partial(self._read, path) for path, _ in photos])
        pixels = queue.call(
            torch.empty, sheet_starts(sheets, channels=3)[-1], dtype=torch.uint8, device=device
        )
        views = cut_sheets(pixels, sheets, channels=3)
        (errors,) = yield Step("decode", [partial(queue.call, self._paint, sheets, photos, contents, views)])
        outcomes = spread_errors(photos, errors, len(sheets))
        lost = yield from self._renderer.draw(batch, pixels, queue)
        (files,) = yield Step("encode", [partial(queue.call, self._codec.encode, views, self._quality)])
        yield Step(
            "write",
            [
                partial(queue.call, self._write, sheet, files[i], views[i], outcomes[i] or lost[i])
                for i, sheet in enumerate(sheets)
            ],
        )

    def _read(self, path: Path | None) -> bytes | PhotoError | None:
        try:
            return read_photo_file(path) if self._shows_photo else None
        except PhotoError as error:
            return error

    def _paint(
        self,
        sheets: list[Sheet],
        photos: list[tuple[Path | None, list[int]]],
        contents: list[bytes | PhotoError | None],
        views: list[torch.Tensor],
    ) -> list[PhotoError | None]:
        """Lays the backgrounds of all sheets; what went wrong with each photo."""
        readable = [i for i, content in enumerate(contents) if isinstance(content, bytes)]
        decoded = self._codec.decode([contents[i] for i in readable])
        on_device = dict(zip(readable, decoded, strict=True))
        errors: list[PhotoError | None] = []
        for i, (path, indices) in enumerate(photos):
            photo, error = on_device.get(i), None
            try:
                if isinstance(contents[i], PhotoError):
                    raise contents[i]
                if self._shows_photo and (photo is None or photo.shape[:2] != sheets[indices[0]].photo_hw):
                    photo = upload(read_photo(path), self._renderer.device)
                    check_photo_size(sheets[indices[0]], photo)
                for k in indices:
                    paint_backgrounds(views[k], sheets[k], photo, None)
            except PhotoError as raised:
                error = raised
            errors.append(error)
        return errors

    def _write(self, sheet: Sheet, file: bytes | None, view: torch.Tensor, outcome: Outcome) -> None:
        if outcome is None and file is not None:
            outcome = write_sheet(partial(self._writer.write_file, sheet, file))
        elif outcome is None:
            outcome = write_sheet(lambda: self._writer.write(sheet, view.cpu().numpy()))
        self._finish(sheet, outcome)


def list_photos(sheets: list[Sheet]) -> list[tuple[Path | None, list[int]]]:
    """Each photo once, with the indices of the sheets that it is behind."""
    photos: dict[Path | None, list[int]] = {}
    for i, sheet in enumerate(sheets):
        photos.setdefault(sheet.photo, []).append(i)
    return list(photos.items())


def spread_errors(
    photos: list[tuple[Path | None, list[int]]], errors: list[PhotoError | None], count: int
) -> list[PhotoError | None]:
    """What went wrong with the photo of each of `count` sheets."""
    of_sheet: list[PhotoError | None] = [None] * count
    for (_, indices), error in zip(photos, errors, strict=True):
        for i in indices:
            of_sheet[i] = error
    return of_sheet


def write_sheet(write: Callable[[], None]) -> SheetError | None:
    """Why a sheet could not be written, if it is a fault of its own.

    So is a lack of memory: other sheets of the batch are written and counted, and must not be made again.
    """
    try:
        write()
    except SheetError as error:
        return error
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return SheetError("there was not enough memory to encode it; draw fewer or smaller panels")
    return None


def check_photo_size(sheet: Sheet, photo: np.ndarray | torch.Tensor) -> None:
    """Raises PhotoError if the photo is no longer as large as when the sheet was laid out."""
    if tuple(photo.shape[:2]) != sheet.photo_hw:
        raise PhotoError(f"{sheet.photo}: the file changed during the run; run again")
