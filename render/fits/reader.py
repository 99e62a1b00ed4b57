"""What reads a fit file, and which formats there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from render.registry import Registry
from render.types.fits import FitTable, RowProblem

# It takes the path of a fit file, and gives its valid rows and the rejected ones with their reasons. It
# raises FitFileError where the file as a whole cannot be used.
Reader = Callable[[Path], tuple[FitTable, list[RowProblem]]]

READERS: Registry[Reader] = Registry("fit format", "smpl_render.fit_formats", "render.fits.formats", "read")
