"""The sidecar of a label set: who is on the picture, where, and how much of them is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from render.labels.densepose_chart import compress_chart, cut_chart, sample_points
from render.labels.json_text import PIXEL_DIGITS, SHARE_DIGITS, format_json, round_numbers
from render.labels.masks import Mask, encode_mask
from render.labels.picture import MOST_ID, LabelledPerson, Picture

# What the name of a label set's sidecar ends with.
SIDECAR = ".json"
# Raised when sidecars of before cannot be read as those of now.
VERSION = 1
# Of a magnification.
ZOOM_DIGITS = 6


def format_sidecar(
    picture: Picture,
    people: Sequence[LabelledPerson],
    instance: np.ndarray,
    keypoints: np.ndarray,
    keypoint_names: Sequence[str],
    amodal: np.ndarray | None = None,
    iuv: np.ndarray | None = None,
) -> bytes:
    """The content of `KEY.json` of a label set.

    Boxes are of whole pixels; the pixel in column c reaches from c to c + 1. Lengths are rounded to 0.01 px.

    Args:
        picture: What the labels are of, H x W pixels.
        people: P of them, in the order of their numbers.
        instance: (H, W) uint16, 0 where nobody is, else 1 for the first of the people, and so on.
        keypoints: (P, J, 3) x, y in pixels of the labels, and how they are seen, see `JointProbe.judge`.
        keypoint_names: Of the J.
        amodal: (P, H, W) bool, all of each person whoever stands before them; None where it is not asked for.
        iuv: (H, W, 3) uint8, DensePose's labels; None where they are not asked for.

    Returns:
        JSON, the same for equal arguments. `visible_fraction` is the visible share of a person's amodal
        mask, 0 where that is empty.

    Raises:
        ValueError: Shapes do not belong together.
    """
    count = len(people)
    _check_shape("instance", instance, picture.hw)
    _check_shape("keypoints", keypoints, (count, len(keypoint_names), 3))
    if amodal is not None:
        _check_shape("amodal", amodal, (count, *picture.hw))
    if iuv is not None:
        _check_shape("iuv", iuv, (*picture.hw, 3))
    # Bodies cover a part of a picture, and only that need be looked at.
    rows, columns = _bound(instance)
    covered = instance[rows, columns]
    entries = []
    for number, person in enumerate(people, start=1):
        # By columns, as COCO counts.
        seen = np.zeros(picture.hw, bool, order="F")
        np.equal(covered, number, out=seen[rows, columns])
        mask = encode_mask(seen)
        entry = _describe_who(number, person) | _describe_mask(mask)
        if amodal is not None:
            entry |= _describe_amodal(mask, encode_mask(amodal[number - 1]))
        entry["keypoints"] = _flatten_keypoints(keypoints[number - 1])
        if iuv is not None and mask.area:
            chart = cut_chart(iuv, seen, mask.bbox)
            entry["densepose"] = compress_chart(chart) | sample_points(chart)
        entries.append(entry)
    sidecar = {
        "version": VERSION,
        "image": _describe_picture(picture),
        "keypoint_names": list(keypoint_names),
        "people": entries,
    }
    return f"{format_json(sidecar)}\n".encode("ascii")


def _bound(instance: np.ndarray) -> tuple[slice, slice]:
    """The rows and the columns that somebody is in."""
    rows = np.flatnonzero(instance.any(1))
    if not len(rows):
        return slice(0), slice(0)
    of_rows = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(instance[of_rows].any(0))
    return of_rows, slice(int(columns[0]), int(columns[-1]) + 1)


def _check_shape(name: str, array: np.ndarray, expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise ValueError(f"{name}: expected shape {expected}, found {array.shape}")


def _describe_picture(picture: Picture) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "file_name": picture.file_name,
        "width": picture.width,
        "height": picture.height,
    }
    if picture.crop is not None:
        entry["crop"] = {
            "corner_px": round_numbers(np.array(picture.crop.corner_px), PIXEL_DIGITS),
            "zoom": round(picture.crop.zoom, ZOOM_DIGITS),
            "width": picture.crop.width,
            "height": picture.crop.height,
        }
    return entry


def _describe_who(number: int, person: LabelledPerson) -> dict[str, Any]:
    box = None if person.box_xywh is None else np.array(person.box_xywh, np.float64)
    return {
        "instance": number,
        "row": person.row,
        "annotation_id": person.annot_id if 0 < person.annot_id <= MOST_ID else None,
        "person": person.person if person.person >= 0 else None,
        "file_bbox": round_numbers(box, PIXEL_DIGITS) if box is not None and np.isfinite(box).all() else None,
    }


def _describe_mask(mask: Mask, prefix: str = "") -> dict[str, Any]:
    return {
        f"{prefix}segmentation": mask.segmentation,
        f"{prefix}bbox": list(mask.bbox),
        f"{prefix}area": mask.area,
    }


def _describe_amodal(visible: Mask, whole: Mask) -> dict[str, Any]:
    share = round(visible.area / whole.area, SHARE_DIGITS) if whole.area else 0.0
    return _describe_mask(whole, "amodal_") | {"visible_fraction": share}


def _flatten_keypoints(keypoints: np.ndarray) -> list[float]:
    """x, y, v of one after the other; v a whole number."""
    points = round_numbers(keypoints[:, :2], PIXEL_DIGITS)
    ways = keypoints[:, 2].astype(np.int64).tolist()
    return [number for (x, y), v in zip(points, ways, strict=True) for number in (x, y, v)]
