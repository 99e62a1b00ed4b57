"""SLAHMR's track_info.json: the numbers of people and frames that its results do not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.columns import ANY, read_column, read_whole
from render.containers.json_values import RowFault
from render.containers.read import ContainerError, read_container
from render.fits.sequences.rows import number_people

_NAME = "track_info.json"
_EXPECTED = "SLAHMR's {tracks: {number: {index, vis_mask}}, meta: {data_interval, seq_interval}}"


@dataclass(frozen=True)
class Tracks:
    """Of the people of a result.

    Attributes:
        person: (B,) number of each.
        first_frame: Number of the result's first frame in the video.
        is_there: (B, T) whether the person is in the scene, hidden or not.
    """

    person: np.ndarray
    first_frame: int
    is_there: np.ndarray


def read_tracks(result: Path, people: int, frames: int) -> Tracks | None:
    """Reads what lies beside a result, or in the folder above, which is that of the run.

    Args:
        result: Path of the result.
        people: B of it.
        frames: T of it.

    Returns:
        None where there is no such file.

    Raises:
        RowFault: It is damaged, or of another result.
    """
    for folder in (result.parent, result.absolute().parent.parent):
        if (folder / _NAME).is_file():
            try:
                return _parse(read_container(folder / _NAME), people, frames)
            except RowFault as fault:
                raise RowFault(_NAME, f"{_EXPECTED} of this result", str(fault)) from fault
            except (ContainerError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise RowFault(_NAME, _EXPECTED, str(reason)) from error
    return None


def _parse(held: Any, people: int, frames: int) -> Tracks:
    meta, tracks = _read_mapping(held, "meta"), _read_mapping(held, "tracks")
    if len(tracks) != people:
        raise RowFault("tracks", f"{people} people", str(len(tracks)))
    shift, first = (int(read_whole(meta, key, 2)[0]) for key in ("data_interval", "seq_interval"))
    if min(shift, first) < 0:
        raise RowFault("meta", "intervals of frames from 0 on", f"{shift} and {first}")
    person, is_there = np.full(people, -1), np.zeros((people, frames), bool)
    for number, key in zip(number_people(tracks), tracks, strict=True):
        track = _read_mapping(tracks, key)
        index = int(read_whole({"index": [track.get("index")]}, "index", 1)[0])
        if not 0 <= index < people or person[index] >= 0:
            raise RowFault("index", f"each number below {people} once", str(index))
        person[index] = number
        seen = np.flatnonzero(read_column(track, "vis_mask", (ANY,))[first : first + frames])
        # He is in the scene between, though hidden.
        is_there[index, seen[0] if len(seen) else frames : seen[-1] + 1 if len(seen) else frames] = True
    return Tracks(person, shift + first, is_there)


def _read_mapping(held: Any, key: str) -> Mapping[str, Any]:
    value = held.get(key) if isinstance(held, Mapping) else None
    if not isinstance(value, Mapping):
        raise RowFault(key, "values by name", "something else")
    return value
