"""A fit file, or a folder of them, as a reader is given it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from render.containers.errors import ContainerError
from render.containers.read import find_kind, list_keys, read_container
from render.errors import FitFileError
from render.fits.image_paths import ImageDir
from render.types.fits import RowProblem


@dataclass(frozen=True)
class FitFile:
    """A file or a folder, and what the user says of it.

    Attributes:
        path: Of the file or the folder.
        image_dir: The folder of the photos, where it is known.
        annotation_file: A COCO-format annotation file, where the user names one.
        options: What the format's reader takes, by name.
    """

    path: Path
    image_dir: ImageDir = None
    annotation_file: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def kind(self) -> str:
        """What it is, from its content, as `find_kind` has it: npz, pickle, folder, unknown and so on.

        Raises:
            FitFileError: It cannot be opened.
        """
        try:
            return find_kind(self.path)
        except FileNotFoundError:
            raise FitFileError(
                f"{self.path}: there is no such fit file. Set dataset.fit_file to one that is there."
            ) from None
        except OSError as error:
            raise FitFileError(f"{self.path}: it cannot be read ({error.strerror}).") from error

    @cached_property
    def keys(self) -> Mapping[str, tuple[int, ...] | None]:
        """The keys at its top, with the shapes of arrays where these are known; none where it has none.

        Raises:
            FitFileError: It cannot be read.
        """
        if self.kind in ("folder", "unknown"):
            return {}
        try:
            return list_keys(self.path)
        except ContainerError as error:
            self.refuse(str(error))
        except OSError as error:
            self.refuse(f"it cannot be read ({error.strerror})")

    @cached_property
    def content(self) -> Any:
        """All that it holds, as data.

        Raises:
            FitFileError: It cannot be read.
        """
        if self.kind == "folder":
            self.refuse("found a folder", advice="Set dataset.fit_file to the file itself")
        try:
            return read_container(self.path)
        except ContainerError as error:
            self.refuse(str(error))
        except OSError as error:
            self.refuse(f"it cannot be read ({error.strerror})")

    def list_names(self, most: int | None = None) -> list[str]:
        """The first of the names in a folder; none where it cannot be listed, or is a file.

        Args:
            most: How many; left out, all.
        """
        try:
            return sorted(os.listdir(self.path))[:most]
        except OSError:
            return []

    def list_npz(self) -> list[Path]:
        """The npz files of a folder in the order of their names, not those of folders below it.

        Raises:
            FitFileError: It cannot be listed.
        """
        try:
            return sorted(path for path in self.path.iterdir() if path.suffix.lower() == ".npz")
        except OSError as error:
            self.refuse(f"it cannot be listed ({error.strerror})", "a folder of fit files")

    def refuse(
        self, found: str, expected: str = "a fit file", advice: str = "Mend or replace the file"
    ) -> NoReturn:
        """Raises what `fault` makes."""
        raise self.fault(found, expected, advice)

    def fault(
        self, found: str, expected: str = "a fit file", advice: str = "Mend or replace the file"
    ) -> FitFileError:
        """The error that is said of the file as a whole.

        Args:
            found: What is wrong with it, after "found" or as a sentence.
            expected: What should be there.
            advice: What to do.
        """
        return FitFileError(f"{self.path}: expected {expected}; {found.rstrip('.')}. {advice}.")

    def refuse_rows(self, problems: Sequence[RowProblem]) -> NoReturn:
        """Raises FitFileError for a file none of whose rows can be drawn."""
        if not problems:
            self.refuse("nobody is in it")
        reasons = "; ".join(f"row {problem.row}: {problem.reason}" for problem in problems[:3])
        self.refuse(f"none of its {len(problems)} rows can be drawn ({reasons})")
