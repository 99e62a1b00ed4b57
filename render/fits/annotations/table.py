"""All people of a COCO annotation file in columns: read entry by entry, and checked together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from render.containers.json_file import JsonFile
from render.containers.json_values import RowFault, read_numbers
from render.fits.annotations.checks import LARGEST_NUMBER
from render.fits.annotations.segments import SegmentGatherer, SegmentTable

SERVED_FROM = (
    "COCO's person_keypoints_train2014.json and person_keypoints_val2014.json are in "
    "http://images.cocodataset.org/annotations/annotations_trainval2014.zip"
)
SETTING = "dataset.coco_file"
# Checked together.
ROWS_AT_ONCE = 2048

_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True)
class CocoTable:
    """All people of an annotation file whose ids are good, once each.

    Attributes:
        annot_id: (N,) int64, in ascending order.
        keypoints_px: (N, 17, 3) as in CocoPerson.
        bbox_px: (N, 4) left, top, width, height.
        segment: (N,) int64 places in `segments`, -1 of people without a segmentation.
        problems: What is wrong with the others, by annotation id.
        segment_faults: What is wrong with segmentations of these, by annotation id.
        segments: The segmentations of the file; None where they were not asked for.
    """

    annot_id: np.ndarray
    keypoints_px: np.ndarray
    bbox_px: np.ndarray
    segment: np.ndarray
    problems: dict[int, str]
    segment_faults: dict[int, str]
    segments: SegmentTable | None


class _Row(NamedTuple):
    """One annotation in the types and shapes of a CocoTable row, values not yet checked."""

    annot_id: int
    keypoints_px: np.ndarray
    bbox_px: np.ndarray
    segment: int


def read_table(path: Path) -> CocoTable:
    """Reads an annotation file.

    Raises:
        FitFileError: The file as a whole cannot be used.
    """
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
    segments, segment_faults = SegmentGatherer(), dict[int, str]()
    for key, entry in file.read_lists(file.entries_key, optional=("images",)):
        if key == "images":
            segments.add_photo(entry)
            continue
        annot_id = entry.get("id") if isinstance(entry, dict) else None
        # True and 1.0 are equal to 1, but no ids.
        if type(annot_id) is not int or not _INT64.min <= annot_id <= _INT64.max:
            continue
        (repeated if annot_id in seen else seen).add(annot_id)
        try:
            keypoints = read_numbers(entry, "keypoints", (51,)).reshape(17, 3)
            bbox = read_numbers(entry, "bbox", (4,))
        except RowFault as fault:
            # A file may have two million people with one fault: each text is held once.
            problems[annot_id] = sys.intern(str(fault))
            continue
        try:
            segment = segments.add(entry)
        except RowFault as fault:
            segment, segment_faults[annot_id] = -1, sys.intern(str(fault))
        parsed.append(_Row(annot_id, keypoints, bbox, segment))
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
    return CocoTable(
        **{name: column[order] for name, column in columns.items()},
        problems=problems,
        # Of people only, of whom there may be few.
        segment_faults={
            annot_id: why for annot_id, why in segment_faults.items() if annot_id not in problems
        },
        segments=segments.build(),
    )


def _check_rows(parsed: list[_Row], problems: dict[int, str]) -> dict[str, np.ndarray]:
    """The columns of those rows whose values pass; what is wrong with the others is added to `problems`."""
    count = len(parsed)
    annot_id = np.array([row.annot_id for row in parsed], np.int64)
    keypoints_px = np.array([row.keypoints_px for row in parsed], np.float64).reshape(count, 17, 3)
    bbox_px = np.array([row.bbox_px for row in parsed], np.float64).reshape(count, 4)
    segment = np.array([row.segment for row in parsed], np.int64)
    valid = np.ones(count, dtype=bool)
    for passes, fault_of in check_values(keypoints_px, bbox_px):
        # Only the first fault of a row is named.
        for k in np.flatnonzero(valid & ~passes).tolist():
            problems[int(annot_id[k])] = str(fault_of(k))
        valid &= passes
    columns = {"annot_id": annot_id, "keypoints_px": keypoints_px, "bbox_px": bbox_px, "segment": segment}
    return {name: column[valid] for name, column in columns.items()}


def check_values(
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
