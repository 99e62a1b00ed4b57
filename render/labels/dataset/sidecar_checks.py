"""What a sidecar must be before it is used: files are damaged, edited and replaced."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from render.containers.json_values import describe
from render.files.image_names import image_name_fault
from render.labels.densepose_chart import MOST_POINTS
from render.labels.picture import MOST_ID

# The longest side of a picture, as OpenCV has it.
_LONGEST_PX = 1 << 20
# Not None, which is what null is read as.
_MISSING = object()
# Letters of COCO's compressed run lengths, and of base64.
_COUNTS = re.compile(r"[0-o]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class SidecarFault(Exception):
    """What is wrong with a sidecar: where, what was expected, and what was found."""


def check(place: str, found: Any, expected: str, is_good: Callable[[Any], bool]) -> Any:
    """What was found; raises SidecarFault where it is not good."""
    if not is_good(found):
        raise SidecarFault(f"{place}: expected {expected}, found {describe(found)}")
    return found


def take(entry: dict[str, Any], key: str, expected: str, is_good: Callable[[Any], bool]) -> Any:
    """What an entry has by that key; raises SidecarFault where it is not good, or not there."""
    return check(key, entry.get(key, _MISSING), expected, is_good)


def check_image(image: dict[str, Any]) -> tuple[int, int]:
    """The size of the labels."""
    take(
        image,
        "file_name",
        "the name of an image",
        lambda found: isinstance(found, str) and image_name_fault(found) is None,
    )
    frame = image
    if "crop" in image:
        frame = take(image, "crop", "an object", lambda found: isinstance(found, dict))
        take(frame, "corner_px", "two numbers", lambda found: _is_numbers(found, 2))
        take(frame, "zoom", "a number above 0", lambda found: _is_numbers([found], 1) and found > 0)
    height, width = (
        take(frame, side, "a length in pixels", lambda found: _is_count(found, 1, _LONGEST_PX))
        for side in ("height", "width")
    )
    return height, width


def check_person(person: dict[str, Any], hw: tuple[int, int], joints: int) -> None:
    take(person, "row", "a row of the fit file", lambda found: _is_count(found, 0, MOST_ID))
    take(
        person,
        "annotation_id",
        "a whole number above 0, or null",
        lambda found: found is None or _is_count(found, 1, MOST_ID),
    )
    bbox = _check_mask(person, "", hw)
    take(
        person,
        "keypoints",
        f"x, y and v (0, 1 or 2) of {joints} joints",
        lambda found: _is_numbers(found, 3 * joints) and all(v in (0, 1, 2) for v in found[2::3]),
    )
    if "visible_fraction" in person:
        take(person, "visible_fraction", "a share", lambda found: _is_numbers([found], 1) and found >= 0)
        _check_mask(person, "amodal_", hw)
    if "densepose" in person:
        densepose = take(person, "densepose", "an object", lambda found: isinstance(found, dict))
        _check_densepose(densepose, [3, bbox[3], bbox[2]])


def _check_mask(person: dict[str, Any], prefix: str, hw: tuple[int, int]) -> list[int]:
    """The box of a mask."""
    lengths = f"run lengths of {hw[1]} x {hw[0]} pixels"
    take(person, f"{prefix}segmentation", lengths, lambda found: _is_mask(found, hw))
    most = hw[0] * hw[1]
    area = take(person, f"{prefix}area", "a number of the pixels", lambda found: _is_count(found, 0, most))
    around = "x, y, w, h of a box around them"
    return take(person, f"{prefix}bbox", around, lambda found: _is_box(found, area, hw))


def _check_densepose(densepose: dict[str, Any], shape_chw: list[int]) -> None:
    take(densepose, "shape_chw", f"{shape_chw}", lambda found: found == shape_chw)
    take(
        densepose,
        "labels_uv_str",
        "a PNG in base64",
        lambda found: isinstance(found, str) and _BASE64.fullmatch(found) is not None,
    )
    points = densepose.get("dp_I")
    count = len(points) if isinstance(points, list) else 0
    for key in ("dp_I", "dp_x", "dp_y", "dp_U", "dp_V"):
        take(
            densepose,
            key,
            f"a number for each point, of {MOST_POINTS} at most",
            lambda found: count <= MOST_POINTS and _is_numbers(found, count),
        )


def _is_mask(value: Any, hw: tuple[int, int]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"size", "counts"}
        and value["size"] == list(hw)
        and isinstance(value["counts"], str)
        and _COUNTS.fullmatch(value["counts"]) is not None
    )


def _is_box(value: Any, area: int, hw: tuple[int, int]) -> bool:
    """Whether it is one in the picture that has room for so many pixels."""
    if not is_list_of(value, int) or len(value) != 4:
        return False
    x, y, w, h = value
    return min(value) >= 0 and x + w <= hw[1] and y + h <= hw[0] and w * h >= area


def is_list_of(value: Any, kind: type) -> bool:
    """Whether it is a list of just this type: true is no number."""
    return isinstance(value, list) and all(type(item) is kind for item in value)


def _is_numbers(value: Any, count: int) -> bool:
    # True is an int, but no number.
    if not isinstance(value, list) or len(value) != count or not set(map(type, value)) <= {int, float}:
        return False
    try:
        return all(map(math.isfinite, value))
    # An integer that is too large for a double.
    except OverflowError:
        return False


def _is_count(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
