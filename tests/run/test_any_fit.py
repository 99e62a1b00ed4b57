"""Whole runs of files of several formats: poses of two models and meshes over the same photos."""

import csv
import json
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
import torch

from render.errors import BodyModelError, FitFileError, RenderError
from render.fits.build import assemble, make_poses
from render.fits.cameras import framed
from render.record.merge import merge_shards
from render.resources import DEMO_BODY_FILE
from render.run.opening.bodies import open_bodies
from render.types.sources import Meshes
from tests.helpers.eft_entries import make_entry
from tests.helpers.made_meshes import FACES
from tests.helpers.manifests import read_failures, read_manifest, rows_of
from tests.helpers.model_files import make_model_file
from tests.helpers.runs import ORIGINAL, configure, files_below, run, sheets_below

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 64, 48
# Three of EFT, the second no fit; three meshes, the second without a place; two frames of LHM, one broken.
EFT_ROWS, MESH_ROWS, LHM_ROWS = [0, 2], [3, 5], [6]
SKIPPED = [1, 4, 7]
ALONE = {"000001_0", "000002_2", "000001_3", "000003_5", "000001_6"}
TOGETHER = {"000001_0": [0, 3, 6], "000002_2": [2], "000003_5": [5]}


class MixedSet(NamedTuple):
    """Files of three formats over three photos, and the settings that draw them."""

    eft: Path
    meshes: Path
    lhm: Path
    image_dir: Path
    settings: list[str]

    def move_mesh(self, person: int, shift_m: float) -> None:
        """Writes the meshes with one of them elsewhere."""
        with np.load(self.meshes) as file:
            held = dict(file)
        held["vertices"][person] += shift_m
        np.savez(self.meshes, **held)


@pytest.fixture(scope="module")
def smplx_file(tmp_path_factory):
    path = make_model_file("smplx", tmp_path_factory.mktemp("smplx") / "SMPLX_NEUTRAL.npz", 20)
    yield path
    # It has seventy megabytes.
    path.unlink()


@pytest.fixture
def mixed(tmp_path, smplx_file) -> MixedSet:
    folder = tmp_path / "set"
    images, frames = folder / "images", folder / "lhm" / "smplx_params"
    for path in (images, frames):
        path.mkdir(parents=True)
    for number in (1, 2, 3):
        picture = np.full((HEIGHT, WIDTH, 3), 60 * number, np.uint8)
        cv2.imwrite(str(images / f"{number:06d}.png"), picture)
    small = {"bbox_scale": 0.2, "bbox_center": [30, 24]}
    entries = [make_entry(k) | small | {"imageName": f"00000{k}.png"} for k in (1, 1, 2)]
    entries[1]["parm_cam"] = [0, 0, 0]
    (folder / "eft.json").write_text(json.dumps({"data": entries}))
    # Pyramids of a metre, at 4 m.
    pyramid = np.array([(-0.5, 0.5, 0), (0.5, 0.4, 0), (0, -0.5, 0.1), (0, 0, -0.5)])
    verts = pyramid + np.array([(0.6, 0, 4.0), (np.nan, 0, 4), (0, 0, 4)])[:, None]
    names = np.array(["000001.png", "000001.png", "000003.png"])
    camera = np.array([(61.0, 0, 32), (0, 61, 24), (0, 0, 1)])
    np.savez(folder / "meshes.npz", vertices=verts, faces=FACES, K=camera, image=names)
    for number in (1, 2):
        held = {
            "root_pose": [3.1, 0, 0],
            "body_pose": np.random.default_rng(number).normal(0, 0.1, (21, 3)).tolist(),
            "trans": [-0.4, 0.1, 5],
            "betas": [0.0] * 10,
            "focal": [60.0, 60.0],
            "princpt": [32.0, 24.0],
        }
        if number == 2:
            held["trans"] = "nowhere"
        (frames / f"{number:05}.json").write_text(json.dumps(held))
    settings = [
        "dataset=auto",
        f"dataset.fit_file={folder}/eft.json",
        f"dataset.also=[{folder}/meshes.npz,{folder}/lhm]",
        f"dataset.image_dir={images}",
        "body=demo",
        f"body.files.smplx={smplx_file}",
        "device=cpu",
        "threads=2",
        "output=png",
        "panels=[camera/silhouette]",
        "background=white",
    ]
    return MixedSet(folder / "eft.json", folder / "meshes.npz", folder / "lhm", images, settings)


