"""Sidecars as they are read again: checked, since files are damaged, edited and replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from render.errors import OutputError
from render.labels.dataset.sidecar_checks import (
    SidecarFault,
    check,
    check_image,
    check_person,
    is_list_of,
    take,
)
from render.labels.people import VERSION

# Keys of products and the content of their sidecars, from the first on, each time it is called.
Sidecars = Callable[[], Iterable[tuple[str, bytes]]]

# A hundred people with charts of a megabyte each stay below.
LARGEST_BYTES = 256 << 20


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
    except SidecarFault as fault:
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
        raise SidecarFault(f"expected at most {LARGEST_BYTES >> 20} MiB, found {len(content) >> 20}")
    try:
        entry = json.loads(content)
    # Damaged text, nesting without end, numbers of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise SidecarFault(f"expected JSON, found something else ({error})") from None
    check("the sidecar", entry, "an object", lambda found: isinstance(found, dict))
    take(entry, "version", f"the number {VERSION}", lambda found: type(found) is int and found == VERSION)
    image = take(entry, "image", "an object", lambda found: isinstance(found, dict))
    hw = check_image(image)
    names = take(entry, "keypoint_names", "a list of names", lambda found: is_list_of(found, str))
    people = take(entry, "people", "a list of objects", lambda found: is_list_of(found, dict))
    for number, person in enumerate(people, start=1):
        try:
            check_person(person, hw, len(names))
        except SidecarFault as fault:
            raise SidecarFault(f"person {number}, {fault}") from None
    return Sidecar(key, image, hw, tuple(names), people)
