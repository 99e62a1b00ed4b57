"""What is meant by a path that is no fit file itself: often its folder is one, or a file in it."""

from __future__ import annotations

from collections.abc import Callable

from render.errors import FitFileError
from render.fits.fit_file import FitFile

# Programs keep files of people in one folder, or in one of several below it: photos are no such files.
_PARTS = (".npz", ".npy", ".json")
_FOLDERS_ABOVE = 2
_MOST_INSIDE = 8


def describe_nearby(file: FitFile, list_formats: Callable[[FitFile], list[str]]) -> str:
    """What to do with a file or a folder that is of no format, empty where nothing is known.

    Args:
        file: Which.
        list_formats: Tells the formats of another one.
    """
    if file.kind == "json" and {"images", "annotations"} <= set(file.keys):
        return "It is a COCO-format annotation file: that is for dataset.coco_file"
    names = file.list_names(_MOST_INSIDE) if file.kind == "folder" else []
    places = [file.path / name for name in names]
    if (names or [file.path.name])[0].lower().endswith(_PARTS):
        places += list(file.path.absolute().parents)[:_FOLDERS_ABOVE]
    for path in places:
        try:
            found = list_formats(FitFile(path))
        except FitFileError:
            continue
        if len(found) == 1:
            return f"{path} is one of {found[0]}: set dataset.fit_file to it"
    return ""
