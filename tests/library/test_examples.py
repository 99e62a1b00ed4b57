"""The examples of docstrings and of the documentation, and what importing costs."""

import doctest
import inspect
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

import render
from render.labels.dataset.densepose_dump import format_dump_line
from render.labels.densepose_chart import compress_chart
from tests.helpers.drawing import require_pytorch3d
from tests.helpers.pages import DOCS, list_blocks

REPOSITORY = Path(__file__).parents[2]


FUNCTIONS = [name for name in render.__all__ if inspect.isfunction(getattr(render, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_an_example_that_runs(name, demo_set, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(demo_set.fit_file, "demo_EFT.json")
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(render, name), name)
    assert example.examples
    found = doctest.DocTestRunner().run(example)
    assert found.failed == 0


def read_block(page: str, number: int = 0) -> str:
    """A Python example of a page of the documentation."""
    return list_blocks(DOCS / page, "python")[number]


def test_the_example_of_the_library_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = {"pose_rotmat": np.tile(np.diag([1.0, -1, -1]), (3, 24, 1, 1)), "betas": np.zeros((3, 10))}
    exec(read_block("library/index.md"), place)
    pictures = [cv2.imread(str(path)) for path in sorted(Path("outputs/mine").glob("*.png"))]
    assert [picture.shape for picture in pictures] == [(480, 1280, 3)] * 3
    assert place["fragments"].to_pytorch3d().pix_to_face.shape == (6, 480, 640, 1)
    # Where a body is, the sheet is not white.
    assert min((picture < 255).any(2).mean() for picture in pictures) > 0.05


def test_the_job_of_the_library_s_page_runs(demo_set, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "eft_fit").mkdir()
    (tmp_path / "eft_fit/demo").symlink_to(demo_set.root)
    exec(read_block("library/index.md", 1), {})
    assert capsys.readouterr().out == "outputs/demo/turntable 1 0 ()\n"
    assert Path("outputs/demo/turntable/demo_000002_4.webp").exists()


def test_the_loader_of_the_page_on_labels_reads_charts(tmp_path, monkeypatch):
    """Two people of one image, with a stand-in for the class of DensePose."""
    structures = ModuleType("densepose.structures")
    structures.DensePoseChartResult = SimpleNamespace
    monkeypatch.setitem(sys.modules, "densepose", ModuleType("densepose"))
    monkeypatch.setitem(sys.modules, "densepose.structures", structures)
    charts = [np.random.default_rng(seed).integers(0, 25, (7, 5, 3), np.uint8) for seed in (1, 2)]
    people = [
        {"instance": i, "bbox": [i, 2, 5, 7], "densepose": compress_chart(chart)}
        for i, chart in enumerate(charts)
    ]
    lines = [format_dump_line({"file_name": "a.jpg"}, i, person) for i, person in enumerate(people, start=1)]
    (tmp_path / "densepose.jsonl").write_text("".join(lines))
    place = {}
    exec(read_block("jobs/labels.md"), place)
    ((name, image),) = place["load_dump"](tmp_path / "densepose.jsonl").items()
    assert name == "a.jpg"
    for chart, found in zip(charts, image["pred_densepose"], strict=True):
        np.testing.assert_array_equal(found.labels, chart[..., 0])
        np.testing.assert_allclose(found.uv, chart[..., 1:].transpose(2, 0, 1) / 255, atol=1e-7)


def test_the_example_with_pytorch3d_s_shader_runs(tmp_path, monkeypatch):
    require_pytorch3d()
    monkeypatch.chdir(tmp_path)
    place = {"pose_rotmat": np.tile(np.diag([1.0, -1, -1]), (2, 24, 1, 1)), "betas": np.zeros((2, 10))}
    exec(read_block("library/pytorch3d.md"), place)
    images = place["images"]
    assert images.shape == (2, 480, 640, 4)
    is_body = place["fragments"].to_pytorch3d().pix_to_face[..., 0] >= 0
    # Lit from the front, over white.
    assert 0.2 < images[is_body][:, :3].mean() < 0.8
    assert (images[~is_body][:, :3] == 1).all()


def test_nothing_heavy_is_imported_before_it_is_asked_for():
    code = "import sys, render; print({'torch', 'warp', 'numpy'} & set(sys.modules), len(dir(render)) > 9)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set() True\n"
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = render.no_such_thing
