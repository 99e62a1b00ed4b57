"""Each thing that a run needs: found or not, and the lack of one hides no other."""

import json
import shlex
from pathlib import Path

import pytest
import scipy.io
import torch

from render.doctor.finding import Finding
from render.library.kernels import list_all_shadings, list_every_kernel
from render.run.opening.warm import Warmed
from tests.helpers.findings import find, states
from tests.helpers.in_the_way import make_pipe
from tests.helpers.runs import run
from tests.helpers.videos import make_video

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_a_missing_fit_file_hides_nothing_else(fit_set):
    _, folder, settings = fit_set
    findings = find(*settings, f"dataset.fit_file={folder}/nothing.json")
    assert states(findings) == "bad warn ok warn warn ok warn ok"
    assert "nothing.json" in findings["fits"].text
    assert "dataset.fit_file" in findings["fits"].text
    assert "no fits yet" in findings["images"].text
    assert findings["trial"].text.endswith("mended: fits")
    without = find(*settings, "dataset.fit_file=nothing.json", "dataset.image_dir=nowhere")
    assert states(without) == "bad warn ok bad warn ok warn ok"
    assert "nowhere is no folder" in without["images"].text


def test_a_damaged_fit_file(fit_set):
    _, folder, settings = fit_set
    file = folder / "demo_EFT.json"
    file.write_bytes(file.read_bytes()[:2000])
    finding = find(*settings, until="fits")["fits"]
    assert finding.state == "bad"
    assert "not JSON" in finding.text


def test_rejected_rows_are_counted_and_the_first_named(fit_set):
    data, folder, settings = fit_set
    for row in range(1, 6):
        data["data"][row]["parm_cam"] = [row, "x", 0]
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    finding = find(*settings, until="fits")["fits"]
    assert finding.state == "warn"
    assert "; 5 entries are no valid fits (row 1: " in finding.text
    assert [f"row {row}:" in finding.text for row in range(1, 6)] == [True, True, True, False, False]
    nobody = find(*settings, "samples=2", until="fits")["fits"]
    assert nobody.state == "bad"
    assert "samples=2 takes 0 of them" in nobody.text
    none = find(*settings, "samples=900:", until="fits")["fits"]
    assert none.state == "bad"
    assert "selects none" in none.text


def test_a_number_of_entries_that_is_not_known(fit_set):
    data, _, settings = fit_set
    count = len(data["data"])
    known = find(*settings, f"dataset.entries=[{count + 5},{count}]", until="fits")["fits"]
    other = find(*settings, f"dataset.entries=[{count + 5},28344]", until="fits")["fits"]
    assert (known.state, other.state) == ("ok", "warn")
    assert f"expected {count + 5} or 28,344 entries, found {count}:" in other.text


def test_a_missing_body_hides_no_missing_image(fit_set):
    data, folder, settings = fit_set
    (folder / "images" / data["data"][0]["imageName"]).unlink()
    findings = find(*settings, "body=smpl", "panels=[camera/densepose]")
    assert states(findings) == "ok bad bad warn warn ok warn ok"
    assert "smpl.is.tue.mpg.de" in findings["body"].text
    assert "there are no charts" in findings["charts"].text
    assert findings["images"].text.startswith("1 of 12 are missing")
    assert findings["trial"].text.endswith("mended: body, charts")
    assert "no estimate" in findings["disk"].text


def test_a_body_of_other_fits_is_a_warning(fit_set, demo, demo_set):
    _, folder, settings = fit_set
    # Without it these are anybody's fits.
    (folder / "recipe.json").unlink()
    real = find(*settings, until="body")["body"]
    demo_fits = find(*demo, "body=smpl", f"body.path={demo_set.body_file}", until="body")["body"]
    assert (real.state, demo_fits.state) == ("warn", "warn")
    assert "13,776 faces" in real.text
    assert "betas mean other shapes" in real.text
    assert "betas mean other shapes" in demo_fits.text


def test_charts_of_another_body(demo, demo_set, tmp_path):
    charts = scipy.io.loadmat(demo_set.charts_file)
    charts["All_vertices"] = charts["All_vertices"][:, ::-1]
    scipy.io.savemat(tmp_path / "other.mat", {k: v for k, v in charts.items() if not k.startswith("_")})
    other = f"body.charts={tmp_path}/other.mat"
    needed = find(*demo, other, "panels=[camera/densepose, side/geo]", until="charts")["charts"]
    unused = find(*demo, other, until="charts")["charts"]
    assert (needed.state, unused.state) == ("bad", "warn")
    assert "of another body" in needed.text
    assert "needed by densepose" in needed.text
    assert "not needed" in unused.text
    blind = find(*demo, "body.path=nothing.npz", "panels=[camera/iuv]", "output=png", until="charts")
    assert states(blind) == "ok bad warn"
    assert "no body yet" in blind["charts"].text


def test_charts_that_no_panel_needs_may_be_missing(demo):
    finding = find(*demo, "body.charts=nothing.mat", until="charts")["charts"]
    assert finding == Finding("charts", "ok", "not needed by these panels")


