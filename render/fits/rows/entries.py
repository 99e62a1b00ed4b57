"""The entries of a fit file by row, image, annotation and chance."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from render.fits.rows.image_index import ImageIndex
from render.fits.rows.terms import Annotation, Image, Random, Rows, Term, Worst
from render.fits.rows.worst import Audited, open_audit
from render.types.fits import Fits, RowProblem


class Entries:
    """All entries of a fit file, of which terms take some.

    Args:
        fits: The valid rows.
        problems: The other entries.
        audit_dir: Where the dataset is audited.

    Attributes:
        count: How many there are.
    """

    def __init__(self, fits: Fits, problems: list[RowProblem], audit_dir: str) -> None:
        self._fits = fits
        self._problems = problems
        self._audit_dir = audit_dir
        self._audits: dict[tuple[str, str], Audited] = {}
        self.count = len(fits) + len(problems)

    def find(self, term: Term) -> slice | list[int] | np.ndarray:
        """The rows that a term asks for, as an index.

        Raises:
            ConfigError: There are none, or an audit cannot be used; names the term.
        """
        match term:
            case Rows():
                return self._find_slice(term)
            case Image():
                return self._find_image(term)
            case Annotation():
                return self._find_annotation(term)
            case Random():
                return self._draw(term)
            case Worst():
                return self._find_worst(term)
        raise TypeError(f"no such term: {term!r}")

    def _find_slice(self, term: Rows) -> slice:
        if not range(self.count)[term.rows]:
            last = f", 0 to {self.count - 1}" if self.count else ""
            term.refuse(f"selects none of the {self.count} entries of the fit file{last}")
        return term.rows

    def _find_image(self, term: Image) -> list[int]:
        names = [term.name] if term.name in self._rows_of_image else []
        if not names and term.is_searched:
            names = self._images.match(term.name)
        elif not names:
            try:
                name = self._images.find(term.name)
            except ValueError as error:
                term.refuse(str(error))
            names = [name] if name is not None else []
        if not names:
            suggestion = self._images.suggest(term.name)
            term.refuse(f"none of the {self.count} entries of the fit file is of such an image; {suggestion}")
        return [row for name in names for row in self._rows_of_image[name]]

    def _find_annotation(self, term: Annotation) -> list[int]:
        rows = self._rows_of_annotation.get(term.id)
        if rows is None:
            known = sorted(self._rows_of_annotation)
            there = f"theirs are from {known[0]} to {known[-1]}" if known else "they name no annotations"
            term.refuse(f"none of the {len(self._fits)} valid fits has it; {there}")
        return rows

    def _draw(self, term: Random) -> np.ndarray:
        # NumPy promises these numbers to be the same for good, and not what its own draws make of them. With
        # a number for each fit, whoever asks for more gets those from before and others.
        numbers = np.random.PCG64(term.seed).random_raw(len(self._fits))
        return self._fits.row[np.argsort(numbers, kind="stable")[: term.count]]

    def _find_worst(self, term: Worst) -> np.ndarray:
        folder = self._audit_dir if term.folder is None else str(term.folder)
        audited = self._audits.get((folder, term.column))
        if audited is None:
            audited = open_audit(term, folder, self.count, self._name_of_row)
            self._audits[folder, term.column] = audited
        return audited.find_worst(term.count)

    @cached_property
    def _images(self) -> ImageIndex:
        return ImageIndex(self._rows_of_image)

    @cached_property
    def _name_of_row(self) -> dict[int, str]:
        return dict(zip(self._fits.row.tolist(), self._fits.image_name.tolist(), strict=True))

    @cached_property
    def _rows_of_image(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, name in self._name_of_row.items():
            found.setdefault(name, []).append(row)
        for problem in self._problems:
            if problem.image_name:
                found.setdefault(problem.image_name, []).append(problem.row)
        return found

    @cached_property
    def _rows_of_annotation(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, annotation in zip(self._fits.row.tolist(), self._fits.annot_id.tolist(), strict=True):
            # 0 and -1 stand for none.
            if annotation > 0:
                found.setdefault(annotation, []).append(row)
        return found