def draw(mixed, out, *words):
    return run(*mixed.settings, f"output.dir={out}", *words)


def read_sheet(out, name):
    picture = cv2.imread(str(out / f"{name}.png"))
    assert picture is not None, name
    return picture


def test_rows_of_several_files_are_counted_through_and_drawn_by_their_own_bodies(mixed, tmp_path):
    out = tmp_path / "out"
    report = draw(mixed, out, "panels=[camera/silhouette,orbit:30/geo]")
    assert (report.rendered, len(report.failed)) == (len(ALONE), 0)
    assert {Path(name).stem for name in sheets_below(out)} == ALONE
    assert {name for name in files_below(out) if "manifest" in name} == {"manifest.jsonl"}
    assert sorted(rows_of(out)) == sorted(EFT_ROWS + MESH_ROWS + LHM_ROWS)
    failures = read_failures(out)
    assert [int(row["row"]) for row in failures] == SKIPPED
    assert {row["outcome"] for row in failures} == {"skipped"}
    assert [row["image"] for row in failures] == ["000001.png", "000001.png", "000002.png"]
    assert "vertices" in failures[1]["reason"]
    assert "00002.json" in failures[2]["reason"]
    for name in ALONE:
        left, right = read_sheet(out, name)[:, :WIDTH], read_sheet(out, name)[:, WIDTH:]
        assert (left != 255).any(), name
        assert (right != 255).any(), name


def test_a_mesh_covers_what_its_camera_says(mixed, tmp_path):
    """The third of its file, a metre wide at 4 m under 61 px."""
    out = tmp_path / "out"
    draw(mixed, out, ORIGINAL, "samples=5")
    covered = (read_sheet(out, "000003_5") != 255).any(2)
    with np.load(mixed.meshes) as held:
        verts = held["vertices"][2]
    corners = 61 * verts[:, :2] / verts[:, 2:] + [32, 24]
    expected = np.zeros((HEIGHT, WIDTH), bool)
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    for face in FACES:
        # A pixel's middle is on one side of all three edges.
        sides = []
        for a, b in zip(corners[face], corners[np.roll(face, -1)], strict=True):
            sides.append((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) > 0)
        expected |= np.all(sides, 0) | ~np.any(sides, 0)
    assert expected.sum() > 50
    np.testing.assert_array_equal(covered, expected)


