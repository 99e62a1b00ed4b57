"""COCO's keypoints and boxes, from its annotation files (person_keypoints_*.json)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from render.containers.json_file import JsonFile
from render.containers.json_values import RowFault, read_numbers
from render.fits.kept.cache import Cache
from render.fits.kept.entry import Entry, save_entry

SERVED_FROM = (
    "COCO's person_keypoints_train2014.json and person_keypoints_val2014.json are in "
    "http://images.cocodataset.org/annotations/annotations_trainval2014.zip"
)
SETTING = "dataset.coco_file"
# No picture comes near it.
LARGEST_NUMBER = 1e6
# Checked together.
ROWS_AT_ONCE = 2048

_INT64 = np.iinfo(np.int64)
_PROBLEMS = "problems.json"


@dataclass(frozen=True)
class CocoPerson:
    """One annotated person, in pixels of the photo, with the numbers of the file.

    Attributes:
        keypoints_px: (17, 3) in COCO's order, x, y and visibility: 0 not labelled, 1 labelled but hidden, 2
            visible.
        box_px: (4,) left, top, right, bottom.
    """

    keypoints_px: np.ndarray
    box_px: np.ndarray


@dataclass(frozen=True)
class CocoTable:
    """All people of an annotation file whose ids are good, once each.

    Attributes:
        annot_id: (N,) int64, in ascending order.
        keypoints_px: (N, 17, 3) as in CocoPerson.
        bbox_px: (N, 4) left, top, width, height.
        problems: What is wrong with the others, by annotation id.
    """

    annot_id: np.ndarray
    keypoints_px: np.ndarray
    bbox_px: np.ndarray
    problems: dict[int, str]


class _Row(NamedTuple):
    """One annotation in the types and shapes of a CocoTable row, values not yet checked."""

    annot_id: int
    keypoints_px: np.ndarray
    bbox_px: np.ndarray


def read_coco(path: Path, annot_ids: Collection[int]) -> tuple[dict[int, CocoPerson], dict[int, str]]:
    """Reads people out of a COCO keypoint file, once and for the next start.

    Args:
        path: Of the file.
        annot_ids: Of the people who are wanted.

    Returns:
        The people by their annotation ids, and why others of them are not there. Every id is in one of the
        two.

    Raises:
        FitFileError: The file as a whole cannot be used.
    """
    cache = Cache(path, "coco")
    table = cache.load(_read_kept)
    if table is None:
        table = _read(path)
        cache.save(partial(_write, table=table))
    places = dict(zip(table.annot_id.tolist(), range(len(table.annot_id)), strict=True))
    people: dict[int, CocoPerson] = {}
    problems: dict[int, str] = {}
    missing = "id: expected an annotation of this id, found none"
    for annot_id in sorted(set(annot_ids)):
        place = places.get(annot_id)
        if place is None:
            problems[annot_id] = table.problems.get(annot_id, missing)
            continue
        left, top, width, height = table.bbox_px[place]
        # Copies, for the table may be mapped from a file.
        keypoints_px = np.array(table.keypoints_px[place])
        people[annot_id] = CocoPerson(keypoints_px, np.array([left, top, left + width, top + height]))
    return people, problems


def _read(path: Path) -> CocoTable:
    file = JsonFile(
        path,
        kind="a COCO keypoint file",
        layout='JSON with one entry a person in the list "annotations"',
        entries_key="annotations",
        content="annotations",
        setting=SETTING,
        served_from=SERVED_FROM,
    )
    parts: list[dict[str, np.ndarray]] = [_check_rows([], {})]
    problems: dict[int, str] = {}
    seen: set[int] = set()
    repeated: set[int] = set()
    parsed: list[_Row] = []
    for entry in file.read_entries():
        annot_id = entry.get("id") if isinstance(entry, dict) else None
        # True and 1.0 are equal to 1, but no ids.
        if type(annot_id) is not int or not _INT64.min <= annot_id <= _INT64.max:
            continue
        (repeated if annot_id in seen else seen).add(annot_id)
        try:
            keypoints = read_numbers(entry, "keypoints", (51,)).reshape(17, 3)
            parsed.append(_Row(annot_id, keypoints, read_numbers(entry, "bbox", (4,))))
        except RowFault as fault:
            # A file may have two million people with one fault: each text is held once.
            problems[annot_id] = sys.intern(str(fault))
        if len(parsed) == ROWS_AT_ONCE:
            parts.append(_check_rows(parsed, problems))
            parsed.clear()
    parts.append(_check_rows(parsed, problems))
    # A column at a time, or all of them would be there twice.
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in _Row._fields}
    if repeated:
        problems |= dict.fromkeys(repeated, "id: expected one annotation of this id, found several")
        is_alone = ~np.isin(columns["annot_id"], np.array(sorted(repeated), np.int64))
        columns = {name: column[is_alone] for name, column in columns.items()}
    # In most files they are in no order.
    order = np.argsort(columns["annot_id"])
    return CocoTable(**{name: column[order] for name, column in columns.items()}, problems=problems)


def _check_rows(parsed: list[_Row], problems: dict[int, str]) -> dict[str, np.ndarray]:
    """The columns of those rows whose values pass; what is wrong with the others is added to `problems`."""
    count = len(parsed)
    annot_id = np.array([row.annot_id for row in parsed], np.int64)
    keypoints_px = np.array([row.keypoints_px for row in parsed], np.float64).reshape(count, 17, 3)
    bbox_px = np.array([row.bbox_px for row in parsed], np.float64).reshape(count, 4)
    valid = np.ones(count, dtype=bool)
    for passes, fault_of in _value_checks(keypoints_px, bbox_px):
        # Only the first fault of a row is named.
        for k in np.flatnonzero(valid & ~passes).tolist():
            problems[int(annot_id[k])] = str(fault_of(k))
        valid &= passes
    return {"annot_id": annot_id[valid], "keypoints_px": keypoints_px[valid], "bbox_px": bbox_px[valid]}


def _value_checks(
    keypoints_px: np.ndarray, bbox_px: np.ndarray
) -> Iterator[tuple[np.ndarray, Callable[[int], RowFault]]]:
    """For each rule the mask of the rows that pass, and the fault of a row that does not."""
    for key, values in (("keypoints", keypoints_px.reshape(-1, 51)), ("bbox", bbox_px)):
        # Written so that NaN is a fault.
        fits = np.abs(values) <= LARGEST_NUMBER
        yield fits.all(-1), partial(_number_fault, key, values, fits)
    visibility = keypoints_px[:, :, 2]
    known = (visibility == 0) | (visibility == 1) | (visibility == 2)
    yield (
        known.all(-1),
        lambda k: RowFault("keypoints", "visibilities of 0, 1 or 2", str(visibility[k][~known[k]][0])),
    )
    width, height = bbox_px[:, 2], bbox_px[:, 3]
    yield (
        (width >= 0) & (height >= 0),
        lambda k: RowFault("bbox", "a width and height of 0 or more", f"{width[k]} and {height[k]}"),
    )


def _number_fault(key: str, values: np.ndarray, fits: np.ndarray, k: int) -> RowFault:
    return RowFault(key, f"finite numbers up to {LARGEST_NUMBER:g}", str(values[k][~fits[k]][0]))


def _write(folder: Path, table: CocoTable) -> None:
    """Writes a table into the folder of an entry of the cache."""
    about = {"count": len(table.annot_id), "problems": list(table.problems.items())}
    columns = {name: getattr(table, name) for name in _Row._fields}
    save_entry(folder, columns, {_PROBLEMS: json.dumps(about)})


def _read_kept(folder: Path) -> CocoTable:
    """What `_write` was given; it raises whatever exception where that is nothing that a file gives."""
    entry = Entry(folder)
    about = json.loads(entry.read_text(_PROBLEMS))
    count, pairs = about["count"], about["problems"]
    annot_id = entry.map_column("annot_id", np.int64, (count,))
    table = CocoTable(
        annot_id,
        entry.map_column("keypoints_px", np.float64, (count, 17, 3)),
        entry.map_column("bbox_px", np.float64, (count, 4)),
        dict(pairs),
    )
    if not (np.diff(annot_id) > 0).all():
        raise ValueError("annot_id: expected each once and in order")
    for start in range(0, count, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        for passes, fault_of in _value_checks(table.keypoints_px[part], table.bbox_px[part]):
            if not passes.all():
                raise ValueError(str(fault_of(int(np.argmin(passes)))))
    are_ids = all(type(annot_id) is int for annot_id in table.problems)
    are_texts = all(type(reason) is str and reason.isprintable() for reason in table.problems.values())
    is_once = len(table.problems) == len(pairs) and table.problems.keys().isdisjoint(annot_id.tolist())
    if not (are_ids and are_texts and is_once):
        raise ValueError("problems: expected a reason for each id that has no person")
    return table
