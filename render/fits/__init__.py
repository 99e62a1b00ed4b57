"""Readers of fit files, chosen by the name of their format.

A format is one module in this package with `read(path) -> (FitTable, rejected rows)` and one entry here.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from render.errors import RenderError
from render.fits.cache import FitCache
from render.types import FitTable, RowProblem

READERS = {"eft": "render.fits.eft"}


def read_fits(fit_format: str, path: str | Path) -> tuple[FitTable, list[RowProblem]]:
    """The valid rows of the fit file at `path`, and the rejected ones with their reasons.

    Arrays may be mapped from the cache and are not to be written to.
    Raises RenderError for an unknown format, FitFileError where the file as a whole cannot be used.

    >>> from render import read_fits
    >>> fits, rejected = read_fits("eft", "demo_EFT.json")
    >>> len(fits), len(rejected)
    (21, 0)
    """
    path = Path(path)
    if fit_format not in READERS:
        known = ", ".join(sorted(READERS))
        raise RenderError(f"dataset.format: expected one of {known}, found {fit_format!r}")
    cache = FitCache(path, fit_format)
    found = cache.load()
    if found is None:
        found = import_module(READERS[fit_format]).read(path)
        cache.save(*found)
    return found
