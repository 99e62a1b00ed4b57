"""COCO's keypoints, boxes and segmentations, from its annotation files (person_keypoints_*.json)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from render.containers.json_values import RowFault
from render.fits.annotations.kept import read_kept_table, write_table
from render.fits.annotations.segmentation import Segmentation
from render.fits.annotations.table import CocoTable, read_table
from render.fits.kept.cache import Cache


@dataclass(frozen=True)
class CocoPerson:
    """One annotated person, in pixels of the photo, with the numbers of the file.

    Attributes:
        keypoints_px: (17, 3) in COCO's order, x, y and visibility: 0 not labelled, 1 labelled but hidden, 2
            visible.
        box_px: (4,) left, top, right, bottom.
        segmentation: The pixels of the person; None where there is none, and where it was not asked for.
        segmentation_fault: Why the one that the file gives cannot be used; empty where nothing is wrong.
    """

    keypoints_px: np.ndarray
    box_px: np.ndarray
    segmentation: Segmentation | None = None
    segmentation_fault: str = ""


def read_coco(
    path: Path, annot_ids: Collection[int], *, has_segments: bool = False
) -> tuple[dict[int, CocoPerson], dict[int, str]]:
    """Reads people out of a COCO keypoint file, once and for the next start.

    Args:
        path: Of the file.
        annot_ids: Of the people who are wanted.
        has_segments: Whether their segmentations are wanted.

    Returns:
        The people by their annotation ids, and why others of them are not there. Every id is in one of the
        two.

    Raises:
        FitFileError: The file as a whole cannot be used.
    """
    cache = Cache(path, "coco")
    table = cache.load(partial(read_kept_table, has_segments=has_segments))
    if table is None:
        table = read_table(path)
        cache.save(partial(write_table, table=table))
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
        box_px = np.array([left, top, left + width, top + height])
        segmentation, fault = _take_segment(table, place) if has_segments else (None, "")
        people[annot_id] = CocoPerson(keypoints_px, box_px, segmentation, fault)
    return people, problems


def _take_segment(table: CocoTable, place: int) -> tuple[Segmentation | None, str]:
    """The segmentation of a row, and what is wrong with it if there is none."""
    assert table.segments is not None
    segment = int(table.segment[place])
    if segment < 0:
        return None, table.segment_faults.get(int(table.annot_id[place]), "")
    try:
        return table.segments.take(segment), ""
    except RowFault as fault:
        return None, str(fault)
