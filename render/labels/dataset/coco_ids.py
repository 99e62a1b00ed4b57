"""The ids of images and annotations in a data set's COCO file: those that the data set knows, or counted."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from render.labels.dataset.sidecar import Sidecar, Sidecars, read_sidecars, refuse_product

# As the ids of COCO's images end their names. More digits would not be kept by programs that read numbers of
# JSON as doubles.
_NUMBER = re.compile(r"[0-9]{1,15}$")

# What is one image: its name, its size, and the product where that is a crop of its own.
_Image = tuple[str, tuple[int, int], str]


@dataclass(frozen=True)
class CocoIds:
    """What the products of a data set are called in its COCO file.

    Attributes:
        images: The entries of the images, each once, in the order of the products.
        image_ids: By what is one image.
        are_of_names: Whether the ids of images are the numbers at the end of their names.
        are_of_file: Whether the ids of annotations are those of the fit file.
        has_densepose: Whether some people have a chart.
    """

    images: list[dict[str, Any]]
    image_ids: dict[_Image, int]
    are_of_names: bool
    are_of_file: bool
    has_densepose: bool

    def name_people(self, sidecar: Sidecar, count: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """The people of a product who are seen.

        Args:
            sidecar: The product's.
            count: How many people there were on the products before it.

        Yields:
            The id of their image, that of their annotation, and what the sidecar says of them.

        Raises:
            OutputError: The product is none of those of which the ids are.
        """
        image = self.image_ids.get(_identify(sidecar))
        if image is None:
            refuse_product(sidecar.key, "expected what was there a moment ago, found another image")
        for number, person in enumerate(sidecar.visible_people, start=count + 1):
            yield image, person["annotation_id"] if self.are_of_file else number, person


def assign_ids(sidecars: Sidecars) -> CocoIds:
    """Reads all sidecars once, for what is unique among them.

    Images have the numbers at the end of their names, as COCO's have, where all names end so and no two
    numbers are equal. Annotations have the ids of the fit file where all people have one and no two are the
    same. Otherwise all are counted from 1, in the order of the products. People of whom nothing is seen have
    none.

    Args:
        sidecars: Of a finished data set, in the order of its manifest.

    Raises:
        OutputError: One of them is damaged.
    """
    found: dict[_Image, dict[str, Any]] = {}
    # Eight bytes each: a data set may have millions of people.
    annot_ids = array("q")
    has_densepose = False
    for sidecar in read_sidecars(sidecars):
        found.setdefault(_identify(sidecar), sidecar.image)
        for person in sidecar.visible_people:
            annot_ids.append(person["annotation_id"] or 0)
            has_densepose |= "densepose" in person
    numbers = [_find_number(name) for name, _, _ in found]
    are_of_names = None not in numbers and len(set(numbers)) == len(numbers)
    if not are_of_names:
        numbers = list(range(1, len(found) + 1))
    image_ids = dict(zip(found, (number or 0 for number in numbers), strict=True))
    unique = np.unique(np.asarray(annot_ids))
    return CocoIds(
        images=[_describe_image(image_ids[image], image, entry) for image, entry in found.items()],
        image_ids=image_ids,
        are_of_names=are_of_names,
        are_of_file=len(unique) == len(annot_ids) and 0 not in unique,
        has_densepose=has_densepose,
    )


def _identify(sidecar: Sidecar) -> _Image:
    # Two people of one photo, each with a product, are on one image, but crops around them are two.
    return sidecar.image["file_name"], sidecar.hw, sidecar.key if "crop" in sidecar.image else ""


def _find_number(name: str) -> int | None:
    """The number at the end of a name without its extension."""
    file = name.rpartition("/")[2]
    match = _NUMBER.search(file.rpartition(".")[0] or file)
    return int(match[0]) if match else None


def _describe_image(number: int, image: _Image, entry: dict[str, Any]) -> dict[str, Any]:
    name, (height, width), _ = image
    crop = {"crop": entry["crop"]} if "crop" in entry else {}
    return {"id": number, "file_name": name, "width": width, "height": height} | crop
