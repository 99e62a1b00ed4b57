"""Audits beside masks and segmentations that were drawn before: they overlap wholly, and changes are seen."""

import csv
import json

import cv2
import numpy as np
import pytest

from render.errors import ConfigError
from render.labels.masks import encode_mask
from render.review.lsp import CLASS_OF_PART
from tests.helpers.label_runs import read_layer
from tests.helpers.manifests import PEOPLE, PHOTO_ROWS, counts
from tests.helpers.runs import run
from tests.helpers.small_runs import out, small

__all__ = ["out", "small"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_plots")]
# Photo 2 shows one person, in row 4, as each photo of LSP does; photo 0 two.
ALONE = 4
SCORES = ("fg_accuracy", "fg_f1", "parts_accuracy", "parts_f1")


@pytest.fixture
def annotated(small, tmp_path):
    """The settings of an audit of the set with COCO's segmentations and pictures of photo 2, as drawn."""
    labels = tmp_path / "labels"
    layers = "layers=[amodal,skin_parts]"
    run(*small.settings, "job=labels", "people=together", layers, f"output.dir={labels}")
    photos, annotations = [], []
    for photo, rows in PHOTO_ROWS.items():
        for number, row in enumerate(rows, start=1):
            mask = read_layer(labels, rows[0], f"amodal.{number}") > 0
            annotations.append(
                {
                    "id": row + 1,
                    "image_id": photo,
                    "bbox": [0, 0, 1, 1],
                    "keypoints": [0] * 51,
                    "iscrowd": 0,
                    "segmentation": encode_mask(mask).segmentation,
                }
            )
        photos.append({"id": photo, "height": mask.shape[0], "width": mask.shape[1]})
    write_coco(tmp_path, photos, annotations)
    folder = tmp_path / "segmentations"
    folder.mkdir()
    mask, parts = read_layer(labels, ALONE, "amodal.1"), read_layer(labels, ALONE, "skin_parts")
    # Its folder is left out, as in UP-3D.
    cv2.imwrite(str(folder / "demo_000002_segmentation.png"), mask)
    cv2.imwrite(str(folder / "demo_000002_part_segmentation.png"), CLASS_OF_PART[parts])
    files = [f"dataset.coco_file={tmp_path}/coco.json", f"dataset.segmentation_dir={folder}"]
    return [*small.settings, "job=audit", *files]


def write_coco(folder, photos, annotations):
    (folder / "coco.json").write_text(json.dumps({"images": photos, "annotations": annotations}))


def read_audit(out):
    with (out / "audit.csv").open(newline="") as file:
        return {int(line["row"]): line for line in csv.DictReader(file)}


def test_what_was_drawn_overlaps_itself_wholly_until_it_changes(annotated, out, tmp_path, caplog):
    assert counts(run(*annotated, f"output.dir={out}")) == (len(PHOTO_ROWS), 0, 0)
    audit = read_audit(out)
    assert sorted(audit) == list(range(PEOPLE))
    for line in audit.values():
        assert [line[name] for name in ("mask_iou", "mask_recall", "mask_precision")] == ["1.000"] * 3
        assert (line["annotated_width"], line["annotated_height"]) == (
            line["photo_width"],
            line["photo_height"],
        )
    for row, line in audit.items():
        assert [line[name] for name in SCORES] == (["1.000"] if row == ALONE else [""]) * 4
    assert json.loads((out / "audit.json").read_text())["pooled"] == {
        "fg_people": 1,
        "fg_accuracy": 1,
        "fg_f1": 1,
        "parts_people": 1,
        "parts_accuracy": 1,
        "parts_f1": 1,
    }

    # Beside itself: both fits have the masks and the parts that were drawn.
    compared = [word for word in annotated if word != "job=audit"]
    fit_file = next(word for word in annotated if word.startswith("dataset.fit_file=")).partition("=")[2]
    words = ("job=compare", "panels=[]", f"samples={ALONE}", f"reference={fit_file}")
    run(*compared, *words, f"output.dir={tmp_path}/compared")
    with (tmp_path / "compared" / "compare.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    for side in "ab":
        assert [float(line[f"{side}_{name}"]) for name in ("mask_iou", *SCORES)] == [1] * 5
    pooled = json.loads((out / "audit.json").read_text())["pooled"]
    assert json.loads((tmp_path / "compared" / "compare.json").read_text())["pooled"] == {
        "a": pooled,
        "b": pooled,
    }

    # Nothing changed; then the picture of one photo; then one person's segmentation.
    assert counts(run(*annotated, f"output.dir={out}")) == (0, len(PHOTO_ROWS), 0)
    picture = tmp_path / "segmentations" / "demo_000002_segmentation.png"
    mask = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(picture), 255 - mask)
    assert counts(run(*annotated, f"output.dir={out}")) == (1, len(PHOTO_ROWS) - 1, 0)
    assert float(read_audit(out)[ALONE]["fg_accuracy"]) == 0
    told = json.loads((tmp_path / "coco.json").read_text())
    height, width = told["images"][0]["height"], told["images"][0]["width"]
    told["annotations"][1]["segmentation"] = [[0, 0, width, 0, width, height, 0, height]]
    told["annotations"][2]["segmentation"] = "none"
    write_coco(tmp_path, told["images"], told["annotations"])
    assert counts(run(*annotated, f"output.dir={out}")) == (2, len(PHOTO_ROWS) - 2, 0)
    audit = read_audit(out)
    assert (audit[0]["mask_iou"], audit[1]["mask_precision"], audit[2]["mask_iou"]) == ("1.000", "1.000", "")
    assert "1 of 8 people have no good segmentation in COCO's file, the first is 3: segm" in caplog.text
    assert 0 < float(audit[1]["mask_iou"]) == float(audit[1]["mask_recall"]) < 1


def test_a_picture_of_another_size_costs_its_photo(annotated, out, tmp_path, caplog):
    cv2.imwrite(str(tmp_path / "segmentations" / "demo_000000_segmentation.png"), np.zeros((5, 4), np.uint8))
    report = run(*annotated, f"output.dir={out}")
    assert counts(report) == (len(PHOTO_ROWS) - 1, 0, 2)
    assert {problem.row for problem in report.failed} == set(PHOTO_ROWS[0])
    assert (
        "demo_000000_segmentation.png: expected 160 x 120 pixels, as the photo has, found 4 x 5"
        in caplog.text
    )


def test_a_folder_that_is_not_there_is_said(small, out):
    with pytest.raises(ConfigError, match=r"dataset\.segmentation_dir: expected a folder .* found no folder"):
        run(*small.settings, "job=audit", "dataset.segmentation_dir=/nowhere", f"output.dir={out}")
