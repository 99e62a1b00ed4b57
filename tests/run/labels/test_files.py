"""What a run of labels writes: the same numbers in every format, and what COCO's own tools read in them."""

import base64
import contextlib
import io
import json

import cv2
import numpy as np
import OpenEXR
import pycocotools.coco
import pytest

from tests.helpers.label_runs import read_layer, read_mask, read_sidecar
from tests.helpers.manifests import PEOPLE, PHOTO_ROWS, counts, photo, read_manifest
from tests.helpers.runs import files_below, run

pytestmark = pytest.mark.slow


def load_annotations(out) -> pycocotools.coco.COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return pycocotools.coco.COCO(str(out / "annotations.json"))


def test_the_demo_set_as_the_job_is_shipped(demo, tmp_path):
    assert counts(run(*demo, "job=labels", "samples=0:4")) == (4, 0, 0)
    keys = ["demo_000000_0", "demo_000000_1", "demo_000001_2", "demo_000001_3"]
    suffixes = [".depth_relative.png", ".instance.png", ".iuv.png", ".json", ".normal.png"]
    names = {key + suffix for key in keys for suffix in suffixes}
    of_all = {"annotations.json", "manifest.jsonl"}
    assert set(files_below(tmp_path / "out")) == names | of_all
    assert read_sidecar(tmp_path / "out", 2)["image"]["file_name"] == "demo_000001.jpg"


def test_cocos_tools_read_the_masks_that_the_pictures_have(small, label, out):
    assert counts(label()) == (PEOPLE, 0, 0)
    coco = load_annotations(out)
    # The numbers at the end of the photos' names, and those of the fit file.
    assert {image["file_name"]: image["id"] for image in coco.loadImgs(coco.getImgIds())} == {
        f"part0/demo_{number:06d}.jpg": number for number in PHOTO_ROWS
    }
    assert sorted(coco.getAnnIds()) == [entry["annotId"] for entry in small.entries]
    for row in range(PEOPLE):
        (entry,) = coco.loadAnns([row + 1])
        instance = read_layer(out, row, "instance")
        assert instance.dtype == np.uint16
        is_seen = instance == 1
        np.testing.assert_array_equal(read_mask(entry["segmentation"]), is_seen)
        ys, xs = is_seen.nonzero()
        assert entry["bbox"] == [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
        assert entry["area"] == is_seen.sum()
        np.testing.assert_array_equal(coco.annToMask(entry), is_seen)
        image = coco.loadImgs([entry["image_id"]])[0]
        assert (image["height"], image["width"]) == instance.shape
        assert instance.shape == cv2.imread(str(small.image_dir / image["file_name"])).shape[:2]
        assert entry["num_keypoints"] == sum(v > 0 for v in entry["keypoints"][2::3]) > 0


def test_each_line_for_densepose_is_the_person_s_part_of_the_picture(label, out):
    label("samples=0:3")
    lines = [json.loads(line) for line in (out / "densepose.jsonl").read_text().splitlines()]
    assert [line["annotId"] for line in lines] == [1, 2, 3]
    for row, line in enumerate(lines):
        png = np.frombuffer(base64.b64decode(line["labels_uv_str"]), np.uint8)
        # OpenCV gives its channels from the last to the first.
        chart = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)[..., ::-1]
        left, top, right, bottom = line["pred_boxes_XYXY"]
        np.testing.assert_array_equal(chart, read_layer(out, row, "iuv")[top:bottom, left:right])
        assert line["shape_chw"] == [3, bottom - top, right - left]


def test_every_format_holds_the_same_numbers_and_the_same_sidecar(label, tmp_path):
    layers, made = "layers=[iuv, instance, parts, depth_relative:16, densepose]", {}
    for name in ("png", "exr", "npz"):
        label("samples=0:2", layers, f"output={name}", into=tmp_path / name)
        made[name] = files_below(tmp_path / name)
    for name in ("annotations.json", "densepose.jsonl", "part0/demo_000000_1.json"):
        assert made["png"][name] == made["exr"][name] == made["npz"][name]
    folder = tmp_path / "exr" / "part0"
    channels = OpenEXR.File(str(folder / "demo_000000_1.exr"), separate_channels=True).channels()
    with np.load(tmp_path / "npz" / "part0" / "demo_000000_1.npz") as arrays:
        assert set(arrays) == {"iuv", "instance", "parts", "depth_relative"}
        for layer, letters in {"iuv": "IUV", "instance": "", "parts": "", "depth_relative": ""}.items():
            expected = read_layer(tmp_path / "png", 1, layer)
            assert expected.any()
            np.testing.assert_array_equal(arrays[layer], expected)
            found = [of.pixels for name, of in channels.items() if name.startswith(f"{layer}.")]
            if letters:
                found = [channels[f"{layer}.{letter}"].pixels for letter in letters]
            np.testing.assert_array_equal(np.stack(found, -1).squeeze(), expected)


