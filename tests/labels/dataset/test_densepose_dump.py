"""densepose.jsonl: the loader of the README finds in it what the planes have."""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from render.files.output_dir import OutputDir
from render.labels.dataset.coco_file import ANNOTATIONS_NAME, write_annotations
from render.labels.dataset.densepose_dump import DUMP_NAME
from render.labels.picture import Crop
from tests.helpers.label_sets import LabelSet, make_labels, make_sidecar, serve


def load_dump(path: Path) -> dict[str, list[dict]]:
    people: dict[str, list[dict]] = {}
    for line in path.open():
        person = json.loads(line)
        png = base64.b64decode(person.pop("labels_uv_str"))
        iuv = np.array(Image.open(io.BytesIO(png))).transpose(2, 0, 1)
        assert iuv.shape == tuple(person["shape_chw"])
        person["labels"], person["uv"] = iuv[0].astype(np.int64), iuv[1:].astype(np.float32) / 255
        people.setdefault(person["file_name"], []).append(person)
    return people


def write(folder: Path, pictures: list[LabelSet], crop: Crop | None = None) -> dict[str, list[dict]]:
    products = [
        (f"in/p{i}_{3 * i}", make_sidecar(labels, f"in/p{i}.jpg", range(3 * i, 3 * i + 3), crop=crop))
        for i, labels in enumerate(pictures)
    ]
    write_annotations(OutputDir(folder), serve(products))
    return load_dump(folder / DUMP_NAME)


def test_people_of_a_picture_have_their_own_pixels_and_no_others(tmp_path):
    pictures = [make_labels(seed, 3, (90, 130)) for seed in range(5)]
    people = write(tmp_path, pictures)
    annotations = {
        entry["id"]: entry for entry in json.loads((tmp_path / ANNOTATIONS_NAME).read_text())["annotations"]
    }
    found = 0
    for i, labels in enumerate(pictures):
        painted = np.zeros_like(labels.iuv)
        for person in people.get(f"in/p{i}.jpg", []):
            x0, y0, x1, y1 = person["pred_boxes_XYXY"]
            assert person["shape_chw"] == [3, y1 - y0, x1 - x0]
            assert person["scores"] == 1
            annotation = annotations[person["annotId"]]
            assert annotation["bbox"] == [x0, y0, x1 - x0, y1 - y0]
            # Nobody paints over anybody else.
            box, is_theirs = painted[y0:y1, x0:x1], person["labels"] > 0
            assert not box[is_theirs].any()
            assert (labels.instance[y0:y1, x0:x1][is_theirs] == annotation["row"] % 3 + 1).all()
            box[is_theirs, 0] = person["labels"][is_theirs]
            box[is_theirs, 1:] = np.rint(255 * person["uv"]).astype(np.uint8)[:, is_theirs].T
            found += 1
        np.testing.assert_array_equal(painted, labels.iuv * (labels.iuv[..., :1] > 0))
    assert found == len(annotations) > 8


def test_crops_say_what_they_show(tmp_path):
    crop = Crop((3.0, 4.0), 2.0, width=130, height=90)
    ((person, *_),) = write(tmp_path, [make_labels(1, 3, (90, 130))], crop).values()
    assert person["crop"] == {"corner_px": [3.0, 4.0], "zoom": 2.0, "width": 130, "height": 90}
