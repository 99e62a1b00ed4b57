"""Whole runs, from a fit file and photos to files."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from render.errors import ConfigError, RenderError
from render.photos.folder import PhotoDir
from tests.helpers.manifests import PEOPLE
from tests.helpers.runs import ORIGINAL, files_below, run, sheets_below

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_bodies_fit_their_people(demo, demo_set, tmp_path):
    """Over all people, the drawn silhouette is the generator's mask. Normals are never white."""
    report = run(*demo, ORIGINAL, "panels=[camera/normal/white]", "output=png")
    entries = json.loads(demo_set.fit_file.read_text())["data"]
    assert report.rendered == len(entries) >= 12
    intersection = union = 0
    for row, entry in enumerate(entries):
        sheet = cv2.imread(str(tmp_path / "out" / f"{Path(entry['imageName']).stem}_{row}.png"))
        mask = (
            cv2.imread(str(demo_set.folder / "masks" / f"{entry['annotId']}.png"), cv2.IMREAD_GRAYSCALE) > 0
        )
        drawn = (sheet != 255).any(2)
        assert mask.sum() > 1000
        assert (drawn & mask).sum() / (drawn | mask).sum() >= 0.98
        intersection += (drawn & mask).sum()
        union += (drawn | mask).sum()
    assert intersection / union >= 0.98


def test_the_same_bytes_for_any_batch_and_any_threads(small, tmp_path):
    results = {}
    for batch, threads in ((1, 1), (3, 2), (64, 1), (64, 2)):
        out = tmp_path / f"{batch}_{threads}"
        run(
            *small.settings,
            f"batch={batch}",
            f"threads={threads}",
            f"output.dir={out}",
            "panels=[camera/geo, side/normal]",
        )
        results[batch, threads] = files_below(out)
    first = results.pop((1, 1))
    assert len(first) > PEOPLE
    assert all(other == first for other in results.values())


def test_the_sheet_is_the_photo_and_the_side_view(demo, demo_set, tmp_path):
    run(*demo, ORIGINAL, "samples=0", "output=png")
    sheet = cv2.imread(str(tmp_path / "out" / "demo_000000_0.png"))
    photo = cv2.imread(str(demo_set.folder / "images" / "demo_000000.jpg"))
    height, width = photo.shape[:2]
    assert sheet.shape == (height, 2 * width, 3)
    mask_file = sorted((demo_set.folder / "masks").iterdir())[0]
    outside = cv2.dilate(cv2.imread(str(mask_file), cv2.IMREAD_GRAYSCALE), np.ones((5, 5))) == 0
    np.testing.assert_array_equal(sheet[:, :width][outside], photo[outside])
    assert (sheet[:, width:] == 255).all(2).mean() > 0.5
    assert (sheet[:, width:] < 128).any()


def test_jpeg_quality(demo, tmp_path):
    run(*demo, "samples=0:2", "output.quality=20", f"output.dir={tmp_path}/low")
    run(*demo, "samples=0:2", "output.quality=95", f"output.dir={tmp_path}/high")
    low, high = (sum(map(len, files_below(tmp_path / name).values())) for name in ("low", "high"))
    assert low < high / 2


