"""Label sets of people who are ellipses one behind the other, and the sidecars of whole data sets of them."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from render.fits.joint_orders import COCO_17
from render.labels.dataset.sidecar import Sidecars
from render.labels.people import format_sidecar
from render.labels.picture import Crop, LabelledPerson, Picture


class LabelSet(NamedTuple):
    """Planes of a picture: P people, the first in front, some of them out of it or wholly hidden."""

    instance: np.ndarray
    amodal: np.ndarray
    iuv: np.ndarray
    keypoints: np.ndarray


def make_labels(seed: int, people: int, hw: tuple[int, int], joints: int = 17) -> LabelSet:
    rng = np.random.default_rng(seed)
    height, width = hw
    y, x = np.mgrid[:height, :width] + 0.5
    center = rng.uniform(-0.1, 1.1, (people, 2)) * (width, height)
    radii = rng.uniform(0.1, 0.4, (people, 2)) * (width, height)
    amodal = np.stack(
        [
            ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
            for (cx, cy), (rx, ry) in zip(center, radii, strict=True)
        ]
        or [np.zeros(hw, bool)]
    )[:people]
    instance = np.zeros(hw, np.uint16)
    for number in range(people, 0, -1):
        instance[amodal[number - 1]] = number
    part = 1 + (x // 7 + 3 * (y // 11)).astype(np.uint8) % 24
    # Some of the surface is in no chart.
    part[(x + y) % 13 < 1] = 0
    iuv = np.stack([part, rng.integers(0, 256, hw), rng.integers(0, 256, hw)], 2).astype(np.uint8)
    iuv[instance == 0] = 0
    seen = rng.integers(0, 3, (people, joints, 1))
    points = np.where(seen > 0, rng.uniform(0, 1, (people, joints, 2)) * (width, height), 0)
    return LabelSet(instance, amodal, iuv, np.concatenate([points, seen], 2).astype(np.float32))


def make_sidecar(
    labels: LabelSet,
    file_name: str,
    rows: Sequence[int],
    annot_ids: Sequence[int] | None = None,
    names: Sequence[str] = COCO_17,
    has_iuv: bool = True,
    crop: Crop | None = None,
) -> bytes:
    height, width = labels.instance.shape
    picture = Picture(file_name, width, height) if crop is None else Picture(file_name, 640, 480, crop)
    people = [
        LabelledPerson(row, annot_id)
        for row, annot_id in zip(rows, annot_ids or [-1] * len(rows), strict=True)
    ]
    iuv = labels.iuv if has_iuv else None
    return format_sidecar(picture, people, labels.instance, labels.keypoints, names, labels.amodal, iuv)


def serve(products: Sequence[tuple[str, bytes]]) -> Sidecars:
    """What gives these each time from the first on, one at a time."""
    return lambda: iter(products)


def edit(sidecar: bytes, *path: str | int, value: Any) -> bytes:
    """A sidecar in which something has another value."""
    entry = inside = json.loads(sidecar)
    *above, last = path
    for key in above:
        inside = inside[key]
    inside[last] = value
    return json.dumps(entry).encode()
