"""What the people of a run are compared with: the fits of reference=, and who is who."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np

from render.body.fit_bodies import FitBodies
from render.config.schema import Config
from render.errors import ConfigError, FitFileError
from render.files.stores.fetch import find_input
from render.fits.fit_file import FitFile
from render.fits.join import Joined, join_people
from render.fits.read import read_fits
from render.fits.reader import AUTO
from render.fits.recognise.formats import list_formats, recognise
from render.library.surface.reference import Reference
from render.run.opening.bodies import open_bodies
from render.run.opening.charts import list_users
from render.run.opening.inputs import Dataset
from render.types.fits import Fits, RowProblem

log = logging.getLogger("render")

# In a run of clips; of sheets each is a line of the failures.
_MOST_NAMED = 5


def open_reference(
    config: Config, dataset: Dataset, valid: Fits, fits: Fits, bodies: FitBodies
) -> Reference | None:
    """Reads the fits of reference=, and finds the people of the run in them.

    Args:
        config: The settings.
        dataset: Whose photos and options they share.
        valid: All fits of the dataset, for others in an image tell who is who.
        fits: Those that are drawn.
        bodies: Theirs.

    Returns:
        None where no panel shows errors, and nothing else is compared.

    Raises:
        RenderError: The file cannot be used, is of other people, or of bodies of another topology.
    """
    is_compared = config.job.product == "compare"
    shows_errors = config.job.product == "sheets" and bool(list_users(config, "values"))
    if config.reference is None or not (is_compared or shows_errors):
        return None
    path = find_input(config.reference)
    if not os.path.lexists(path):
        raise ConfigError(f"reference: {path}: there is no such file; set it to a fit file that is there")
    try:
        told, others, rejected = _read(path, dataset)
    except FitFileError as error:
        said = str(error).replace("dataset.fit_file", "reference")
        raise FitFileError(f"reference: {said}") from error
    joined = join_people(valid, others)
    rows = [row for row in fits.row.tolist() if row in joined.partner]
    places = np.array([joined.partner[row] for row in rows], np.int64)
    opened = open_bodies(config.body, others.take(places), bodies.device)
    log.info(
        "reference: %d of %d people are in %s (%s, %d fits, %d rejected)%s",
        len(places),
        len(fits),
        path,
        told,
        len(others),
        len(rejected),
        "" if is_compared else f", align={config.align}",
    )
    # Comparisons have all of the usual alignments side by side.
    align = "root" if is_compared else config.align
    reference = Reference(others, opened.bodies, joined, align, opened.origins)
    # Comparisons say of each person what can be compared.
    if not is_compared:
        reference.check(fits, bodies)
    if config.motion == "sequence":
        _name_missing(fits, joined)
    return reference


def _read(path: Path, dataset: Dataset) -> tuple[str, Fits, list[RowProblem]]:
    """The format of a file, its fits, and the rows that are none."""
    file = FitFile(path, dataset.image_dir, dataset.annotation_file, dict(dataset.options))
    # Some files may be of several formats.
    told = dataset.format if dataset.format in list_formats(file) else recognise(file)
    fits, rejected = read_fits(
        told,
        path,
        image_dir=dataset.image_dir,
        annotation_file=dataset.annotation_file,
        # Those of another format mean nothing here.
        options=dataset.options if dataset.format in (AUTO, told) else {},
    )
    return told, fits, rejected


def _name_missing(fits: Fits, joined: Joined) -> None:
    """Says who is grey in clips."""
    rows = [row for row in fits.row.tolist() if row not in joined.partner]
    for row in rows[:_MOST_NAMED]:
        log.warning("row %d is drawn grey: %s", row, joined.reasons[row])
    if len(rows) > _MOST_NAMED:
        log.warning("and %d more rows are drawn grey, for the like", len(rows) - _MOST_NAMED)