def test_images_are_counted_once_each_and_the_first_that_is_missing_is_named(fit_set):
    data, folder, settings = fit_set
    names = list(dict.fromkeys(entry["imageName"] for entry in data["data"]))
    all_there = find(*settings, until="images")["images"]
    assert all_there == Finding("images", "ok", f"all 12 in {folder}/images")
    for name in names[3:6]:
        (folder / "images" / name).unlink()
    # Neither a folder nor an empty file is a photo.
    (folder / "images" / names[4]).mkdir()
    (folder / "images" / names[5]).touch()
    row = next(row for row, entry in enumerate(data["data"]) if entry["imageName"] == names[3])
    some = find(*settings, until="images")["images"]
    assert some.state == "warn"
    assert some.text.startswith(f"3 of 12 are missing or empty in {folder}/images")
    assert f"the first is {names[3]} (row {row})" in some.text
    before = find(*settings, f"samples=:{row}", until="images")["images"]
    assert before.state == "ok"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_pipe, "expected a photo, found not a regular file. Put the picture itself there."),
        (Path.touch, "the photo is empty (0 bytes). Download it again."),
        (Path.mkdir, "expected a photo, found a folder. Put the picture itself there."),
        (
            lambda path: path.symlink_to("nothing.jpg"),
            "there is no such photo, only a link that leads nowhere. Put the photo there.",
        ),
        (lambda path: path.symlink_to("/dev/zero"), "expected a photo below "),
        (lambda path: path.symlink_to(path.name), "the path cannot be followed "),
    ],
)
def test_what_has_the_name_of_a_photo_and_is_none_is_said_as_a_run_does(fit_set, make, reason):
    data, folder, settings = fit_set
    first = data["data"][0]["imageName"]
    path = folder / "images" / first
    path.unlink()
    make(path)
    some = find(*settings, until="images")["images"]
    assert some.text.startswith(
        f"1 of 12 are missing or empty in {folder}/images, the first is {first} (row 0)"
    )
    assert f"(row 0): {path}: {reason}" in some.text
    alone = find(*settings, "samples=0", until="images")["images"]
    assert (alone.state, f"(row 0): {path}: {reason}" in alone.text) == ("bad", True)


def test_frames_of_a_video_are_images(fit_set):
    data, folder, settings = fit_set
    names = list(dict.fromkeys(entry["imageName"] for entry in data["data"]))
    for entry in data["data"]:
        entry["imageName"] = f"{names.index(entry['imageName']):06d}"
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    video = make_video(folder / "clip.mp4", len(names))
    settings = [*settings, f"dataset.image_dir={video}"]
    assert find(*settings, until="images")["images"] == Finding("images", "ok", f"all 12 in {video}")
    make_video(video, len(names) - 1)
    some = find(*settings, until="images")["images"]
    assert some.state == "warn"
    assert "1 of 12 are missing" in some.text
    assert some.text.endswith("(frame 11): there is no such frame, the video has 11, from 0 to 10")
    video.write_bytes(b"hello")
    none = find(*settings, until="images")["images"]
    assert none.state == "bad"
    assert none.text.startswith(f"{video}: expected a folder of photos or a video")


def test_no_photos_are_missing_where_none_are_named(fit_set):
    _, _, settings = fit_set
    findings = find(*settings, "dataset.image_dir=null")
    assert "bad" not in states(findings)
    assert findings["images"].text == "none, as dataset.image_dir=null has it; bodies are drawn on white"


def test_no_image_at_all(fit_set):
    data, folder, settings = fit_set
    layout = "dataset.image_layout='It is the folder train.'"
    findings = find(*settings, f"dataset.image_dir={folder}/masks", layout)
    assert states(findings) == "ok ok ok bad ok ok warn ok"
    text = findings["images"].text
    assert text.startswith(f"none of 12 is in {folder}/masks, the first is {data['data'][0]['imageName']} (r")
    assert text.endswith("It is the folder train")
    unread = find(*settings, f"dataset.image_dir={folder}/masks", "panels=[side/geo]", "size=64x64")
    assert "bad" not in states(unread)
    assert unread["images"].text == "not needed by these panels"


