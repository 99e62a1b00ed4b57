"""Fit files of any format, read once and kept for the next start."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from render.fits.cache import Cache
from render.fits.kept_fits import read_kept_fits, write_fits
from render.fits.reader import READERS
from render.types.fits import FitTable, RowProblem


def read_fits(fit_format: str, path: str | Path) -> tuple[FitTable, list[RowProblem]]:
    """Reads a fit file.

    Args:
        fit_format: One of READERS, such as `eft`.
        path: Of the file.

    Returns:
        The valid rows, and the rejected ones with their reasons. Arrays may be mapped from the cache and are
        not to be written to.

    Raises:
        TypeError: `fit_format` is no name, or `path` no path.
        RenderError: There is no such format.
        FitFileError: The file as a whole cannot be used.

    Example:
        >>> from render import read_fits
        >>> fits, rejected = read_fits("eft", "demo_EFT.json")
        >>> len(fits), len(rejected)
        (21, 0)
    """
    for name, value, kinds in (("fit_format", fit_format, str), ("path", path, (str, Path))):
        if not isinstance(value, kinds) or "\0" in str(value):
            raise TypeError(f"{name}: expected {'a name' if kinds is str else 'a path'}, found {value!r}")
    path = Path(path)
    READERS.check("dataset.format", fit_format)
    cache = Cache(path, fit_format, READERS.identify(fit_format) or "")
    found = cache.load(read_kept_fits)
    if found is None:
        found = READERS.load(fit_format)(path)
        cache.save(partial(write_fits, fits=found[0], problems=found[1]))
    return found
