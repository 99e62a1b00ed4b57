"""Who is in each clip: the people of a sequence, or one of them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

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
        owns_folder: Whether photos that lie beside those of its rows are frames of it, too; else other
            sequences have photos there.
    """

    name: str
    rows: np.ndarray
    owns_folder: bool = True


def name_sequences(fits: Fits) -> list[str]:
    """The sequence of each row: its own name for it, else the folder of its photo."""
    return [
        sequence or image_name.rpartition("/")[0]
        for sequence, image_name in zip(fits.sequence, fits.image_name, strict=True)
    ]


def guess_frames(fits: Fits, people: ClipPeople) -> int:
    """How many frames a clip has, as far as that is known before its pictures are looked at."""
    return len(set(fits.image_name[people.rows].tolist()))


def number_people(fits: Fits) -> Fits:
    """The people of clips, each with a number that its colour is chosen by, from frame to frame.

    Where the fits do not say who is who, it is the place among the people of the same frame, which is right
    for clips of one person.

    Args:
        fits: The people.
    """
    is_known = fits.identity >= 0
    if is_known.all():
        return fits
    counts: dict[tuple[str, str, int], int] = defaultdict(int)
    frames = zip(name_sequences(fits), fits.image_name, fits.frame.tolist(), strict=True)
    places = np.zeros(len(fits), np.int64)
    for i, frame in enumerate(frames):
        places[i] = counts[frame]
        counts[frame] += 1
    # Columns have 31 bits for it.
    guessed = np.where(fits.person >= 0, fits.person % 2**31, places)
    identity = np.where(is_known, fits.identity, guessed).astype(fits.identity.dtype)
    return replace(fits, identity=identity)


def find_strangers(fits: Fits, people: str) -> str | None:
    """Why clips of single people will have several; None if they will not.

    Args:
        fits: The people, before `number_people`.
        people: As `group_clips` takes it.
    """
    unknown = (fits.person < 0) & (fits.identity < 0)
    if people != "alone" or not unknown.any():
        return None
    return (
        f"people=alone: {int(unknown.sum())} of {len(fits)} fits do not say which person of their sequence "
        f"they are, so those of a sequence are in one clip"
    )


def group_clips(fits: Fits, people: str) -> list[ClipPeople]:
    """The clips of fits, in the order of the file.

    Args:
        fits: The people of the whole run, so that shards give clips the same names.
        people: `together` for one clip of all people of a sequence, `alone` for one of each.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    alone = people == "alone"
    who = np.where(fits.person >= 0, fits.person, fits.identity).tolist() if alone else [-1] * len(fits)
    sequences = name_sequences(fits)
    for i, sequence in enumerate(sequences):
        groups.setdefault((sequence, who[i]), []).append(i)
    is_shared = _find_shared_folders(fits, sequences)
    clips, taken = [], set()
    for (sequence, person), rows in groups.items():
        name = _name_clip(sequence, person)
        # Some file systems do not tell cases apart, and awkward letters have one substitute. A sequence may
        # be called like the name that this gives, too.
        while name.casefold() in taken:
            name = f"{name}_row{fits.row[rows[0]]}"
        taken.add(name.casefold())
        clips.append(ClipPeople(name, np.array(rows), sequence not in is_shared))
    return clips


def _find_shared_folders(fits: Fits, sequences: list[str]) -> set[str]:
    """Sequences with photos in folders where those of others lie, too."""
    first_of: dict[str, str] = {}
    shared: set[str] = set()
    for sequence, image_name in zip(sequences, fits.image_name, strict=True):
        first = first_of.setdefault(image_name.rpartition("/")[0], sequence)
        if first != sequence:
            shared |= {first, sequence}
    return shared


def _name_clip(sequence: str, person: int) -> str:
    # Sheets end in a row, which a clip has many of.
    name = _ROW.sub("", sheet_name(f"{sequence or _UNNAMED}.clip", 0))
    return f"{name}_person{person}" if person >= 0 else name