def test_photos_that_cannot_be_read_cost_their_own_sheets_only(fit_set, tmp_path):
    data, folder, settings = fit_set
    names = sorted({entry["imageName"] for entry in data["data"]})
    (folder / "images" / names[0]).unlink()
    (folder / "images" / names[1]).write_bytes(b"<html>not a picture</html>")
    (folder / "images" / names[2]).write_bytes(b"")
    lost = [row for row, entry in enumerate(data["data"]) if entry["imageName"] in names[:3]]
    report = run(*settings)
    assert sorted(problem.row for problem in report.failed) == lost
    assert report.rendered == len(data["data"]) - len(lost)
    with (tmp_path / "drawn" / "failures.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert {(row["outcome"], row["row"]) for row in table} == {("failed", str(row)) for row in lost}
    assert all(row["image"] in row["reason"] for row in table)
    assert len(sheets_below(tmp_path / "drawn")) == report.rendered


def test_panels_without_the_photo_need_its_size_only(fit_set):
    """Photos that end behind their headers have a size, and cannot be shown."""
    _, folder, settings = fit_set
    for photo in (folder / "images").iterdir():
        photo.write_bytes(photo.read_bytes()[:700])
    report = run(*settings, "panels=[side/geo]", "size=photo")
    assert report.failed == []


def test_rows_that_are_no_fits_are_skipped_and_named(fit_set, tmp_path):
    data, folder, settings = fit_set
    data["data"][1]["parm_pose"][3][0][0] = float("nan")
    data["data"][4]["imageName"] = "../../outside.jpg"
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    report = run(*settings, "samples=0:6")
    assert [(problem.row, problem.reason.split()[0].strip(":")) for problem in report.skipped] == [
        (1, "parm_pose"),
        (4, "imageName"),
    ]
    assert (report.rendered, report.failed) == (4, [])
    assert "4 rendered, 2 skipped, 0 failed" in report.summarize()
    assert "failures.csv" in report.summarize()


def test_failures_of_an_earlier_run_do_not_stay(fit_set, tmp_path):
    data, folder, settings = fit_set
    hidden = folder / "images" / data["data"][0]["imageName"]
    hidden.rename(folder / "away.jpg")
    assert len(run(*settings, "samples=0").failed) == 1
    (folder / "away.jpg").rename(hidden)
    run(*settings, "samples=0")
    assert not (tmp_path / "drawn" / "failures.csv").exists()


def test_a_body_that_is_far_off_is_an_error_of_its_sheet(fit_set):
    data, folder, settings = fit_set
    data["data"][0]["parm_cam"] = [1.0, 900_000.0, 0.0]
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    report = run(*settings, "samples=0:2")
    assert (report.rendered, [problem.row for problem in report.failed]) == (1, [0])
    assert "too far from the photo" in report.failed[0].reason


def test_names_never_collide(fit_set, tmp_path):
    """Two people in one photo, a.jpg beside a.png, and sub-folders."""
    data, folder, settings = fit_set
    photo = cv2.imread(str(folder / "images" / data["data"][0]["imageName"]))
    images = ["a.jpg", "a.png", "a.jpg", "sub/a.jpg", "sub.jpg", "sub/deep/a.png"]
    for name in images:
        (folder / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "images" / name), photo)
    data["data"] = [dict(data["data"][0], imageName=name) for name in images]
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    report = run(*settings)
    assert report.rendered == len(sheets_below(tmp_path / "drawn")) == len(images)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["dataset.fit_file=nothing.json"], r"nothing.json.*dataset\.fit_file"),
        (["body=smpl"], r"basicModel_neutral.*smpl\.is\.tue\.mpg\.de.*put it at /.*extradata/smpl"),
        (["output.dir={folder}/demo_EFT.json"], r"demo_EFT.json.*output\.dir"),
        (["samples=900:"], r"samples: '900:': selects none of the \d+ entries"),
        (["device=cuda:99"], r"device: 'cuda:99' is not there.*device=cpu"),
        (["dataset.format=coco"], r"dataset\.format.*eft"),
    ],
)
def test_what_cannot_run_says_what_to_do(fit_set, overrides, message):
    _, folder, settings = fit_set
    with pytest.raises(RenderError, match=message):
        run(*settings, *(text.format(folder=folder) for text in overrides))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"people": []}, "people"),
        ({"data": []}, "empty|no entries|no fits"),
        ([1, 2], "EFT"),
    ],
)
def test_a_json_that_is_no_fit_file(fit_set, content, message):
    _, folder, settings = fit_set
    (folder / "demo_EFT.json").write_text(json.dumps(content))
    with pytest.raises(RenderError, match=message) as caught:
        run(*settings)
    assert "demo_EFT.json" in str(caught.value)


def test_an_unknown_panel_is_refused_before_any_work(demo, tmp_path):
    with pytest.raises(ConfigError, match="no mode 'ego'"):
        run(*demo, "panels=[camera/ego]")
    assert not (tmp_path / "out").exists()


def test_the_wrong_body_warns(fit_set, caplog):
    _, folder, settings = fit_set
    # Without it these are anybody's fits.
    (folder / "recipe.json").unlink()
    caplog.set_level("INFO")
    run(*settings, "samples=0")
    assert "betas mean other shapes" in caplog.text
    assert "body: demo" in caplog.text


def test_the_demo_body_fits_the_demo_set_without_a_warning(demo, caplog):
    run(*demo, "samples=0")
    assert "betas" not in caplog.text


def test_a_sheet_that_cannot_be_encoded_costs_no_other(fit_set, tmp_path):
    data, folder, settings = fit_set
    name = data["data"][0]["imageName"]
    cv2.imwrite(str(folder / "images" / name), np.zeros((8, 40_000, 3), np.uint8))
    rows = [row for row, entry in enumerate(data["data"]) if entry["imageName"] == name]
    report = run(*settings, ORIGINAL, "panels=[camera/geo, side/geo]", "samples=0:4", "batch=1")
    assert sorted(problem.row for problem in report.failed) == rows
    assert "80000 x 8 pixels are too many for jpg" in report.failed[0].reason
    assert report.rendered == 4 - len(rows)


