"""Benchmarks of rasterizing: large batches are drawn as runs draw them."""

import pytest
import torch

from benchmarks.raster import count_most, measure
from benchmarks.rest_pose import PHOTO, RestPose
from render.body.charts import read_charts
from render.compute import memory
from render.config.values import MAX_BATCH
from render.resources import DEMO_BODY_FILE
from render.sheet import canvas

SIZE_PX = (16, 24)
SHEET_BYTES = 3 * 16 * 24


@pytest.fixture
def charts(demo_body):
    return read_charts(
        DEMO_BODY_FILE.with_name("demo_charts.mat"), demo_body.faces, len(demo_body.v_template)
    )


def test_sections_of_the_canvas_do_not_show(demo_body, charts, monkeypatch):
    drawn = []
    for most in (canvas.MAX_SHEET_BYTES, 2 * SHEET_BYTES):
        monkeypatch.setattr(canvas, "MAX_SHEET_BYTES", most)
        posed = RestPose(demo_body, charts, 5, SIZE_PX)
        found = measure(posed, "geo", 1)
        drawn.append((found["visible_px_per_body"], *posed.resolver._sections))
    (visible, whole), (again, *parts) = drawn
    assert visible == again > 0
    assert [part.shape[0] for part in parts] == [2 * SHEET_BYTES, 2 * SHEET_BYTES, SHEET_BYTES]
    assert torch.equal(
        torch.cat([torch.from_numpy(part.numpy()) for part in parts]), torch.from_numpy(whole.numpy())
    )
    assert whole.numpy().any()


def test_the_largest_batch_is_for_large_gpus(demo_body, monkeypatch):
    """4096 at 640 x 480, on 139 GB beside a host of 128 GB; fewer on a small one."""
    gpu = torch.device("cuda:0")
    monkeypatch.setattr(memory, "_available_bytes", lambda: 120 * 10**9)
    monkeypatch.setattr(memory, "read_free_bytes", lambda: None)
    monkeypatch.setattr(demo_body, "device", gpu)
    for free_bytes, is_enough in ((139 * 10**9, True), (4 * 10**9, False)):
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda _, free=free_bytes: (free, free))
        assert (count_most(demo_body, PHOTO) >= MAX_BATCH) == is_enough
        assert count_most(demo_body, PHOTO) > 256
