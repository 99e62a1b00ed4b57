"""Layers that not every fit can have: who has none of what they need is told so, and costs nobody else."""

import json

import cv2
import numpy as np
import pytest

from render.errors import BodyModelError, ConfigError
from render.labels import write_layers
from tests.helpers.label_runs import read_layer, save_pinhole_fits
from tests.helpers.manifests import counts, read_failures, rows_of
from tests.helpers.motion_files import make_codec, save_npz
from tests.helpers.runs import run

pytestmark = pytest.mark.slow


@pytest.fixture
def pinhole(small, tmp_path):
    """Words for people of one photo each at 3, 70 and 5 m."""
    save_pinhole_fits(tmp_path / "pinhole.npz", small, [3.0, 70.0, 5.0])
    return ("dataset=camerahmr", f"dataset.fit_file={tmp_path}/pinhole.npz")


def test_depth_is_in_millimetres_as_far_as_16_bits_reach(pinhole, label, out, tmp_path):
    report = label(*pinhole, "layers=[depth]")
    assert counts(report) == (2, 0, 1)
    (problem,) = report.failed
    assert problem.row == 1
    assert "depth: expected up to 65.534, the most that 16 bits hold (m along the camera" in problem.reason
    assert not list(out.rglob("*_1.*"))
    assert counts(label(*pinhole, "layers=[depth:float]", "output=npz", into=tmp_path / "npz")) == (3, 0, 0)
    for row, away_m in ((0, 3), (2, 5)):
        with np.load(next((tmp_path / "npz").rglob(f"*_{row}.npz"))) as arrays:
            depth_m = arrays["depth"]
        depth_mm = read_layer(out, row, "depth")
        assert depth_mm.dtype == np.uint16
        # Rounded to the nearest.
        np.testing.assert_allclose(depth_mm, 1000 * depth_m, atol=0.5 + 1e-3)
        assert abs(depth_m[depth_m > 0].mean() - away_m) < 0.5
    with np.load(next((tmp_path / "npz").rglob("*_1.npz"))) as arrays:
        assert arrays["depth"].max() > 69


def test_people_without_a_pinhole_cost_only_themselves(small, pinhole, label, out, tmp_path):
    files = f"dataset.also=[{tmp_path}/pinhole.npz]", "dataset.exif=ignore"
    report = label("dataset=auto", f"dataset.fit_file={small.fit_file}", *files, "layers=[depth, iuv]")
    assert counts(report) == (2, 0, 9)
    assert rows_of(out) == [8, 10]
    reasons = [row["reason"] for row in read_failures(out)]
    said = (
        "the layer depth needs the focal length of a pinhole camera, for depths in metres; use depth_relative"
    )
    assert sum(f"{said}, or leave the layer out" in reason for reason in reasons) == 8
    # Nobody is left out of what all can have.
    words = ("dataset=auto", f"dataset.fit_file={small.fit_file}", *files, "layers=[depth_relative]")
    assert counts(label(*words, into=tmp_path / "all")) == (11, 0, 0)


@pytest.mark.parametrize(
    ("layer", "advice"), [("depth", "use depth_relative"), ("normal_world", "use normal")]
)
def test_what_nobody_has_is_said_before_anything_is_drawn(label, out, layer, advice):
    with pytest.raises(
        ConfigError, match=rf"^layers: {layer} needs .*{advice}, .* none of the 8 fits has it$"
    ):
        label(f"layers=[{layer}]")
    assert not (out / "manifest.jsonl").exists()


def test_bodies_without_cameras_have_no_labels(tmp_path):
    path = save_npz(tmp_path / "dance.smpl", make_codec(0))
    report = run(
        *("dataset=smpl", f"dataset.fit_file={path}", "dataset.image_dir=null", "body=mannequin"),
        *("job=labels", "layers=[silhouette]", f"output.dir={tmp_path}/out", "device=cpu", "samples=0:2"),
    )
    assert counts(report) == (0, 0, 2)
    assert "row 0: it has no camera, which labels are seen by" in report.failed[0].reason
    assert not (tmp_path / "out" / "annotations.json").exists()


def test_a_body_without_charts_is_told_which_layers_it_can_have(label):
    said = r"^body.charts: .* for iuv, parts, .* body=mannequin has no .* Choose layers without iuv, parts\.$"
    with pytest.raises(BodyModelError, match=said):
        label("body=mannequin", "layers=[parts, iuv, instance]")
    assert counts(label("body=mannequin", "layers=[instance, keypoints]", "samples=0:1")) == (1, 0, 0)


def test_masks_of_more_people_than_kernels_count_cost_their_own_image(small, label, out, monkeypatch):
    height, width = cv2.imread(str(next(small.image_dir.rglob("*.jpg")))).shape[:2]
    # Of two people, not of three.
    monkeypatch.setattr(write_layers, "MOST_VALUES", 5 * height * width // 2)
    report = label("layers=[amodal]", "people=together")
    assert counts(report) == (3, 0, 3)
    assert {problem.row for problem in report.failed} == {5, 6, 7}
    assert "layers: amodal of 3 pictures" in report.failed[0].reason


def test_three_hundred_people_on_one_picture_have_numbers_of_their_own(small, label, out, tmp_path):
    """More than 8 bits count."""
    count, first = 300, small.entries[0]
    small.entries[:] = [dict(first, annotId=k + 1) for k in range(count)]
    for k, entry in enumerate(small.entries):
        # In rows, each a few pixels wide.
        entry["bbox_center"] = [8 * (k % 20) + 4, 8 * (k // 20) + 4]
        entry["bbox_scale"] = 0.06
    small.save()
    assert counts(label("people=together", "layers=[instance]")) == (1, 0, 0)
    (path,) = out.rglob("*_0.json")
    people = json.loads(path.read_text())["people"]
    assert [person["instance"] for person in people] == list(range(1, count + 1))
    instance = read_layer(out, 0, "instance")
    assert instance.max() == count
    areas = np.bincount(instance.ravel(), minlength=count + 1)[1:]
    assert [person["area"] for person in people] == areas.tolist()
    annotations = json.loads((out / "annotations.json").read_text())["annotations"]
    # Who is not seen has no box.
    assert len(annotations) == (areas > 0).sum()
    assert len(annotations) > 200
