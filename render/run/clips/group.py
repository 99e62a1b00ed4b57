"""Who is in each clip: the people of a sequence, or one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from render.files.sheet_names import sheet_name
from render.types.fits import Fits

# What a sequence is called whose frames lie in the folder of photos itself.
_UNNAMED = "frames"
_ROW = re.compile(r"_0$")


@dataclass(frozen=True)
class ClipPeople:
    """Who is in a clip.

    Attributes:
        name: Of the clip: its path below the output folder, without extension.
        rows: (M,) positions in the fits, in the order of the file.
    """

    name: str
    rows: np.ndarray


def name_sequences(fits: Fits) -> list[str]:
    """The sequence of each row: its own name for it, else the folder of its photo."""
    return [
        sequence or image_name.rpartition("/")[0]
        for sequence, image_name in zip(fits.sequence, fits.image_name, strict=True)
    ]


def group_clips(fits: Fits, people: str) -> list[ClipPeople]:
    """The clips of fits, in the order of the file.

    Args:
        fits: The people of the whole run, so that shards give clips the same names.
        people: `together` for one clip of all people of a sequence, `alone` for one of each.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    alone = people == "alone"
    who = np.where(fits.person >= 0, fits.person, fits.identity).tolist() if alone else [-1] * len(fits)
    for i, sequence in enumerate(name_sequences(fits)):
        groups.setdefault((sequence, who[i]), []).append(i)
    clips, taken = [], set()
    for (sequence, person), rows in groups.items():
        name = _name_clip(sequence, person)
        # Some file systems do not tell cases apart, and awkward letters have one substitute.
        if name.casefold() in taken:
            name = f"{name}_row{fits.row[rows[0]]}"
        taken.add(name.casefold())
        clips.append(ClipPeople(name, np.array(rows)))
    return clips


def _name_clip(sequence: str, person: int) -> str:
    # Sheets end in a row, which a clip has many of.
    name = _ROW.sub("", sheet_name(f"{sequence or _UNNAMED}.clip", 0))
    return f"{name}_person{person}" if person >= 0 else name
