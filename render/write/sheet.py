"""Sheets to files."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from render.digest import FileId, identify
from render.types import Sheet
from render.write.atomic import OutputDir
from render.write.names import sheet_file


class SheetWriter:
    """Encodes sheets in one format and writes them below one folder.

    output: the folder. format: a module of this package with a function `encode`; it is also the files'
    extension. is_clip: the format is of moving pictures, and `encode` takes frames. options: what `encode`
    takes beside them.
    """

    def __init__(self, output: OutputDir, format: str, is_clip: bool, options: dict[str, Any]) -> None:
        self._output = output
        self._format = format
        self._is_clip = is_clip
        self._encode = partial(import_module(f"render.write.{format}").encode, **options)

    def write(self, sheet: Sheet, pixels: np.ndarray) -> FileId:
        """pixels: (H, W, 3) RGB or (H, W, 4) RGBA, uint8, as the sheet is laid out.

        Raises SheetError where only this sheet cannot be made, OutputError where none can be written.
        """
        return self.write_file(sheet, self._encode_sheet(sheet, pixels))

    def write_file(self, sheet: Sheet, file: bytes | memoryview) -> FileId:
        """Writes what is encoded already. Raises as `write` does."""
        self._output.write(sheet_file(sheet.name, self._format), file)
        return identify(file)

    def _encode_sheet(self, sheet: Sheet, pixels: np.ndarray) -> bytes | memoryview:
        if self._is_clip:
            pixels = pixels.reshape(sheet.frames, sheet.height // sheet.frames, *pixels.shape[1:])
        return self._encode(pixels)
