"""What reads a fit file, and which formats there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from render.errors import ConfigError
from render.registry import Registry
from render.types.fits import Fits, RowProblem

# Settings and help ask for the formats' names, and are to start quickly.
if TYPE_CHECKING:
    from render.fits.fit_file import FitFile

# It gives the valid rows of a file and the rejected ones with their reasons, together all entries of the
# file. It raises FitFileError where the file as a whole cannot be used.
Read = Callable[["FitFile"], tuple[Fits, list[RowProblem]]]


@dataclass(frozen=True)
class ReaderOption:
    """A word or a number that a reader takes beside the file: `dataset.options={NAME: VALUE}`.

    Attributes:
        name: Of the option.
        about: What it is, in the help.
        choices: The words that it may be; none where it is a number.
    """

    name: str
    about: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FitFormat:
    """A format of fit files.

    Attributes:
        read: Reads a file, or a folder where it takes one.
        recognises: Whether a file is of this format, told from its content; it is asked of any file, and
            says no where it cannot tell.
        options: What the reader takes beside the file.
        needs_annotations: Whether the reader needs a COCO-format annotation file.
        looks_at_photos: Whether what is read depends on which photos there are; it is not kept then.
        ignores_exif: Whether the numbers of such files are of photos without their EXIF orientation applied.
    """

    read: Read
    recognises: Callable[[FitFile], bool]
    options: tuple[ReaderOption, ...] = ()
    needs_annotations: bool = False
    looks_at_photos: bool = False
    ignores_exif: bool = False

    def check_options(self, where: str, options: dict[str, Any]) -> None:
        """Raises ConfigError, which begins with `where`, unless the reader takes these options."""
        known = {option.name: option for option in self.options}
        for name, value in options.items():
            if name not in known:
                there = f"There are: {', '.join(known)}" if known else "It takes none"
                raise ConfigError(f"{where}: this format has no option {name!r}. {there}")
            choices = known[name].choices
            if choices and value not in choices:
                raise ConfigError(f"{where}.{name}: expected {' or '.join(choices)}, found {value!r}")
            if not choices and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise ConfigError(f"{where}.{name}: expected a number, found {value!r}")


# Stands for whichever format a file is of.
AUTO = "auto"

READERS: Registry[FitFormat] = Registry(
    "fit format", "smpl_render.fit_formats", "render.fits.formats", "FORMAT"
)
