"""Things that another package adds through entry points are found, listed, checked and used as ours are."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from render import pose_fits
from render.errors import ConfigError
from render.fits.read import read_fits
from render.fits.reader import READERS
from render.registry import Registry
from tests.helpers.commands import Done
from tests.helpers.runs import ORIGINAL

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

PLUGIN = Path(__file__).parent / "plugin"
GREEN = (0, 255, 0)
CHILD = """
import json, sys
from render.review import plots
from tests.helpers.commands import call
from tests.helpers.kept_settings import keep_settings
plots.can_plot = lambda: False
with keep_settings():
    json.dump({name: call(*words) for name, words in json.load(sys.stdin).items()}, sys.stdout)
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("plugin")


@pytest.fixture(scope="module")
def done(out, demo_set) -> dict[str, Done]:
    """What commands say and do with the package, which is found by its metadata, as installed ones are.

    All of them in one process of its own, for that loads torch.
    """
    (out / "fits.txt").write_text("first.jpg 0.8\nsecond.jpg 0.4\n")
    drawing = ["dataset=eft", "dataset.format=standing", f"dataset.fit_file={out}/fits.txt", "body=demo"]
    drawing += [f"dataset.image_dir={out}/images", f"output.dir={out}/drawn", "device=cpu", ORIGINAL]
    drawing += ["panels=[below/heat,orbit/heat]", "size=100x100", "annotate=[cross]"]
    commands = {
        "help": ["--help"],
        "broken": ["panels=[camera/broken]"],
        "options": ["output=ppm", "output.levels=1000", "panels=[camera/geo]"],
        "draw": [*drawing, "output=ppm", "output.levels=128"],
        "label": [
            f"dataset.root={demo_set.root}",
            f"output.dir={out}/labels",
            "job=labels",
            "layers=[facing,silhouette]",
            "samples=0:1",
        ],
        "pose": [
            f"dataset.root={demo_set.root}",
            f"output.dir={out}/posed",
            "body.model=tall",
            "rasterizer=counted",
            "progress=[spoken]",
            "samples=0:1",
            "panels=[side/geo]",
            "device=cpu",
            ORIGINAL,
        ],
        "mesh": [
            *(f"dataset.root={demo_set.root}", f"output.dir={out}/meshes", "output=obj"),
            *("job=meshes", "samples=0:1", "body.model=tall"),
        ],
        "audit": [f"dataset.root={demo_set.root}", f"output.dir={out}/audit", "job=audit", "samples=0:1"],
    }
    path = os.pathsep.join([str(PLUGIN), str(PLUGIN.parents[1])])
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=os.environ | {"PYTHONPATH": path},
        input=json.dumps(commands),
        capture_output=True,
        text=True,
    )
    assert child.returncode == 0, child.stderr
    return {name: Done(*one) for name, one in json.loads(child.stdout).items()}


