"""Fit files of any format, read once and kept for the next start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from render.errors import ConfigError, FitFileError
from render.files.digest import hash_bytes, hash_file
from render.fits.build import join_fits
from render.fits.fit_file import FitFile
from render.fits.image_paths import PhotoNames
from render.fits.kept.cache import Cache
from render.fits.kept.kept_fits import read_kept_fits, write_fits
from render.fits.reader import AUTO, READERS, FitFormat
from render.fits.recognise.formats import explain_refusal, recognise
from render.types.fits import Fits, RowProblem


def read_fits(
    fit_format: str,
    path: str | Path | Sequence[str | Path],
    *,
    image_dir: str | Path | PhotoNames | None = None,
    annotation_file: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Fits, list[RowProblem]]:
    """Reads fit files.

    Args:
        fit_format: One of READERS, such as `eft`; or `auto`, which tells each file's from its content.
        path: Of the file or of a folder of them; or several, whose rows are counted through.
        image_dir: The folder of the photos, where file names are looked for that the fits do not hold whole;
            or what else has names of photos.
        annotation_file: A COCO-format annotation file, which some formats need.
        options: What the format's reader takes beside.

    Returns:
        The valid rows, and the rejected ones with their reasons. Arrays may be mapped from the cache and are
        not to be written to.

    Raises:
        TypeError: `fit_format` is no name, a path no path, or `options` no mapping.
        RenderError: There is no such format, or it has no such option.
        FitFileError: A file as a whole cannot be used.

    Examples:
        >>> from render import read_fits
        >>> fits, rejected = read_fits("eft", "demo_EFT.json")
        >>> len(fits), len(rejected)
        (21, 0)
    """
    if not isinstance(fit_format, str) or "\0" in fit_format:
        raise TypeError(f"fit_format: expected a name, found {fit_format!r}")
    paths: list[Any] = [path]
    if isinstance(path, Sequence) and not isinstance(path, str) and len(path):
        paths = list(path)
    for one in paths:
        if not isinstance(one, str | Path) or "\0" in str(one):
            raise TypeError(f"path: expected a path, or a list of them, found {one!r}")
    named = None if isinstance(image_dir, PhotoNames) else image_dir
    for called, one in (("image_dir", named), ("annotation_file", annotation_file)):
        if one is not None and (not isinstance(one, str | Path) or "\0" in str(one)):
            raise TypeError(f"{called}: expected a path, or None, found {one!r}")
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options: expected a mapping from names to values, found {options!r}")
    if fit_format != AUTO:
        READERS.check("dataset.format", fit_format)
    given = dict(options or {})
    parts = []
    for one in paths:
        file = FitFile(
            Path(one),
            Path(image_dir) if isinstance(image_dir, str) else image_dir,
            None if annotation_file is None else Path(annotation_file),
            given,
        )
        parts.append(_read_file(recognise(file) if fit_format == AUTO else fit_format, file))
    return join_fits(parts)


def _read_file(name: str, file: FitFile) -> tuple[Fits, list[RowProblem]]:
    fit_format = READERS.load(name)
    # A package may be of an earlier version of this one.
    if not isinstance(fit_format, FitFormat):
        raise ConfigError(
            f"dataset.format: {name} of {READERS.identify(name)} is a {type(fit_format).__name__}, and no "
            f"FitFormat; update or uninstall that package"
        )
    fit_format.check_options("dataset.options", dict(file.options))
    try:
        return _read_as(name, file)
    except FitFileError as error:
        raise explain_refusal(name, file) or error from error


def _read_as(name: str, file: FitFile) -> tuple[Fits, list[RowProblem]]:
    fit_format = READERS.load(name)
    if fit_format.needs_annotations and file.annotation_file is None:
        raise FitFileError(
            f"{file.path}: {name} files name no photos, the annotation file that they were made for does. "
            f"Set dataset.coco_file to it."
        )
    # What a folder of photos holds may change, and is no part of the name of an entry.
    if fit_format.looks_at_photos:
        return _check_read(fit_format, file)
    try:
        beside = _hash_beside(fit_format, file)
    except OSError:
        # The reader says best what is wrong with it.
        return _check_read(fit_format, file)
    cache = Cache(file.path, f"{name}{beside}", READERS.identify(name) or "")
    found = cache.load(read_kept_fits)
    if found is None:
        found = _check_read(fit_format, file)
        cache.save(partial(write_fits, fits=found[0], problems=found[1]))
    return found


def _check_read(fit_format: FitFormat, file: FitFile) -> tuple[Fits, list[RowProblem]]:
    # What numbers of any size become is checked; NumPy would warn of each.
    with np.errstate(all="ignore"):
        fits, problems = fit_format.read(file)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _hash_beside(fit_format: FitFormat, file: FitFile) -> str:
    """Of all but its content that decides what is read from a file, for the name of its entry."""
    told = [f"{name}={value}" for name, value in sorted(file.options.items())]
    if fit_format.needs_annotations and file.annotation_file is not None and file.annotation_file.is_file():
        told.append(hash_file(file.annotation_file))
    return f"_{hash_bytes(*(text.encode() for text in told))[:8]}" if told else ""
