"""COCO's keypoints and boxes, from its annotation files (person_keypoints_*.json)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.fits.json_file import JsonFile
from render.fits.json_values import RowFault, read_numbers

SERVED_FROM = (
    "COCO's person_keypoints_train2014.json and person_keypoints_val2014.json are in "
    "http://images.cocodataset.org/annotations/annotations_trainval2014.zip"
)
SETTING = "dataset.coco_file"
# No picture comes near it.
LARGEST_NUMBER = 1e6


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


def read_coco(path: Path, annot_ids: Collection[int]) -> tuple[dict[int, CocoPerson], dict[int, str]]:
    """Reads people out of a COCO keypoint file.

    Args:
        path: Of the file.
        annot_ids: Of the people who are wanted.

    Returns:
        The people by their annotation ids, and why others of them are not there. Every id is in one of the
        two.

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
    people: dict[int, CocoPerson] = {}
    problems: dict[int, str] = {}
    wanted = set(annot_ids)
    for entry in file.read_entries():
        annot_id = entry.get("id") if isinstance(entry, dict) else None
        # True and 1.0 are equal to 1, but no ids.
        if type(annot_id) is not int or annot_id not in wanted:
            continue
        if annot_id in people or annot_id in problems:
            people.pop(annot_id, None)
            problems[annot_id] = "id: expected one annotation of this id, found several"
            continue
        try:
            people[annot_id] = _parse(entry)
        except RowFault as fault:
            problems[annot_id] = str(fault)
    missing = "id: expected an annotation of this id, found none"
    problems |= dict.fromkeys(sorted(wanted - people.keys() - problems.keys()), missing)
    return people, problems


def _parse(entry: dict[str, Any]) -> CocoPerson:
    keypoints = read_numbers(entry, "keypoints", (51,))
    left, top, width, height = box = read_numbers(entry, "bbox", (4,))
    for key, values in (("keypoints", keypoints), ("bbox", box)):
        # Written so that NaN is a fault.
        fits = np.abs(values) <= LARGEST_NUMBER
        if not fits.all():
            raise RowFault(key, f"finite numbers up to {LARGEST_NUMBER:g}", str(values[~fits][0]))
    keypoints = keypoints.reshape(17, 3)
    odd = ~np.isin(keypoints[:, 2], (0, 1, 2))
    if odd.any():
        raise RowFault("keypoints", "visibilities of 0, 1 or 2", str(keypoints[odd, 2][0]))
    if width < 0 or height < 0:
        raise RowFault("bbox", "a width and height of 0 or more", f"{width} and {height}")
    return CocoPerson(keypoints, np.array([left, top, left + width, top + height]))
