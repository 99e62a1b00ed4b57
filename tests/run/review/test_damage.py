"""An audit of a set with damage done on purpose: each kind is among the worst of its column."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from render.review.table import make_audit_table
from tests.helpers.damaged_set import DamagedSet, make_damaged_set
from tests.helpers.expected_audit import Seen, expect_alone, expect_beside, see_people
from tests.helpers.runs import run

# OpenCV fills all pixels that the line around a face touches, of which there are 16 in one of the photo.
MASKS_DIFFER = 0.005


class Audited(NamedTuple):
    """The damaged set, its audit, and what other means find in it."""

    damaged: DamagedSet
    table: list[dict[str, str]]
    people: list[Seen]
    coco_boxes: list[list[float]]

    def rank(self, column: str, worst: str = "high") -> list[int]:
        """Rows from the worst on."""
        known = {int(row["row"]): float(row[column]) for row in self.table if row[column]}
        return sorted(known, key=known.__getitem__, reverse=worst == "high")


@pytest.fixture(scope="module")
def audited(demo_set, demo_body, tmp_path_factory) -> Audited:
    folder: Path = tmp_path_factory.mktemp("damaged")
    whole = json.loads(demo_set.fit_file.read_text())
    damaged = make_damaged_set(whole["data"])
    (folder / "fits.json").write_text(json.dumps(whole | {"data": damaged.entries}))
    coco_boxes = [_surround(entry["gt_keypoint_2d"]) for entry in damaged.entries]
    annotations = [
        {"id": entry["annotId"], "image_id": 1, "bbox": box, "keypoints": [0] * 51}
        for entry, box in zip(damaged.entries, coco_boxes, strict=True)
        if entry is not damaged.entries[damaged.doubled[1]]
    ]
    (folder / "coco.json").write_text(json.dumps({"annotations": annotations}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("render.review.plots.can_plot", lambda: False)
        report = run(
            "job=audit",
            "dataset=eft",
            f"dataset.fit_file={folder}/fits.json",
            f"dataset.image_dir={demo_set.image_dir}",
            f"dataset.coco_file={folder}/coco.json",
            "body=demo",
            f"output.dir={folder}/audit",
        )
    assert (report.rendered, report.failed) == (12, [])
    with (folder / "audit" / "audit.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    photos_hw = {path.name: cv2.imread(str(path)).shape[:2] for path in demo_set.image_dir.iterdir()}
    people = see_people(
        damaged.entries,
        [photos_hw[entry["imageName"]] for entry in damaged.entries],
        demo_set.body_file,
        demo_body.joint_names,
    )
    return Audited(damaged, table, people, coco_boxes)


def _surround(keypoints: list[list[float]]) -> list[float]:
    points = np.array([(x, y) for x, y, confidence in keypoints if confidence > 0])
    low = points.min(0)
    return [*low.tolist(), *(points.max(0) - low).tolist()]


def test_all_that_miss_their_keypoints_come_before_all_others(audited):
    of = audited.damaged
    missing = {of.turned, *of.exchanged, *of.swapped, of.shifted, of.doubled[1], of.shaped, of.flipped}
    worst = audited.rank("reprojection")
    assert set(worst[: len(missing)]) == missing
    assert of.turned in worst[:3]


def test_each_kind_of_damage_is_among_the_worst_of_its_column(audited):
    of = audited.damaged
    assert set(audited.rank("swap_gain")[:2]) == set(of.swapped)
    assert set(audited.rank("pose_swap_gain")[:4]) == {*of.swapped, *of.exchanged}
    assert audited.rank("crop_inside", "low")[0] == of.shifted
    assert of.shifted in audited.rank("box_iou", "low")[:3]
    assert set(audited.rank("double")[:2]) == set(of.doubled)
    assert set(audited.rank("same_annotation")[:2]) == set(of.doubled)
    assert audited.rank("sides_gain")[0] == of.flipped
    assert audited.rank("size_share_z")[0] == audited.rank("limbs_m_z")[0] == of.shaped
    assert audited.rank("betas_norm")[0] == of.shaped
    assert audited.rank("spin_deg")[0] == of.turned


def test_the_other_person_is_named(audited):
    of, table = audited.damaged, audited.table
    for (one, other), column in (
        (of.swapped, "swap_row"),
        (of.exchanged, "pose_swap_row"),
        (of.doubled, "double_row"),
    ):
        assert (table[one][column], table[other][column]) == (str(other), str(one))
    named = [int(row["row"]) for row in table if row["swap_row"] or row["pose_swap_row"]]
    assert named == sorted({*of.swapped, *of.exchanged})


def test_people_who_hug_are_no_doubles(audited):
    of, table = audited.damaged, audited.table
    for row in of.hugging:
        assert float(table[row]["double_iou"]) > 0.2
        assert float(table[row]["double"]) < 0.2 < float(table[of.doubled[0]]["double"]) / 2


def test_numbers_are_those_of_other_means(audited):
    for row, seen in zip(audited.table, audited.people, strict=True):
        _compare(row, expect_alone(seen, audited.coco_boxes[int(row["row"])]))


def test_numbers_beside_others_are_those_of_other_means(audited):
    images = defaultdict(list)
    for row in audited.table:
        images[row["image"]].append(int(row["row"]))
    for row in audited.table:
        others = [audited.people[one] for one in images[row["image"]] if one != int(row["row"])]
        columns = ("depth_share", "swap_gain", "pose_swap_gain", "double_distance")
        if not others:
            assert [row[column] for column in columns] == [""] * len(columns)
            continue
        _compare(row, expect_beside(audited.people[int(row["row"])], others))


def _compare(row: dict[str, str], expected: dict[str, float]) -> None:
    digits = {column.name: column.digits for column in make_audit_table().columns}
    for column, value in expected.items():
        # Numbers are rounded, and bodies are posed in float32.
        allowed = MASKS_DIFFER if column == "double_iou" else 0.501 * 10.0 ** -digits[column]
        assert float(row[column]) == pytest.approx(value, abs=allowed, rel=1e-5), (row["row"], column)
