"""Sheets to files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from render.files.digest import FileId, identify
from render.files.output_dir import OutputDir
from render.files.sheet_names import sheet_file
from render.types.sheets import Sheet
from render.write.format import FORMATS, Encoded


class SheetWriter:
    """Encodes sheets in one format and writes them below one folder.

    Args:
        output: The folder.
        format_name: One of FORMATS; it is also the files' extension.
        options: What the format's encoder takes beside the pixels.
    """

    def __init__(self, output: OutputDir, format_name: str, options: Mapping[str, Any]) -> None:
        self._output = output
        self._format_name = format_name
        chosen = FORMATS.load(format_name)
        self._holds_frames = chosen.holds_frames
        self._encode = partial(chosen.encode, **options)

    def write(self, sheet: Sheet, pixels: np.ndarray) -> FileId:
        """Encodes a sheet and writes its file.

        Args:
            sheet: Whose name the file takes.
            pixels: (H, W, 3) RGB or (H, W, 4) RGBA, uint8, as the sheet is laid out.

        Raises:
            SheetError: This sheet cannot be made; others may.
            OutputError: None can be written.
        """
        return self.write_file(sheet, self._encode_sheet(sheet, pixels))

    def write_file(self, sheet: Sheet, file: Encoded) -> FileId:
        """Writes what is encoded already; it raises what `write` does.

        Args:
            sheet: Whose name the file takes.
            file: All of it.
        """
        self._output.write(sheet_file(sheet.name, self._format_name), file)
        return identify(file)

    def _encode_sheet(self, sheet: Sheet, pixels: np.ndarray) -> Encoded:
        # The frames of a sheet lie one below the other.
        if self._holds_frames:
            pixels = pixels.reshape(sheet.frames, sheet.height // sheet.frames, *pixels.shape[1:])
        return self._encode(pixels)