def test_all_kinds_of_things_are_drawn_with(done, out):
    """A fit format, a view, a mode, an annotation and an output format of the package."""
    assert done["draw"].code == 0, done["draw"].err
    sheets = sorted((out / "drawn").glob("*.ppm"))
    assert [sheet.name for sheet in sheets] == ["first_0.ppm", "second_1.ppm"]
    for sheet in sheets:
        header, data = sheet.read_bytes().split(b"\n", 1)
        assert header == b"P6 200 100 127"
        pixels = np.frombuffer(data, np.uint8).reshape(100, 200, 3)
        assert (pixels[50, 50] == np.array(GREEN) // 2).all()
        is_body = (pixels[..., 1] == 0) & (pixels[..., 0] < 127)
        # The mode shares its light between red and blue.
        assert is_body.mean() > 0.02
        assert (abs(pixels[is_body][:, 0].astype(int) + pixels[is_body][:, 2] - 127) <= 1).all()


def test_help_lists_them_and_says_which_cannot_be_imported(done):
    text = done["help"].out
    lines = ("below[:ortho]", "From below.", "heat ", "Red where the surface faces", "cross ", "facing")
    for line in (*lines, "How much the surface faces the viewer."):
        assert line in text
    assert "cannot be imported: ModuleNotFoundError: No module named 'no_such_library'" in text


def test_their_layers_are_written_as_ours_are(done, out):
    assert done["label"].code == 0, done["label"].err
    facing, silhouette = (
        cv2.imread(str(out / f"labels/demo_000000_0.{name}.png"), cv2.IMREAD_UNCHANGED)
        for name in ("facing", "silhouette")
    )
    # Straight at the viewer in places, and nothing where nobody is.
    assert facing.max() == 255
    assert not facing[silhouette == 0].any()


def test_their_rasterizers_and_watchers_take_the_place_of_ours(done):
    code, _, said = done["pose"]
    assert code == 0, said
    # The first is the triangle on which each rasterizer is tried.
    trial, *counts = map(int, re.findall(r"(\d+) samples covered", said))
    assert trial < 64 < max(counts)
    assert re.findall(r"overlay: (begins|ends|1 of 1)", said)[::2] == ["begins", "ends"]


def test_their_bodies_are_posed_as_ours_are(done, out, demo_set, demo_body):
    assert done["mesh"].code == 0, done["mesh"].err
    (path,) = (out / "meshes").glob("*.obj")
    lines = [line.split()[1:4] for line in path.read_text().splitlines() if line.startswith("v ")]
    own = pose_fits(read_fits("eft", demo_set.fit_file)[0].take(slice(0, 1)), demo_body).verts[0].numpy()
    # Six digits are written.
    np.testing.assert_allclose(np.ptp(np.array(lines, float), 0), 1.1 * np.ptp(own, 0), atol=1e-4)


def test_their_measures_are_columns_of_audits(done, out, demo_set, demo_body):
    assert done["audit"].code == 0, done["audit"].err
    (row,) = csv.DictReader((out / "audit/audit.csv").open())
    own = pose_fits(read_fits("eft", demo_set.fit_file)[0].take(slice(0, 1)), demo_body).verts[0].numpy()
    # Three digits are written.
    assert abs(float(row["standing_m"]) - np.ptp(own[:, 1])) < 1e-3


def test_one_that_is_broken_is_refused_with_the_package_and_the_cause(done):
    code, _, said = done["broken"]
    assert code == 1
    assert "mode 'broken' of the package extras 1.0 cannot be imported: ModuleNotFoundError" in said
    assert "Traceback" not in said


def test_their_options_are_checked_as_ours_are(done):
    code, _, said = done["options"]
    assert code == 1
    assert "output.levels: expected 2 to 256, found 1000" in said


def test_ours_stays_where_another_package_takes_its_name(monkeypatch):
    registry = Registry("mode", "smpl_render.modes", "render.shade.modes", "MODE")
    before = registry.load("geo")

    class Entry:
        name, module, dist = "geo", "elsewhere", None

    monkeypatch.setattr("render.registry.entry_points", lambda group: [Entry()])
    registry = Registry("mode", "smpl_render.modes", "render.shade.modes", "MODE")
    assert registry.names.count("geo") == 1
    assert registry.load("geo") is before


def test_an_unknown_name_is_answered_with_the_nearest():
    registry = Registry("mode", "smpl_render.modes", "render.shade.modes", "MODE")
    with pytest.raises(ConfigError, match="no mode 'gio'; did you mean 'geo'"):
        registry.check("panels", "gio")


def test_a_format_of_an_earlier_version_is_refused_by_its_package(monkeypatch, tmp_path):
    class Entry:
        name, module, dist = "lines", "old_package.lines", None

        def load(self):
            return print

    monkeypatch.setitem(vars(READERS), "_theirs", {"lines": Entry()})
    with pytest.raises(ConfigError, match=r"lines of old_package\.lines is a builtin"):
        read_fits("lines", tmp_path)
