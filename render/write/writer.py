"""Sheets to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from render.files.growing_file import GrowingFile
from render.files.output import Output
from render.files.sheet_names import sheet_file
from render.types.products import ProductFile
from render.types.sheets import Sheet
from render.write.clip import Clip
from render.write.clip_encoder import ClipEncoder
from render.write.format import FORMATS, Encoded
from render.write.products import ProductWriter


class SheetWriter:
    """Encodes sheets in one format and writes them, each as a product of one file.

    Args:
        products: What writes them.
        format_name: One of FORMATS; it is also the files' extension.
        options: What the format's encoder takes beside the pixels.

    Raises:
        ValueError: The format holds no pictures.
    """

    def __init__(self, products: ProductWriter, format_name: str, options: Mapping[str, Any]) -> None:
        self._products = products
        self._format_name = format_name
        chosen = FORMATS.load(format_name)
        if chosen.encode is None:
            raise ValueError(f"output: {format_name} holds no pictures")
        self._holds_frames = chosen.holds_frames
        self._encode = partial(chosen.encode, **options)

    def write(self, sheet: Sheet, pixels: np.ndarray) -> tuple[ProductFile, ...]:
        """Encodes a sheet and writes its file.

        Args:
            sheet: Whose name the file takes.
            pixels: (H, W, 3) RGB or (H, W, 4) RGBA, uint8, as the sheet is laid out.

        Raises:
            SheetError: This sheet cannot be made; others may.
            OutputError: None can be written.
        """
        return self.write_file(sheet, self._encode_sheet(sheet, pixels))

    def write_file(self, sheet: Sheet, file: Encoded) -> tuple[ProductFile, ...]:
        """Writes what is encoded already; it raises what `write` does.

        Args:
            sheet: Whose name the file takes.
            file: All of it.
        """
        return self._products.write(sheet.name, {sheet_file("", self._format_name): file})

    def _encode_sheet(self, sheet: Sheet, pixels: np.ndarray) -> Encoded:
        # The frames of a sheet lie one below the other.
        if self._holds_frames:
            pixels = pixels.reshape(sheet.frames, sheet.height // sheet.frames, *pixels.shape[1:])
        return self._encode(pixels)


class ClipWriter:
    """Encodes clips of any length frame by frame, and writes them below one folder as they grow.

    Args:
        output: The folder.
        format_name: One of FORMATS that encodes frame by frame; it is also the files' extension.
        begin: As `ProductWriter` takes it.

    Raises:
        ValueError: The format does not.
    """

    def __init__(
        self,
        output: Output,
        format_name: str,
        begin: Callable[[str, Sequence[str]], None] | None = None,
    ) -> None:
        self._output = output
        self._begin = begin
        self._format_name = format_name
        open_clip = FORMATS.load(format_name).open_clip
        if open_clip is None:
            raise ValueError(f"output: {format_name} does not encode clips frame by frame")
        self._open_clip = open_clip

    @contextmanager
    def open(self, name: str, clip: Clip) -> Iterator[tuple[ClipEncoder, GrowingFile]]:
        """A clip's file, for as long as the context lasts: whole at its end, gone after an error.

        Args:
            name: Of the clip, which the file takes.
            clip: What will come.

        Yields:
            What takes the frames, and the file; after the context the `remarks` of the one say what is
            missing of the sound, and the `id` of the other what it is known by.

        Raises:
            SheetError: This clip cannot be made; others may.
            OutputError: None can be written.
        """
        path = sheet_file(name, self._format_name)
        with self._output.create(path) as file:
            with self._open_clip(file, clip) as encoder:
                yield encoder, file
            if self._begin is not None:
                self._begin(path, [path])