def test_people_of_one_photo_are_on_one_sheet_whatever_their_bodies(mixed, tmp_path):
    """All that each of them covers alone is covered, and nothing else."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    draw(mixed, alone)
    report = draw(mixed, together, "people=together")
    assert report.rendered == len(TOGETHER)
    assert {Path(entry["sheet"]).stem: entry["rows"] for entry in read_manifest(together)} == TOGETHER
    parts = [(read_sheet(alone, f"000001_{row}") != 255).any(2) for row in TOGETHER["000001_0"]]
    assert all(20 < part.sum() < WIDTH * HEIGHT / 2 for part in parts)
    found = (read_sheet(together, "000001_0") != 255).any(2)
    np.testing.assert_array_equal(found, np.any(parts, 0))


def test_the_same_bytes_for_any_batch_and_any_threads_with_all_that_is_painted(mixed, tmp_path):
    panels = "panels=[camera/geo,crop:1/normal,orbit:30:10/depth,side/mask]"
    words = [panels, "people=together", "annotate=[bbox,keypoints,multibox,label]"]
    first = draw(mixed, tmp_path / "first", *words)
    assert (len(first.failed), first.rendered) == (0, len(TOGETHER))
    draw(mixed, tmp_path / "second", *words, "batch=1", "threads=1")
    assert files_below(tmp_path / "second") == files_below(tmp_path / "first")


@pytest.mark.parametrize("people", ["alone", "together"])
def test_what_is_there_is_not_drawn_again_and_a_changed_vertex_draws_its_own_sheet(mixed, tmp_path, people):
    out = tmp_path / "out"
    sheets = len(draw(mixed, out, f"people={people}").output.path and sheets_below(out))
    before = files_below(out)
    report = draw(mixed, out, f"people={people}")
    assert (report.rendered, report.kept) == (0, sheets)
    assert files_below(out) == before
    mixed.move_mesh(2, 0.25)
    report = draw(mixed, out, f"people={people}")
    assert (report.rendered, report.kept) == (1, sheets - 1)
    changed = {name for name, content in sheets_below(out).items() if before[name] != content}
    assert changed == {"000003_5.png"}


@pytest.mark.parametrize("people", ["alone", "together"])
def test_shards_of_all_files_are_the_whole_byte_for_byte(mixed, tmp_path, people, caplog):
    """Though a shard need not have people of every model."""
    out, whole = tmp_path / "out", tmp_path / "whole"
    for number in (2, 1):
        draw(mixed, out, f"people={people}", f"shard={number}/2")
    assert merge_shards(out) == 2
    assert "different settings" not in caplog.text
    draw(mixed, whole, f"people={people}")
    assert files_below(out) == files_below(whole)
    # And the whole finds all of it.
    assert draw(mixed, out, f"people={people}").rendered == 0


def test_a_further_file_leaves_what_is_drawn(mixed, tmp_path):
    out = tmp_path / "out"
    draw(mixed, out, f"dataset.also=[{mixed.meshes}]")
    report = draw(mixed, out)
    assert (report.rendered, report.kept) == (1, 4)


def test_other_files_of_two_models_draw_again_what_is_of_them(mixed, tmp_path):
    """Each model has its file, and an exchange is no small change."""
    files, found = [], {}
    with np.load(DEMO_BODY_FILE) as held:
        for k, width in enumerate((1.0, 1.5)):
            files.append(tmp_path / f"{k}.npz")
            np.savez(
                files[-1], **(dict(held) | {"v_template": held["v_template"] * np.float32([width, 1, 1])})
            )
    fit_file = write_spin(tmp_path, ["f", "m"])
    words = ["dataset=spin", f"dataset.fit_file={fit_file}", "dataset.also=[]", "people=together", *SMPL]
    for out, (female, male) in {"one": files, "other": files[::-1]}.items():
        both = [f"body.files.smpl_female={female}", f"body.files.smpl_male={male}"]
        found[out] = draw_words(mixed, tmp_path / out, *words, *both)
    assert found["one"] != found["other"]
    again = draw_words(mixed, tmp_path / "one", *words, *both)
    assert again == found["other"]


# The demo body, which is for all here.
SMPL = ("body=smpl", f"body.path={DEMO_BODY_FILE}")


def draw_words(mixed, out, *words):
    chosen = [word for word in mixed.settings if not word.startswith(("dataset", "body="))]
    run(*chosen, *words, f"dataset.image_dir={mixed.image_dir}", f"output.dir={out}")
    return sheets_below(out)


def write_spin(folder, genders):
    """The labels of a dataset, with a camera beside: one photo of all."""
    count, path = len(genders), folder / "spin.npz"
    np.savez(
        path,
        imgname=np.array(["000001.png"] * count),
        center=np.column_stack([np.linspace(20, 44, count), np.full(count, 24.0)]),
        scale=np.full(count, 0.2),
        pose=np.tile(np.r_[np.pi, np.zeros(71)], (count, 1)),
        shape=np.zeros((count, 10)),
        gender=np.array(genders),
        pred_cam=np.tile([0.9, 0, 0], (count, 1)),
    )
    return path


def test_men_and_women_are_drawn_by_the_files_that_are_theirs(mixed, tmp_path):
    wide = tmp_path / "wide.npz"
    with np.load(DEMO_BODY_FILE) as held:
        np.savez(wide, **(dict(held) | {"v_template": held["v_template"] * np.float32([1.6, 1, 1])}))
    fit_file = write_spin(tmp_path, ["f", "n", "m"])
    words = ["dataset=spin", f"dataset.fit_file={fit_file}", "dataset.also=[]", *SMPL]
    words += [f"body.files.smpl_female={wide}", f"body.files.smpl_male={DEMO_BODY_FILE}"]
    draw_words(mixed, tmp_path / "out", *words)
    widths = []
    for row in range(3):
        columns = (read_sheet(tmp_path / "out", f"000001_{row}") != 255).any(2).any(0)
        widths.append(int(columns.sum()))
    assert widths[0] > 1.4 * widths[1]
    assert widths[2] == widths[1]


def test_a_file_of_no_known_format_is_named(mixed, tmp_path):
    path = tmp_path / "notes.json"
    path.write_text('{"weather": [1, 2, 3]}')
    with pytest.raises(FitFileError, match=r"notes\.json: expected a fit file of a known format; .*weather"):
        draw(mixed, tmp_path / "out", f"dataset.also=[{path}]")
    assert sheets_below(tmp_path / "out") == {}


def test_a_missing_model_is_named_with_the_setting(mixed, tmp_path):
    with pytest.raises(BodyModelError, match=r"nowhere\.npz: there is no such body model file\. SMPL-X must"):
        draw(mixed, tmp_path / "out", "body.files.smplx=nowhere.npz")
    # Whoever asks for no such row need not have it.
    assert draw(mixed, tmp_path / "out", "body.files.smplx=nowhere.npz", "samples=:6").rendered == 4


REST = np.tile(np.eye(3), (1, 24, 1, 1))


def open_for(bodies, words=("body=demo",)):
    config = configure("dataset=eft", "dataset.fit_file=a", "dataset.image_dir=b", *words)
    fits = assemble("made", ["a.png"], bodies, framed(1))
    return open_bodies(config.body, fits, torch.device("cpu")).bodies.models[0]


@pytest.mark.parametrize(
    ("bodies", "message"),
    [
        (
            make_poses("flame", REST[:, :5], np.zeros((1, 10))),
            r"body\.files: the fits are poses of flame, which body=demo does not take, and no file of such a "
            r"model is named; set body\.files\.flame to one\.",
        ),
        (
            Meshes("star", np.zeros((0, 3), np.int32), np.zeros((1, 4, 3), np.float32)),
            r"body\.files: the fits are meshes of the topology 'star' without their faces; set "
            r"body\.files\.star to a file that has them\.",
        ),
    ],
)
def test_a_kind_without_a_file_is_named_in_words(bodies, message):
    with pytest.raises(BodyModelError, match=message):
        open_for(bodies)


def test_a_body_of_smpl_is_not_for_women_whose_file_is_named():
    with pytest.raises(BodyModelError, match=r"basicmodel_f.*: there is no such body model file"):
        open_for(make_poses("smpl", REST, np.zeros((1, 10)), variant="female"), SMPL)
    # The demo body has no others.
    assert open_for(make_poses("smpl", REST, np.zeros((1, 10)), variant="female")).name == "demo"


def test_meshes_of_a_topology_take_the_faces_of_its_file(tmp_path):
    rows = "\n".join([*["v 0 0 0"] * 4, *(f"f {a + 1} {b + 1} {c + 1}" for a, b, c in FACES)])
    (tmp_path / "star.obj").write_text(rows)
    words = ["body=demo", f"+body.files.star={tmp_path}/star.obj"]
    verts = np.zeros((1, 4, 3), np.float32)
    model = open_for(Meshes("star", np.zeros((0, 3), np.int32), verts), words)
    np.testing.assert_array_equal(model.faces, FACES)
    with pytest.raises(BodyModelError, match=r"star meshes of 5 vertices, and the faces .* are of 4\. Set"):
        open_for(Meshes("star", np.zeros((0, 3), np.int32), np.zeros((1, 5, 3), np.float32)), words)


def test_a_crop_of_fits_without_boxes_is_around_the_body(mixed, tmp_path):
    """1.2 times as wide as the longer side of what is seen, so there is a twelfth to each side."""
    out = tmp_path / "out"
    report = draw(mixed, out, "samples=5:7", ORIGINAL, "panels=[crop:1/silhouette,crop:1/silhouette/photo]")
    assert report.rendered == 2
    for name in ("000003_5", "000001_6"):
        plain, over_photo = np.split(read_sheet(out, name), 2, axis=1)
        assert plain.shape == (224, 224, 3)
        y, x = np.nonzero((plain == 0).all(2))
        # To a pixel at either end.
        assert abs(max(np.ptp(x), np.ptp(y)) + 1 - 224 / 1.2) <= 2
        assert abs(x.min() + x.max() + 1 - 224) <= 2
        assert abs(y.min() + y.max() + 1 - 224) <= 2
        np.testing.assert_array_equal((over_photo == 0).all(2), (plain == 0).all(2))


def test_a_crop_of_a_camera_in_lengths_of_the_picture_needs_its_size(mixed, tmp_path):
    """CLIFF's boxes are in pixels, and its cameras count from the middle of a picture of unknown size."""
    fit_file, found = tmp_path / "cliff.npz", {}
    np.savez(
        fit_file,
        imgname=np.array(["000001.png"]),
        pose=np.r_[np.pi, np.zeros(71)][None],
        shape=np.zeros((1, 10)),
        global_t=np.array([[0.2, 0.3, 3.0]]),
        focal_l=np.array([45.0]),
        detection_all=np.array([[0, 16, 4, 56, 44, 1, 1, 0]]),
    )
    words = ["dataset=cliff", f"dataset.fit_file={fit_file}", "dataset.also=[]", *SMPL]
    for background in ("white", "photo"):
        out = tmp_path / background
        draw_words(mixed, out, *words, f"panels=[crop:1/silhouette/{background}]")
        found[background] = (read_sheet(out, "000001_0") == 0).all(2)
    assert found["photo"].sum() > 1000
    np.testing.assert_array_equal(found["white"], found["photo"])


