"""The fits of a figure: those of the run and of its methods, in one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from render.config.schema import Config
from render.errors import FitFileError, RenderError
from render.files.stores.fetch import find_input
from render.fits.build import join_fits
from render.fits.join import Joined, join_people
from render.fits.read import read_fits
from render.fits.reader import READERS
from render.run.opening.inputs import Dataset, Selection, open_fits
from render.types.figure.spec import FigureSpec
from render.types.fits import Fits

# The run's own settings that methods have too.
_SETTING = re.compile(r"\bdataset\.(fit_file|format|options|coco_file)\b")
_DATASET = re.compile(r"\bdataset=(\w+)")


@dataclass(frozen=True)
class FigureTable:
    """All fits that a figure may show.

    Attributes:
        selection: Of the run's own fit file.
        fits: Its valid rows, then those of each method.
        starts: By method, the position in `fits` of its first row.
        joined: By method, who of the run's own is who there; text where that cannot be known.
    """

    selection: Selection
    fits: Fits
    starts: Mapping[str, int] = field(default_factory=dict)
    joined: Mapping[str, Joined | str] = field(default_factory=dict)

    def find_person(self, method: str | None, person: int) -> int | str:
        """The position of one of the run's own people among the fits of a method.

        Args:
            method: Its name; None for the run's own.
            person: Position among the run's own.

        Returns:
            The position in `fits`, or why there is none.
        """
        if method is None:
            return person
        joined = self.joined[method]
        if isinstance(joined, str):
            return joined
        row = int(self.selection.valid.row[person])
        if row not in joined.partner:
            return joined.reasons.get(row, f"{method}: there is no fit of row {row}")
        return self.starts[method] + joined.partner[row]


def open_table(config: Config, dataset: Dataset, spec: FigureSpec) -> FigureTable:
    """Reads the fits of the run and of the methods that the figure shows.

    Raises:
        RenderError: A file of fits cannot be used.
    """
    selection = open_fits(config, dataset)
    users = {column.method for column in spec.columns} | {spec.reference}
    users |= {sample.strip.method for sample in spec.rows if sample.strip is not None}
    parts = [(selection.valid, selection.rejected)]
    starts: dict[str, int] = {}
    joined: dict[str, Joined | str] = {}
    count = len(selection.valid)
    for method in spec.methods:
        if method not in users:
            continue
        fits, rejected = _read_method(method, spec.methods[method], dataset)
        parts.append((fits, rejected))
        starts[method] = count
        count += len(fits)
        try:
            joined[method] = join_people(selection.valid, fits, method)
        except FitFileError as error:
            joined[method] = str(error)
    return FigureTable(selection, join_fits(parts)[0], starts, joined)


def _read_method(method: str, told: Mapping[str, object], dataset: Dataset) -> tuple:
    path, coco_file, options = told["fit_file"], told.get("coco_file"), told.get("options")
    try:
        return read_fits(
            str(told["format"]),
            find_input(str(path)),
            image_dir=dataset.image_dir,
            annotation_file=dataset.annotation_file if coco_file is None else find_input(str(coco_file)),
            options=options if isinstance(options, Mapping) else {},
        )
    except RenderError as error:
        raise FitFileError(_rename_settings(f"figure.methods.{method}", str(error))) from error


def _rename_settings(path: str, said: str) -> str:
    """What readers say of the run's own settings, said of those of a method."""

    def rename(named: re.Match[str]) -> str:
        is_format = named[1] in READERS.names
        return f"{path}.format: {named[1]}" if is_format else named[0]

    said = _SETTING.sub(rf"{path}.\1", _DATASET.sub(rename, said))
    return f"{path}: {said}"
