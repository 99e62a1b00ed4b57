"""annotations.json: pycocotools loads it, decodes the same pixels, and finds it to agree with itself."""

import contextlib
import io
import json
import weakref
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from render.body.family.kinds import KINDS
from render.errors import OutputError
from render.files.digest import identify
from render.files.output_dir import OutputDir
from render.fits.joint_orders import COCO_17
from render.labels.dataset import sidecar
from render.labels.dataset.coco_file import ANNOTATIONS_NAME, pick_coco_keypoints, write_annotations
from render.labels.dataset.densepose_dump import DUMP_NAME
from tests.helpers.label_sets import LabelSet, edit, make_labels, make_sidecar, serve

HW = (120, 160)


class Written:
    """A data set of pictures of three people each, and what pycocotools makes of its file."""

    def __init__(self, folder: Path, pictures: int = 6) -> None:
        self.labels: list[LabelSet] = [make_labels(seed, 3, HW) for seed in range(pictures)]
        self.products = [
            (
                f"p{i}_{3 * i}",
                make_sidecar(labels, f"p{i}.jpg", range(3 * i, 3 * i + 3), range(100 + 3 * i, 103 + 3 * i)),
            )
            for i, labels in enumerate(self.labels)
        ]
        self.output = OutputDir(folder)
        self.path = folder / ANNOTATIONS_NAME
        self.files = write_annotations(self.output, serve(self.products))
        self.coco = load(self.path)


def load(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(path)


def evaluate(coco: COCO, kind: str) -> np.ndarray:
    """How well a file's own annotations find what is in it."""
    found = [dict(entry, score=1.0) for entry in json.loads(json.dumps(list(coco.anns.values())))]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(found), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("coco"))


def test_masks_are_of_the_same_pixels(written):
    seen = 0
    for i, labels in enumerate(written.labels):
        for annotation in written.coco.loadAnns(written.coco.getAnnIds(imgIds=[i])):
            mask = labels.instance == annotation["row"] % 3 + 1
            np.testing.assert_array_equal(written.coco.annToMask(annotation), mask)
            assert (annotation["area"], annotation["iscrowd"]) == (mask.sum(), 0)
            assert annotation["id"] == 100 + annotation["row"]
            seen += mask.any()
    assert seen == sum(len(np.unique(labels.instance)) - 1 for labels in written.labels) > 10


@pytest.mark.parametrize("kind", ["keypoints", "segm", "bbox"])
def test_it_agrees_with_itself(written, kind):
    # Average precision over all thresholds.
    assert evaluate(written.coco, kind)[0] == pytest.approx(1)


def test_images_and_categories(written):
    height, width = HW
    assert written.coco.dataset["images"] == [
        {"id": i, "file_name": f"p{i}.jpg", "width": width, "height": height} for i in range(6)
    ]
    (category,) = written.coco.dataset["categories"]
    assert (category["id"], category["name"], tuple(category["keypoints"])) == (1, "person", COCO_17)
    # As COCO's person_keypoints files have it.
    skeleton = (
        *((16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9)),
        *((8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7)),
    )
    assert {frozenset(limb) for limb in category["skeleton"]} == set(map(frozenset, skeleton))
    assert "date_created" not in written.coco.dataset["info"]


def test_keypoints_are_counted(written):
    for i, labels in enumerate(written.labels):
        for annotation in written.coco.loadAnns(written.coco.getAnnIds(imgIds=[i])):
            keypoints = labels.keypoints[annotation["row"] % 3]
            assert annotation["num_keypoints"] == (keypoints[:, 2] > 0).sum()
            # Rounded to 0.01 px.
            np.testing.assert_allclose(np.reshape(annotation["keypoints"], (17, 3)), keypoints, atol=0.0051)


def test_points_of_densepose_are_there_and_charts_are_not(written):
    for annotation in written.coco.anns.values():
        assert len(annotation["dp_x"]) == len(annotation["dp_I"]) > 0
        assert "labels_uv_str" not in annotation


def test_what_the_files_are_known_by(written):
    assert written.files == {
        name: identify((written.path.parent / name).read_bytes()) for name in (ANNOTATIONS_NAME, DUMP_NAME)
    }


def test_the_same_bytes_again(written, tmp_path):
    assert Written(tmp_path).path.read_bytes() == written.path.read_bytes()