def test_a_name_too_long_for_the_file_system_costs_no_other(fit_set):
    data, folder, settings = fit_set
    data["data"][0]["imageName"] = "a/" * 2040 + "b.jpg"
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    report = run(*settings, "panels=[side/geo]", "size=64x64", "samples=0:3")
    assert [problem.row for problem in report.failed] == [0]
    assert report.rendered == 2


@pytest.mark.parametrize("output", ["images", "images/drawn", "."])
def test_sheets_never_lie_among_the_photos(fit_set, output):
    _, folder, settings = fit_set
    with pytest.raises(ConfigError, match=r"output\.dir: .* overlap, and sheets could overwrite photos"):
        run(*settings, f"output.dir={folder}/{output}")


def test_a_missing_image_folder_is_one_error(fit_set):
    _, folder, settings = fit_set
    with pytest.raises(ConfigError, match=r"dataset\.image_dir: .*nowhere is no folder"):
        run(*settings, f"dataset.image_dir={folder}/nowhere")


def test_what_failed_is_kept_when_the_run_ends_early(fit_set, tmp_path, monkeypatch):
    data, folder, settings = fit_set
    (folder / "images" / data["data"][0]["imageName"]).unlink()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("render.library.renderer.BatchRenderer.draw", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(*settings)
    assert "failed,0," in (tmp_path / "drawn" / "failures.csv").read_text()


def test_a_bad_fit_in_a_crowd_is_named(fit_set):
    data, folder, settings = fit_set
    data["data"][1]["parm_cam"] = [1.0, 900_000.0, 0.0]
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    report = run(*settings, "people=together", "samples=0:2")
    assert {problem.row for problem in report.failed} == {0, 1}
    assert all(problem.reason.startswith("row 1: ") for problem in report.failed)


def test_people_of_an_image_are_drawn_in_one_batch_wherever_they_are_in_the_file(fit_set, tmp_path):
    """The same sheets whether the people of an image stand side by side in the file or not."""
    data, folder, settings = fit_set
    run(*settings, f"output.dir={tmp_path}/sorted", "batch=2")
    order = list(range(len(data["data"])))[::-1]
    order = order[::2] + order[1::2]
    shuffled = {**data, "data": [data["data"][i] for i in order]}
    (folder / "demo_EFT.json").write_text(json.dumps(shuffled))
    run(*settings, f"output.dir={tmp_path}/shuffled", "batch=2")
    before, after = (sheets_below(tmp_path / name) for name in ("sorted", "shuffled"))
    assert len(before) == len(after) == len(order)
    for row, old in enumerate(order):
        stem = Path(data["data"][old]["imageName"]).stem
        assert after[f"{stem}_{row}.jpg"] == before[f"{stem}_{old}.jpg"]


def test_the_demo_set_is_made_where_it_is_not_there_yet(tmp_path, caplog):
    caplog.set_level("INFO")
    settings = [f"dataset.root={tmp_path}/demo", "dataset.count=1", "samples=0", f"output.dir={tmp_path}/out"]
    assert run(*settings).rendered == 1
    assert f"demo set: making 1 photos in {tmp_path}/demo/n1_seed0" in caplog.text
    caplog.clear()
    assert run(*settings).kept == 1
    assert "demo set" not in caplog.text


def test_a_photo_that_changes_its_size_during_the_run_costs_its_own_sheets(small, draw, monkeypatch):
    read_size = PhotoDir.read_size

    def read_before(self, path):
        height, width = read_size(self, path)
        return (height + 1, width) if path.name == "demo_000001.jpg" else (height, width)

    monkeypatch.setattr(PhotoDir, "read_size", read_before)
    report = draw()
    assert sorted(problem.row for problem in report.failed) == [2, 3]
    assert all("the file changed during the run; run again" in problem.reason for problem in report.failed)
    assert report.rendered == len(small.entries) - 2


def test_sheets_that_are_too_large_fail_one_by_one(draw):
    report = draw(f"panels=[{','.join(['side/geo'] * 8)}]", "size=9999x9999", "samples=0:2")
    assert (report.rendered, len(report.failed)) == (0, 2)
    assert "more than a sheet can hold" in report.failed[0].reason