def test_people_of_several_units_stand_where_they_are_whether_the_photo_is_shown_or_not(mixed, tmp_path):
    """EFT's are in pixels of the photo, and these meshes in lengths of the picture."""
    with np.load(mixed.meshes) as file:
        held = dict(file)
    del held["K"]
    np.savez(mixed.meshes, **held, fov=55.0)
    plain, shown = tmp_path / "plain", tmp_path / "shown"
    view = "orbit:30:0:ortho/silhouette"
    draw(mixed, plain, "people=together", f"panels=[{view}/white]", f"size={WIDTH}x{HEIGHT}")
    draw(mixed, shown, "people=together", f"panels=[{view}/white,camera/geo/photo]", f"size={WIDTH}x{HEIGHT}")
    left = read_sheet(shown, "000001_0")[:, :WIDTH]
    np.testing.assert_array_equal(read_sheet(plain, "000001_0"), left)


def test_a_body_behind_its_camera_fails_with_its_reason_and_no_other(mixed, tmp_path):
    out = tmp_path / "out"
    mixed.move_mesh(2, [0, 0, -9])
    report = draw(mixed, out)
    assert report.rendered == len(ALONE) - 1
    (failed,) = report.failed
    assert (failed.row, failed.image_name) == (5, "000003.png")
    assert "row 5: the body is behind its camera" in failed.reason
    with (out / "failures.csv").open(newline="") as file:
        rows = {int(row["row"]): row["outcome"] for row in csv.DictReader(file)}
    assert rows == {1: "skipped", 4: "skipped", 5: "failed", 7: "skipped"}


def test_a_run_that_is_to_stop_stops_at_the_first_row_that_is_no_fit(mixed, tmp_path):
    with pytest.raises(RenderError, match=r"row 1 \(000001\.png\): .*on_error=stop"):
        draw(mixed, tmp_path / "out", "on_error=stop")
    # What follows in other files has rows of its own.
    with pytest.raises(RenderError, match=r"row 4 \(000001\.png\): vertices: "):
        draw(mixed, tmp_path / "out", "on_error=stop", "samples=2:6")
