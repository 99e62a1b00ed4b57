"""Which format a fit file is of, told from its content."""

from __future__ import annotations

from render.errors import FitFileError
from render.fits.fit_file import FitFile
from render.fits.reader import READERS
from render.fits.recognise.nearby import describe_nearby

MOST_SHOWN = 12


def recognise(file: FitFile) -> str:
    """The name of the format of a file.

    Raises:
        FitFileError: It is of none, or of several.
    """
    found = list_formats(file)
    if len(found) == 1:
        return found[0]
    if found:
        advice = f"It may be {' or '.join(found)}: set dataset.format"
        raise file.fault(_describe(file), "a fit file of one format", advice)
    advice = describe_nearby(file, list_formats) or f"Name its format: {', '.join(READERS.names)}"
    raise file.fault(_describe(file), "a fit file of a known format", advice)


def list_formats(file: FitFile) -> list[str]:
    """The formats that take a file for one of theirs.

    Raises:
        FitFileError: It cannot be read.
    """
    return [name for name in READERS.names if READERS.load(name).recognises(file)]


def explain_refusal(name: str, file: FitFile) -> FitFileError | None:
    """What to say of a file that the reader of a format refuses, where it is another one's.

    Args:
        name: Of the format.
        file: Which it has refused.

    Returns:
        None where nothing better is known than what the reader says.
    """
    try:
        found = list_formats(file)
        if name in found:
            return None
        advice = "" if found else describe_nearby(file, list_formats)
    except FitFileError:
        return None
    if found:
        choices = " or ".join(f"dataset={other}" for other in found)
        return file.fault(f"found one of {' or '.join(found)}", f"a fit file of {name}", f"Use {choices}")
    return file.fault(_describe(file), f"a fit file of {name}", advice) if advice else None


def _describe(file: FitFile) -> str:
    """What a file or a folder is and holds, after "found"."""
    if file.kind == "folder":
        names = _list(file.list_names(MOST_SHOWN))
        return f"found a folder with {names}" if names else "found an empty folder"
    if file.kind == "unknown":
        return "found content of an unknown kind"
    keys = _list(list(file.keys)[:MOST_SHOWN])
    return f"found {file.kind} content" + (f" with {keys}" if keys else "")


def _list(names: list[str]) -> str:
    return ", ".join(ascii(name[:60])[1:-1] for name in names)
