"""Things that another package adds through entry points are found, listed, checked and used as ours are."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from render.errors import ConfigError
from render.fits.read import read_fits
from render.fits.reader import READERS
from render.registry import Registry
from tests.helpers.runs import ORIGINAL

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

PLUGIN = Path(__file__).parent / "plugin"
GREEN = (0, 255, 0)


def render(*words: str) -> subprocess.CompletedProcess:
    """Runs the command with the package installed; it is found by its metadata, as an installed one is."""
    path = os.pathsep.join([str(PLUGIN), str(PLUGIN.parents[1])])
    command = [sys.executable, "-m", "render", *words]
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """Sheets of a fit format, a view, a mode, an annotation and an output format of the package."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "fits.txt").write_text("first.jpg 0.8\nsecond.jpg 0.4\n")
    done = render(
        "dataset=eft",
        "dataset.format=standing",
        f"dataset.fit_file={folder}/fits.txt",
        f"dataset.image_dir={folder}/images",
        "body=demo",
        ORIGINAL,
        "panels=[below/heat,orbit/heat]",
        "size=100x100",
        "annotate=[cross]",
        "output=ppm",
        "output.levels=128",
        f"output.dir={folder}/out",
        "device=cpu",
    )
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_all_kinds_of_things_are_drawn_with(drawn):
    sheets = sorted(drawn.glob("*.ppm"))
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


def test_help_lists_them_and_says_which_cannot_be_imported():
    text = render("--help").stdout
    lines = ("below[:ortho]", "From below.", "heat ", "Red where the surface faces", "cross ", "facing")
    for line in (*lines, "How much the surface faces the viewer."):
        assert line in text
    assert "cannot be imported: ModuleNotFoundError: No module named 'no_such_library'" in text


def test_their_layers_are_written_as_ours_are(tmp_path, demo):
    done = render(*demo, "job=labels", "layers=[facing,silhouette]", "samples=0:1")
    assert done.returncode == 0, done.stderr
    facing, silhouette = (
        cv2.imread(str(tmp_path / f"out/demo_000000_0.{name}.png"), cv2.IMREAD_UNCHANGED)
        for name in ("facing", "silhouette")
    )
    # Straight at the viewer in places, and nothing where nobody is.
    assert facing.max() == 255
    assert not facing[silhouette == 0].any()


def test_one_that_is_broken_is_refused_with_the_package_and_the_cause():
    done = render("panels=[camera/broken]")
    assert done.returncode == 1
    assert "mode 'broken' of the package extras 1.0 cannot be imported: ModuleNotFoundError" in done.stderr
    assert "Traceback" not in done.stderr


def test_their_options_are_checked_as_ours_are():
    done = render("output=ppm", "output.levels=1000", "panels=[camera/geo]")
    assert done.returncode == 1
    assert "output.levels: expected 2 to 256, found 1000" in done.stderr


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