def rename_photos(folder, old, new):
    for path in sorted((folder / "images").iterdir()):
        path.rename(path.with_name(path.name.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [(".jpg", ".JPG", "case"), (".jpg", ".jpeg", "extension"), ("demo_", "DEMO_", "case")],
)
def test_photos_under_other_names_are_named_with_the_setting_that_finds_them(fit_set, old, new, how):
    data, folder, settings = fit_set
    first = data["data"][0]["imageName"]
    rename_photos(folder, old, new)
    finding = find(*settings, until="images")["images"]
    assert finding.state == "bad"
    assert finding.text == (
        f"none of 12 is in {folder}/images, the first is {first} (row 0), but {first.replace(old, new)} is "
        f"there, which differs in {how}. {finding.text.partition('. ')[2]}"
    )
    (advised,) = shlex.split(finding.text.partition(". Set ")[2])
    findings = find(*settings, advised)
    assert findings["images"].text == f"all 12 in {folder}/images"
    assert findings["trial"].state == "ok"


def test_photos_in_another_folder_are_named(fit_set):
    data, folder, settings = fit_set
    first = data["data"][0]["imageName"]
    above = [word for word in settings if not word.startswith("dataset.image_dir")]
    finding = find(*above, f"dataset.image_dir={folder}", until="images")["images"]
    assert finding.text == (
        f"none of 12 is in {folder}, the first is {first} (row 0), but images/{first} is there, which "
        f"differs in folder. Set dataset.image_dir={folder}/images"
    )


def test_a_few_photos_under_other_names(fit_set):
    data, folder, settings = fit_set
    first = data["data"][0]["imageName"]
    rename_photos(folder, first, first.upper())
    finding = find(*settings, until="images")["images"]
    assert finding.text == (
        f"1 of 12 are missing or empty in {folder}/images, the first is {first} (row 0), but {first.upper()} "
        f"is there, which differs in case. Set dataset.rename_images='{{demo_: \"DEMO_\", .jpg: .JPG}}'"
    )


def test_photos_of_a_dataset_that_cannot_be_made_are_not_looked_for(demo, tmp_path):
    (tmp_path / "file").touch()
    findings = find(*demo, f"dataset.root={tmp_path}/file/demo", until="images")
    assert states(findings) == "bad ok ok warn"
    assert "dataset.root" in findings["fits"].text
    assert findings["images"].text == "not looked for, because the dataset cannot be opened"


def test_an_image_name_that_leads_out_is_missing(fit_set, tmp_path):
    data, folder, settings = fit_set
    photo = folder / "images" / data["data"][0]["imageName"]
    photo.rename(tmp_path / "outside.jpg")
    photo.symlink_to(tmp_path / "outside.jpg")
    finding = find(*settings, until="images")["images"]
    assert finding.text.startswith("1 of 12 are missing")


def test_a_device_that_is_not_there(demo):
    findings = find(*demo, "device=cuda:99")
    assert states(findings) == "ok ok ok ok ok bad warn ok"
    assert "device=cpu" in findings["device"].text
    chosen = find(*demo, "device=cpu", "threads=3", until="device")["device"]
    assert chosen.text.startswith("cpu, 3 threads, rasterizer warp, chosen by rasterizer=auto; ")


def test_kernels_of_all_modes_are_compiled_by_the_device_check(demo, monkeypatch):
    """And one that cannot be is no fault of a run that does not need it."""
    asked = []

    def warm(makes, *others):
        asked.append((list(makes), *others))
        return Warmed(46, 44, 20.0, {"heat": "TypeError: no colour"})

    monkeypatch.setattr("render.library.kernels.list_all_shadings", list_all_shadings)
    monkeypatch.setattr("render.doctor.checks.warm_listed", warm)
    finding = find(*demo, "device=cpu", "threads=3", until="device")["device"]
    assert asked == [(list(list_every_kernel()), torch.device("cpu"), 3)]
    assert {one.describe() for one in list_all_shadings()} | {"plane", "catcher"} <= set(asked[0][0])
    assert any(called.startswith("layers instance") for called in asked[0][0])
    assert finding.state == "warn"
    assert "45 kernels for all modes and the usual layers, 44 of them compiled in 20 s" in finding.text
    assert "the kernel 'heat' cannot be compiled, and panels that need it will fail: Type" in finding.text
    monkeypatch.setattr("render.doctor.checks.warm_listed", lambda *_, **__: Warmed(46))
    finding = find(*demo, "device=cpu", until="device")["device"]
    assert finding.state == "ok"
    assert finding.text.endswith("46 kernels for all modes and the usual layers")


def test_a_shard_is_examined_as_the_part_that_it_is(demo, tmp_path):
    findings = [find(*demo, f"shard={number}/2") for number in (1, 2)]
    assert all(set(states(found).split()) == {"ok"} for found in findings)
    report = run(*demo, "shard=2/2")
    assert f"shard=2/2 takes {report.rendered:,} of them" in findings[1]["fits"].text
    assert f"for {report.rendered} sheets of" in findings[1]["trial"].text
    images = [int(found["images"].text.split()[1]) for found in findings]
    assert sum(images) == 12


def test_a_run_that_stops_at_the_first_loss_cannot_start_with_one(fit_set):
    data, folder, settings = fit_set
    damaged = folder / "images" / data["data"][0]["imageName"]
    whole = damaged.read_bytes()
    damaged.write_bytes(b"<html>not a picture</html>")
    trial = find(*settings, "on_error=stop")["trial"]
    assert trial.state == "bad"
    assert "ms a sheet" in trial.text
    assert "sheets failed, the first: row 0: " in trial.text
    damaged.unlink()
    assert find(*settings, "on_error=stop", until="images")["images"].state == "bad"
    damaged.write_bytes(whole)
    data["data"][1]["parm_cam"] = None
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    assert find(*settings, "on_error=stop", until="fits")["fits"].state == "bad"
    assert find(*settings, "on_error=stop", "samples=2:", until="fits")["fits"].state == "warn"
