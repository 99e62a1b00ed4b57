"""Sidecars as they are read again: checked, since files are damaged, edited and replaced."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from render.containers.json_values import describe
from render.errors import OutputError
from render.files.image_names import image_name_fault
from render.labels.densepose_chart import MOST_POINTS
from render.labels.people import MOST_ID, VERSION

# Keys of products and the content of their sidecars, from the first on, each time it is called.
Sidecars = Callable[[], Iterable[tuple[str, bytes]]]

# A hundred people with charts of a megabyte each stay below.
LARGEST_BYTES = 256 << 20
# The longest side of a picture, as OpenCV has it.
_LONGEST_PX = 1 << 20
# Not None, which is what null is read as.
_MISSING = object()
# Letters of COCO's compressed run lengths, and of base64.
_COUNTS = re.compile(r"[0-o]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True)
class Sidecar:
    """What a product says of its people.

    Attributes:
        key: The product's.
        image: As in the file.
        hw: The size of its labels.
        keypoint_names: Of the keypoints of each of its people.
        people: As in the file.
    """

    key: str
    image: dict[str, Any]
    hw: tuple[int, int]
    keypoint_names: tuple[str, ...]
    people: list[dict[str, Any]]

    @property
    def visible_people(self) -> list[dict[str, Any]]:
        """Those of whom a pixel is seen."""
        return [person for person in self.people if person["area"]]


class _Fault(Exception):
    """What is wrong with a sidecar: where, what was expected, and what was found."""


def read_sidecars(sidecars: Sidecars) -> Iterator[Sidecar]:
    """Reads sidecars, one at a time.

    Raises:
        OutputError: One of them is damaged; it says which.
    """
    for key, content in sidecars():
        yield read_sidecar(key, content)


def read_sidecar(key: str, content: bytes) -> Sidecar:
    """Reads the sidecar of a product.

    Args:
        key: The product's.
        content: Of its `KEY.json`.

    Raises:
        OutputError: It is not as `format_sidecar` writes them.
    """
    try:
        return _read(key, content)
    except _Fault as fault:
        refuse_product(key, str(fault))


def refuse_product(key: str, fault: str) -> NoReturn:
    """Says that a product's sidecar cannot be used.

    Args:
        key: The product's.
        fault: What was expected and what was found.

    Raises:
        OutputError: Always.
    """
    raise OutputError(
        f"{key}.json: {fault}. The file was changed after it had been written: remove it, or the tar file "
        f"that it is in, and run the same command again, which makes it anew."
    )


def _read(key: str, content: bytes) -> Sidecar:
    if len(content) > LARGEST_BYTES:
        raise _Fault(f"expected at most {LARGEST_BYTES >> 20} MiB, found {len(content) >> 20}")
    try:
        entry = json.loads(content)
    # Damaged text, nesting without end, numbers of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise _Fault(f"expected JSON, found something else ({error})") from None
    _check("the sidecar", entry, "an object", lambda found: isinstance(found, dict))
    _take(entry, "version", f"the number {VERSION}", lambda found: type(found) is int and found == VERSION)
    image = _take(entry, "image", "an object", lambda found: isinstance(found, dict))
    hw = _check_image(image)
    names = _take(entry, "keypoint_names", "a list of names", lambda found: _is_list_of(found, str))
    people = _take(entry, "people", "a list of objects", lambda found: _is_list_of(found, dict))
    for number, person in enumerate(people, start=1):
        try:
            _check_person(person, hw, len(names))
        except _Fault as fault:
            raise _Fault(f"person {number}, {fault}") from None
    return Sidecar(key, image, hw, tuple(names), people)


def _check(place: str, found: Any, expected: str, is_good: Callable[[Any], bool]) -> Any:
    """What was found; raises _Fault where it is not good."""
    if not is_good(found):
        raise _Fault(f"{place}: expected {expected}, found {describe(found)}")
    return found


def _take(entry: dict[str, Any], key: str, expected: str, is_good: Callable[[Any], bool]) -> Any:
    return _check(key, entry.get(key, _MISSING), expected, is_good)


def _check_image(image: dict[str, Any]) -> tuple[int, int]:
    """The size of the labels."""
    _take(
        image,
        "file_name",
        "the name of an image",
        lambda found: isinstance(found, str) and image_name_fault(found) is None,
    )
    frame = image
    if "crop" in image:
        frame = _take(image, "crop", "an object", lambda found: isinstance(found, dict))
        _take(frame, "corner_px", "two numbers", lambda found: _is_numbers(found, 2))
        _take(frame, "zoom", "a number above 0", lambda found: _is_numbers([found], 1) and found > 0)
    height, width = (
        _take(frame, side, "a length in pixels", lambda found: _is_count(found, 1, _LONGEST_PX))
        for side in ("height", "width")
    )
    return height, width


def _check_person(person: dict[str, Any], hw: tuple[int, int], joints: int) -> None:
    _take(person, "row", "a row of the fit file", lambda found: _is_count(found, 0, MOST_ID))
    _take(
        person,
        "annotation_id",
        "a whole number above 0, or null",
        lambda found: found is None or _is_count(found, 1, MOST_ID),
    )
    _take(
        person, "segmentation", f"run lengths of {hw[1]} x {hw[0]} pixels", lambda found: _is_mask(found, hw)
    )
    area = _take(person, "area", "a number of the pixels", lambda found: _is_count(found, 0, hw[0] * hw[1]))
    bbox = _take(person, "bbox", "x, y, w, h of a box around them", lambda found: _is_box(found, area, hw))
    _take(
        person,
        "keypoints",
        f"x, y and v (0, 1 or 2) of {joints} joints",
        lambda found: _is_numbers(found, 3 * joints) and all(v in (0, 1, 2) for v in found[2::3]),
    )
    if "visible_fraction" in person:
        _take(person, "visible_fraction", "0 to 1", lambda found: _is_numbers([found], 1) and 0 <= found <= 1)
    if "densepose" in person:
        densepose = _take(person, "densepose", "an object", lambda found: isinstance(found, dict))
        _check_densepose(densepose, [3, bbox[3], bbox[2]])


def _check_densepose(densepose: dict[str, Any], shape_chw: list[int]) -> None:
    _take(densepose, "shape_chw", f"{shape_chw}", lambda found: found == shape_chw)
    _take(
        densepose,
        "labels_uv_str",
        "a PNG in base64",
        lambda found: isinstance(found, str) and _BASE64.fullmatch(found) is not None,
    )
    points = densepose.get("dp_I")
    count = len(points) if isinstance(points, list) else 0
    for key in ("dp_I", "dp_x", "dp_y", "dp_U", "dp_V"):
        _take(
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
    if not _is_list_of(value, int) or len(value) != 4:
        return False
    x, y, w, h = value
    return min(value) >= 0 and x + w <= hw[1] and y + h <= hw[0] and w * h >= area


def _is_list_of(value: Any, kind: type) -> bool:
    """Whether it is a list of just this type: true is no number."""
    return isinstance(value, list) and all(type(item) is kind for item in value)


def _is_numbers(value: Any, count: int) -> bool:
    if not isinstance(value, list) or len(value) != count:
        return False
    # Integers may be too large for a double.
    return all(math.isfinite(x) if type(x) is float else type(x) is int and abs(x) <= MOST_ID for x in value)


def _is_count(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
