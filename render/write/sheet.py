"""Sheets to files."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from render.write.atomic import write_atomically


class SheetWriter:
    """Encodes sheets in one format and writes them below one folder.

    output_dir: the folder. format: a module of this package with a function `encode`; it is also the files'
    extension. options: what that function takes beside the pixels.
    """

    def __init__(self, output_dir: Path, format: str, options: dict[str, Any]) -> None:
        self._output_dir = output_dir
        self._extension = format
        self._encode = partial(import_module(f"render.write.{format}").encode, **options)

    def write(self, name: str, pixels: np.ndarray) -> None:
        """name: as `sheet_name` makes it. pixels: (H, W, 3) uint8 RGB. Raises OutputError."""
        write_atomically(self._output_dir, f"{name}.{self._extension}", self._encode(pixels))
