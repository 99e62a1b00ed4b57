"""Whole comparisons: their numbers, their pictures, what makes them anew, and whom they cannot compare."""

import csv
import json

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.errors import ConfigError
from render.record.merge import merge_shards
from render.run.opening.comparison import name_methods
from tests.helpers.made_meshes import FACES
from tests.helpers.runs import ROOT, configure, files_below, run
from tests.helpers.small_runs import save_others

PLAIN = ["job=compare", "output=png"]
NUMBERS = [*PLAIN, "panels=[]"]
DEMO_BODY = ROOT / "extradata" / "demo" / "demo_smpl.npz"
# Of a metre, at 4 m.
PYRAMID = np.array([(-0.5, 0.5, 4), (0.5, 0.4, 4), (0, -0.5, 4.1), (0, 0, 3.5)])
TABLES = ("compare.csv", "compare.json", "compare.png", "compare.pdf")


@pytest.fixture(autouse=True)
def plots_where_they_are_looked_at(request):
    if "plots" not in request.node.name:
        request.getfixturevalue("without_plots")


def read(folder) -> list[dict[str, str]]:
    with (folder / "compare.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_against_itself_is_0_and_nobody_wins_and_plots_show_it(draw, out, small):
    assert draw(*NUMBERS, f"reference={small.fit_file}").rendered == 8
    assert {*TABLES, "manifest.jsonl"} <= set(files_below(out))
    rows = read(out)
    assert [row["row"] for row in rows] == [row["b_row"] for row in rows] == list(map(str, range(8)))
    for row in rows:
        assert {row[name] for name in ("mpjpe_mm", "pa_mpjpe_mm", "pve_mm", "worst_joint_mm")} == {"0.00"}
        assert (row["winner"], row["winner_by"], row["gain"]) == ("tie", "reprojection", "0.0000")
        assert row["a_reprojection"] == row["b_reprojection"]
        assert row["joints"] == "SMPL24: the model's own"
    told = json.loads((out / "compare.json").read_text())
    assert told["apart"][0]["mpjpe_mm"] == {"people": 8, "mean": 0.0, "median": 0.0, "p95": 0.0}
    assert (told["winner"]["tie"], told["winner"]["a"], told["winner"]["b"]) == (8, 0, 0)


def test_a_bent_knee_moves_ankle_and_foot_by_chords(draw, out, small, bent, caplog):
    caplog.set_level("INFO", "render")
    draw(*NUMBERS, f"reference={bent}", "samples=2:5")
    for row in read(out):
        moved = {name: float(row[f"left_{name}_mm"]) for name in ("hip", "knee", "ankle", "foot")}
        expected = bend_by_hand(small.entries[int(row["row"])])
        assert moved == {name: pytest.approx(mm, abs=0.01) for name, mm in expected.items()}
        assert float(row["mpjpe_mm"]) == pytest.approx(sum(expected.values()) / 24, abs=0.01)
        assert row["worst_joint"] == "left_foot"
        # Photos are a quarter as large, but for a fraction of a pixel.
        assert float(row["a_left_ankle"]) < 0.01
        assert float(row["b_left_ankle"]) > 0.05
        assert row["winner"] == "a"
        assert row["b_right_ankle"] == row["a_right_ankle"]
    told = json.loads((out / "compare.json").read_text())
    assert (told["a"], told["b"], told["winner"]["a"]) == ("fits", "bent", 3)
    assert told["joints"]["left_ankle"]["b"] > 5 * told["joints"]["left_ankle"]["a"]
    assert "SMPL24: the model's own; 3 people" in caplog.text


def bend_by_hand(entry: dict) -> dict[str, float]:
    """How far joints of the left leg move when the knee is bent by 0.7 rad about its x, mm."""
    model = np.load(DEMO_BODY)
    verts = model["v_template"] + model["shapedirs"][..., :10] @ np.array(entry["parm_shape"]).ravel()
    regressor = np.zeros((24, len(verts)))
    regressor[model["jr_r"], model["jr_c"]] = model["jr_v"]
    _, _, _, _, knee, _, _, ankle, _, _, foot = (regressor @ verts)[:11]
    of_ankle = np.array(entry["parm_pose"]).reshape(24, 3, 3)[7]
    bend = Rotation.from_rotvec([0.7, 0, 0]).as_matrix() - np.eye(3)
    levers = {"ankle": ankle - knee, "foot": ankle - knee + of_ankle @ (foot - ankle)}
    return {"hip": 0, "knee": 0} | {
        name: 1000 * float(np.linalg.norm(bend @ lever)) for name, lever in levers.items()
    }


def test_shards_merge_to_the_bytes_of_one_run(draw, small, bent, tmp_path):
    words = [*PLAIN, "panels=[camera/geo]", f"reference={bent}"]
    draw(*words, "batch=3", into=tmp_path / "whole")
    for shard in ("1/2", "2/2"):
        draw(*words, f"shard={shard}", into=tmp_path / "parts")
    assert not (tmp_path / "parts" / "compare.csv").exists()
    merge_shards(tmp_path / "parts")
    names = files_below(tmp_path / "whole")
    assert names == files_below(tmp_path / "parts")
    for name in names:
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_a_picture_has_both_fits_over_the_same_photo(draw, out, small, bent):
    draw("output=png", "panels=[camera/geo]", "samples=2:4", into=out / "a")
    run(
        *(word.replace(str(small.fit_file), str(bent)) for word in small.settings),
        *("output=png", "panels=[camera/geo]", "samples=2:4", f"output.dir={out}/b"),
    )
    draw(*PLAIN, "panels=[camera/geo]", "samples=2:4", f"reference={bent}", into=out / "both")
    for sheet in (out / "a").rglob("*.png"):
        alone = [cv2.imread(str(out / side / sheet.relative_to(out / "a"))) for side in "ab"]
        both = cv2.imread(str(out / "both" / sheet.relative_to(out / "a")))
        height, width = alone[0].shape[:2]
        assert (alone[0] != alone[1]).any()
        top = both.shape[0] - height - 5
        left = 5
        np.testing.assert_array_equal(both[top : top + height, left : left + width], alone[0])
        right = both.shape[1] - left - width
        np.testing.assert_array_equal(both[top : top + height, right : right + width], alone[1])
        # The names stand above.
        assert (both[:top, :width] < 128).any()
        assert (both[:top, right:] < 128).any()


def test_a_person_has_one_colour_in_both_wherever_his_row_is(draw, out, small):
    # The same fits, one row further down.
    path = save_others(small, [small.entries[-1], *small.entries[:-1]], "moved.json")
    draw(*PLAIN, "panels=[camera/silhouette/white,camera/colorgeo/white]", "samples=2:4", f"reference={path}")
    for sheet in sorted(out.rglob("*.png"))[-2:]:
        picture = cv2.imread(str(sheet))
        panels = [picture[-120:, left:][:, :150] for left in (5, picture.shape[1] - 5 - 320)]
        assert panels[0].std() > 5
        np.testing.assert_array_equal(*panels)


def test_what_changes_is_compared_anew(draw, small, bent, tmp_path):
    words = [*NUMBERS, f"reference={bent}", "samples=2:5"]
    assert draw(*words).rendered == 3
    assert draw(*words).kept == 3
    entries = json.loads(bent.read_text())["data"]
    entries[3]["parm_shape"][0] += 0.5
    save_others(small, entries)
    report = draw(*words)
    assert (report.rendered, report.kept) == (1, 2)
    vertices = np.load(DEMO_BODY)["v_template"].shape[0]
    matrix = np.zeros((2, vertices))
    matrix[0, 3] = matrix[1, 5] = 1
    np.save(tmp_path / "two.npy", matrix)
    assert draw(*words, f"joint_regressor={tmp_path}/two.npy").rendered == 3
    assert read(tmp_path / "out")[0]["joints"] == "2 joints of two.npy"
    assert draw(*words, f"joint_regressor={tmp_path}/two.npy", "joint_subset=[1]").rendered == 3
    matrix[1, 7] = 1
    np.save(tmp_path / "two.npy", matrix)
    assert draw(*words, f"joint_regressor={tmp_path}/two.npy", "joint_subset=[1]").rendered == 3
    np.save(tmp_path / "two.npy", matrix[:, 1:])
    with pytest.raises(ConfigError, match=f"joints out of {vertices - 1} vertices, and demo has {vertices}"):
        draw(*words, f"joint_regressor={tmp_path}/two.npy")


def test_who_is_not_in_the_other_file_costs_nobody_else(draw, out, small, bent):
    entries = json.loads(bent.read_text())["data"]
    del entries[3]
    report = draw(*NUMBERS, f"reference={save_others(small, entries)}", "samples=2:5")
    assert (report.rendered, [problem.row for problem in report.failed]) == (2, [3])
    assert "found 1 person on this image" in (out / "failures.csv").read_text()
    assert [row["row"] for row in read(out)] == ["2", "4"]
    assert [row["b_row"] for row in read(out)] == ["2", "3"]


def test_bodies_of_other_topologies_are_compared_by_what_they_have_in_common(draw, out, small):
    names = sorted({entry["imageName"] for entry in small.entries})
    alone = [name for name in names if sum(entry["imageName"] == name for entry in small.entries) == 1]
    verts = np.tile(PYRAMID, (len(alone), 1, 1))
    camera = np.array([(100.0, 0, 80), (0, 100, 60), (0, 0, 1)])
    path = small.fit_file.with_name("pyramids.npz")
    np.savez(path, vertices=verts, faces=FACES, K=camera, image=np.array(alone))
    report = draw(*PLAIN, "panels=[camera/geo,side/geo]", f"reference={path}")
    assert (report.rendered, len(report.failed)) == (len(alone), 8 - len(alone))
    for row in read(out):
        # Columns in which nobody has a number are left out.
        assert row.keys().isdisjoint(("mpjpe_mm", "pa_mpjpe_mm", "pve_mm", "joints", "winner"))
        assert max(float(row["a_outside"]), float(row["b_outside"])) < 0.5
    told = json.loads((out / "compare.json").read_text())
    assert (told["people"], told["apart"], told["winner"]["unknown"]) == (len(alone), [], len(alone))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["job=compare"], "reference: a comparison is of two fits"),
        (["job=compare", "reference=a.json", "people=together"], "people: a comparison is of one person"),
        (["job=compare", "reference=a.json", "panels=[camera/error]"], "panels: error shows how far"),
        (
            ["job=compare", "reference=a.json", "panels=[]", "output.tar=5"],
            "output.tar: a comparison without",
        ),
        (["job=compare", "reference=a.json", "joint_subset=[1]"], "joint_subset: it names rows"),
        (
            ["job=compare", "reference=a.json", "joint_regressor=a.npy", "joint_subset=[1,1]"],
            "joint_subset: expected rows",
        ),
        (["joint_regressor=a.npy"], "joint_regressor: this is for compare"),
    ],
    ids=lambda words: words[-1] if isinstance(words, list) else "",
)
def test_settings_that_a_comparison_does_not_take_are_refused(words, said):
    with pytest.raises(ConfigError, match=said):
        configure(*words)


def test_methods_are_called_after_their_files(tmp_path):
    assert name_methods(tmp_path / "eft.json", tmp_path / "hmr2.npz") == ("eft", "hmr2")
    assert name_methods(tmp_path / "a" / "x.npz", tmp_path / "b" / "x.npz") == ("a/x", "b/x")