def test_people_together_are_numbered_and_each_is_also_seen_alone(label, out, tmp_path):
    label("people=together", "layers=[instance, amodal]")
    label("layers=[instance]", into=tmp_path / "alone")
    assert [entry["rows"] for entry in read_manifest(out)] == list(PHOTO_ROWS.values())
    hidden = 0
    for rows in PHOTO_ROWS.values():
        instance, people = read_layer(out, rows[0], "instance"), read_sidecar(out, rows[0])["people"]
        assert [person["row"] for person in people] == rows
        for number, (row, person) in enumerate(zip(rows, people, strict=True), start=1):
            is_seen = read_mask(person["segmentation"])
            np.testing.assert_array_equal(is_seen, instance == number)
            whole = read_mask(person["amodal_segmentation"])
            # As where nobody else is on the picture.
            np.testing.assert_array_equal(whole, read_layer(tmp_path / "alone", row, "instance") == 1)
            np.testing.assert_array_equal(whole, read_layer(out, rows[0], f"amodal.{number}") == 255)
            assert not (is_seen & ~whole).any()
            assert person["visible_fraction"] == round(is_seen.sum() / whole.sum(), 4)
            hidden += person["visible_fraction"] < 1
    assert hidden
    entries = load_annotations(out).dataset["annotations"]
    assert {entry["visible_fraction"] < 1 for entry in entries} == {True, False}
    for entry in entries:
        whole = read_mask(entry["amodal_segmentation"])
        np.testing.assert_array_equal(whole, read_layer(tmp_path / "alone", entry["row"], "instance") == 1)
        assert entry["amodal_area"] == whole.sum() >= entry["area"]


def test_a_crop_says_which_part_of_the_photo_it_is(label, out, tmp_path):
    label("view=crop:2", "samples=0:2", "layers=[instance, keypoints]")
    label("samples=0:2", "layers=[instance, keypoints]", into=tmp_path / "photo")
    for row in range(2):
        sidecar, whole = read_sidecar(out, row), read_sidecar(tmp_path / "photo", row)
        crop = sidecar["image"].pop("crop")
        assert sidecar["image"] == whole["image"]
        assert read_layer(out, row, "instance").shape == (crop["height"], crop["width"])
        found = np.array(sidecar["people"][0]["keypoints"]).reshape(-1, 3)
        on_photo = np.array(whole["people"][0]["keypoints"]).reshape(-1, 3)
        expected = crop["zoom"] * (on_photo[:, :2] - crop["corner_px"])
        # Both are rounded to 0.01 px, and so is the corner.
        np.testing.assert_allclose(found[:, :2], expected, atol=0.01 + 0.01 * crop["zoom"])
    # Two people of one photo have crops of their own, which are two images.
    images = json.loads((out / "annotations.json").read_text())["images"]
    assert len(images) == 2
    assert all("crop" in image for image in images)


def test_without_photos_the_picture_is_as_large_as_asked_for(label, out):
    report = label("dataset.image_dir=null", "size=96x64", "layers=[instance]", "samples=0:2")
    assert counts(report) == (2, 0, 0)
    assert read_layer(out, 0, "instance").shape == (64, 96)


def test_nothing_of_a_photo_but_its_size_matters(small, label, out):
    """Its pixels are never decoded; what says no size is a fault of its own people alone."""
    photo(small, 2).write_bytes(photo(small, 2).read_bytes()[:-1200])
    photo(small, 0).write_bytes(b"<html>")
    photo(small, 1).unlink()
    report = label("layers=[instance]")
    assert counts(report) == (4, 0, 4)
    reasons = {problem.row: problem.reason for problem in report.failed}
    assert set(reasons) == {0, 1, 2, 3}
    assert "there is no such photo" in reasons[2]
    assert [entry["row"] for entry in json.loads((out / "annotations.json").read_text())["annotations"]] == [
        *(4, 5, 6, 7)
    ]
