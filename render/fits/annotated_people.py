"""Whom annotation ids stand for: photo, box and joints, out of the COCO-format file of any dataset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.json_file import JsonFile
from render.containers.json_values import RowFault, describe, read_numbers
from render.fits.checks import LARGEST_NUMBER

SERVED_FROM = (
    "COCO's person_keypoints_train2017.json is in "
    "http://images.cocodataset.org/annotations/annotations_trainval2017.zip, and "
    "https://github.com/mks0601/NeuralAnnot_RELEASE says where those of other datasets are"
)
_JOINTS = 17


@dataclass(frozen=True)
class AnnotatedPeople:
    """People in the order of the annotation ids that were asked for.

    Attributes:
        image_name: Of their photos, (N,) objects; empty texts where there is none.
        box_px: (N, 4) left, top, width and height, NaN where there is none of numbers that are any good.
        keypoints_px: (N, 17, 3) in COCO's order, x, y and 1 where a joint is labelled; 0 where it is not, and
            where an annotation has other joints.
        problems: Why others have no photo, by their place.
    """

    image_name: np.ndarray
    box_px: np.ndarray
    keypoints_px: np.ndarray
    problems: dict[int, str]


def read_annotated_people(path: Path, annot_ids: np.ndarray) -> AnnotatedPeople:
    """Reads people out of an annotation file, and nothing else of it.

    Args:
        path: Of the file.
        annot_ids: Of the people, (N,) whole numbers, each once.

    Raises:
        FitFileError: The file as a whole cannot be used.
    """
    file = JsonFile(
        path,
        kind="a COCO-format annotation file",
        layout='JSON with the lists "images" and "annotations"',
        content="photos and people",
        setting="dataset.coco_file",
        served_from=SERVED_FROM,
    )
    count = len(annot_ids)
    places = dict(zip(annot_ids.tolist(), range(count), strict=True))
    names: dict[int, Any] = {}
    images_twice: set[int] = set()
    images: list[Any] = [None] * count
    problems = dict.fromkeys(range(count), "id: expected an annotation of this id, found none")
    seen: set[int] = set()
    box_px = np.full((count, 4), np.nan)
    keypoints_px = np.zeros((count, _JOINTS, 3), np.float32)
    for key, entry in file.read_lists("images", "annotations"):
        entry_id = entry.get("id") if isinstance(entry, dict) else None
        # True and 1.0 are equal to 1, but no ids.
        if type(entry_id) is not int:
            continue
        if key == "images":
            if entry_id in names:
                images_twice.add(entry_id)
            names[entry_id] = entry.get("file_name")
            continue
        place = places.get(entry_id)
        if place is None:
            continue
        if place in seen:
            problems[place] = "id: expected one annotation of this id, found several"
            continue
        seen.add(place)
        del problems[place]
        images[place] = entry.get("image_id")
        box_px[place] = _read_or_nan(entry, "bbox", 4)
        keypoints_px[place] = _read_keypoints(entry)
    image_name = np.full(count, "", object)
    for place, image_id in enumerate(images):
        if place in problems:
            continue
        fault = _find_fault(image_id, names, images_twice)
        if fault is None:
            image_name[place] = names[image_id]
        else:
            problems[place] = str(fault)
    return AnnotatedPeople(image_name, box_px, keypoints_px, problems)


def _find_fault(image_id: Any, names: dict[int, Any], twice: set[int]) -> RowFault | None:
    if type(image_id) is not int:
        return RowFault("image_id", "a whole number", describe(image_id))
    if image_id not in names:
        return RowFault("image_id", "the id of one of the photos", describe(image_id))
    if image_id in twice:
        return RowFault("image_id", "one photo of this id", "several")
    name = names[image_id]
    return None if type(name) is str else RowFault("file_name", "a text", describe(name))


def _read_or_nan(entry: dict, key: str, count: int) -> np.ndarray:
    """Numbers that a fit can be drawn without."""
    try:
        numbers = read_numbers(entry, key, (count,))
    except RowFault:
        return np.full(count, np.nan)
    # Written so that NaN is out of range, too.
    return np.where(np.abs(numbers) <= LARGEST_NUMBER, numbers, np.nan)


def _read_keypoints(entry: dict) -> np.ndarray:
    points = _read_or_nan(entry, "keypoints", 3 * _JOINTS).reshape(_JOINTS, 3)
    # Written so that NaN is not labelled.
    is_labelled = (points[:, 2:] > 0) & (np.abs(points) >= 0).all(1, keepdims=True)
    return np.where(is_labelled, np.hstack([points[:, :2], is_labelled]), 0)