def test_people_of_whom_nothing_is_seen_are_left_out(tmp_path):
    labels = make_labels(2, 2, HW)
    labels.instance[labels.instance == 1] = 0
    nobody = labels._replace(instance=np.zeros(HW, np.uint16))
    products = [
        ("a_0", make_sidecar(labels, "a.jpg", [0, 1])),
        ("b_2", make_sidecar(nobody, "b.jpg", [2, 3])),
    ]
    write_annotations(OutputDir(tmp_path), serve(products))
    coco = load(tmp_path / ANNOTATIONS_NAME)
    assert [annotation["row"] for annotation in coco.anns.values()] == [1]
    assert len(coco.imgs) == 2


def test_a_data_set_of_nothing(tmp_path):
    write_annotations(OutputDir(tmp_path), serve([]))
    coco = load(tmp_path / ANNOTATIONS_NAME)
    assert (coco.imgs, coco.anns, len(coco.cats)) == ({}, {}, 1)


def test_images_whose_name_has_quotes(tmp_path):
    name = 'in/é"],\u2028.jpg'
    write_annotations(
        OutputDir(tmp_path), serve([("in/a_0", make_sidecar(make_labels(1, 1, HW), name, [0]))])
    )
    (image,) = load(tmp_path / ANNOTATIONS_NAME).imgs.values()
    assert image["file_name"] == name


@pytest.mark.parametrize("kind", KINDS)
def test_joints_are_taken_by_their_names(kind):
    names = (*KINDS[kind].joint_names, *KINDS[kind].joint_verts)
    keypoints = [number for place in range(len(names)) for number in (place, place + 0.5, 2)]
    picked = np.reshape(pick_coco_keypoints(keypoints, names), (17, 3))
    for name, found in zip(COCO_17, picked.tolist(), strict=True):
        place = names.index(name) if name in names else None
        assert found == ([0, 0, 0] if place is None else [place, place + 0.5, 2])
    assert (picked[:, 2] > 0).sum() == {"mano": 0, "flame": 2}.get(kind, 17)


def test_damage_is_told_and_what_was_there_is_kept(tmp_path):
    written = Written(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    key, content = written.products[4]
    for damaged in (content[:100], b"", edit(content, "people", 1, "bbox", value=[0, 0, 1])):
        products = [*written.products[:4], (key, damaged), *written.products[5:]]
        with pytest.raises(OutputError, match=rf"^{key}\.json: .*run the same command again"):
            write_annotations(written.output, serve(products))
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_damage_between_the_two_readings(tmp_path):
    written = Written(tmp_path, 3)
    before = written.path.read_bytes()
    key, _ = written.products[2]
    readings = iter([written.products, [*written.products[:2], (key, b"{}")]])
    with pytest.raises(OutputError, match=rf"^{key}\.json: version: expected the number 1, found nothing"):
        write_annotations(written.output, lambda: next(readings))
    assert written.path.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {ANNOTATIONS_NAME, DUMP_NAME}


def test_a_dump_of_before_goes_where_nobody_has_a_chart(tmp_path):
    Written(tmp_path, 2)
    products = [("a_0", make_sidecar(make_labels(1, 2, HW), "a.jpg", [0, 1], has_iuv=False))]
    write_annotations(OutputDir(tmp_path), serve(products))
    assert [path.name for path in tmp_path.iterdir()] == [ANNOTATIONS_NAME]
    assert "dp_x" not in (tmp_path / ANNOTATIONS_NAME).read_text()


def test_products_are_not_held_in_memory(tmp_path, monkeypatch):
    read, most = sidecar.read_sidecar, 0
    found: list[weakref.ref] = []

    def read_and_count(key: str, content: bytes) -> sidecar.Sidecar:
        nonlocal most
        found.append(weakref.ref(product := read(key, content)))
        most = max(most, sum(one() is not None for one in found))
        return product

    monkeypatch.setattr(sidecar, "read_sidecar", read_and_count)
    content = make_sidecar(make_labels(1, 3, (30, 40)), "a.jpg", [0, 1, 2])
    write_annotations(OutputDir(tmp_path), lambda: ((f"a_{i}", content) for i in range(20)))
    assert len(load(tmp_path / ANNOTATIONS_NAME).anns) == 60
    # Twice each; the one before is let go when the next one is there.
    assert (len(found), most) == (40, 2)
