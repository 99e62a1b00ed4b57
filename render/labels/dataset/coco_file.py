"""The data set's `annotations.json`, in COCO's format, out of the sidecars of its products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from render.annotate.skeletons import COCO_SKELETON
from render.files.digest import FileId
from render.files.output import Output
from render.fits.joint_orders import COCO_17
from render.labels.dataset.coco_ids import CocoIds, assign_ids
from render.labels.dataset.densepose_dump import DUMP_NAME, format_dump_line
from render.labels.dataset.sidecar import Sidecar, Sidecars, read_sidecars
from render.labels.json_text import format_json

ANNOTATIONS_NAME = "annotations.json"
# COCO's own number of people.
_PERSON = 1
_AMODAL_KEYS = ("amodal_segmentation", "amodal_bbox", "amodal_area", "visible_fraction")
_POINT_KEYS = ("dp_I", "dp_U", "dp_V", "dp_x", "dp_y")


def write_annotations(output: Output, sidecars: Sidecars) -> dict[str, FileId]:
    """Writes `annotations.json`, and `densepose.jsonl` where people have a chart; whole or not at all.

    The sidecars are read twice, one at a time. People of whom no pixel is seen are left out, as a box of no
    size stops many a training; their images are there. COCO's 17 keypoints are taken by their names: those
    that a body lacks are 0.

    Args:
        output: The data set's folder.
        sidecars: Of its products, in the order of its manifest.

    Returns:
        What each of the files that were written is known by, by its name.

    Raises:
        OutputError: A sidecar is damaged, or a file cannot be written. What was there before is then kept.
    """
    ids = assign_ids(sidecars)
    names = (ANNOTATIONS_NAME, DUMP_NAME) if ids.has_densepose else (ANNOTATIONS_NAME,)
    with ExitStack() as stack:
        files = {name: stack.enter_context(output.create(name)) for name in names}
        file, dump = files[ANNOTATIONS_NAME], files.get(DUMP_NAME)
        file.write(_format_head(ids).encode())
        count = 0
        for sidecar in read_sidecars(sidecars):
            people = list(ids.name_people(sidecar, count))
            lines = [
                format_json(describe_annotation(image, number, person, sidecar.keypoint_names))
                for image, number, person in people
            ]
            file.write("".join(f"{',' if i else ''}\n{line}" for i, line in enumerate(lines, count)).encode())
            count += len(lines)
            if dump is not None:
                dump.write("".join(_format_dump(sidecar, people)).encode())
        file.write(b"\n]}\n")
    if not ids.has_densepose:
        # Of a run before this one.
        output.remove(DUMP_NAME)
    return {name: file.id for name, file in files.items() if file.id is not None}


def describe_annotation(
    image: int, number: int, person: dict[str, Any], keypoint_names: tuple[str, ...]
) -> dict[str, Any]:
    """An entry of COCO's list `annotations`.

    Args:
        image: Id of the image.
        number: Id of the annotation.
        person: What a sidecar says of them.
        keypoint_names: Of the sidecar.
    """
    keypoints = pick_coco_keypoints(person["keypoints"], keypoint_names)
    entry = {
        "id": number,
        "image_id": image,
        "category_id": _PERSON,
        "row": person["row"],
        "segmentation": person["segmentation"],
        "bbox": person["bbox"],
        "area": person["area"],
        "iscrowd": 0,
        "keypoints": keypoints,
        "num_keypoints": sum(v > 0 for v in keypoints[2::3]),
    }
    if "visible_fraction" in person:
        entry |= {key: person[key] for key in _AMODAL_KEYS}
    if "densepose" in person:
        entry |= {key: person["densepose"][key] for key in _POINT_KEYS}
    return entry


def pick_coco_keypoints(keypoints: list[float], names: tuple[str, ...]) -> list[float]:
    """COCO's 17 joints out of a body's.

    Args:
        keypoints: x, y, v of one after the other.
        names: Of each, as `BodyModel.joint_names` has them.

    Returns:
        51 numbers; 0, 0, 0 for a joint that the body does not have by that name.
    """
    # The first of a name, where several have it.
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    picked: list[float] = []
    for name in COCO_17:
        place = places.get(name)
        picked += (0.0, 0.0, 0) if place is None else keypoints[3 * place : 3 * place + 3]
    return picked


def _format_head(ids: CocoIds) -> str:
    """All that comes before the first annotation."""
    info = {
        "description": "Labels of fits, drawn by smpl-render",
        "image_ids": "the numbers at the end of the names" if ids.are_of_names else "counted",
        "annotation_ids": "those of the fit file" if ids.are_of_file else "counted",
    }
    category = {
        "id": _PERSON,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(COCO_17),
        # COCO counts joints from 1 there.
        "skeleton": [[start + 1, end + 1] for start, end in COCO_SKELETON.limbs],
    }
    images = ",".join(f"\n{format_json(image)}" for image in ids.images)
    return (
        f'{{"info":{format_json(info)},\n"categories":[{format_json(category)}],\n"images":[{images}\n],\n'
        f'"annotations":['
    )


def _format_dump(sidecar: Sidecar, people: list[tuple[int, int, dict[str, Any]]]) -> Iterator[str]:
    for _, number, person in people:
        if "densepose" in person:
            yield format_dump_line(sidecar.image, number, person)
