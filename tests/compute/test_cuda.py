"""The same kernels on a GPU: the same bits where bits are promised, the same pictures end to end.

Skipped where there is no GPU; REQUIRE_CUDA=1 makes that a failure.
"""

import os
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.charts import read_charts
from render.body.extent import measure_extents
from render.body.fit_bodies import FitBodies
from render.body.models.smpl import open_body
from render.body.normals import VertexNormals
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.rasterize.backends import pytorch3d, warp
from render.rasterize.fragments import read_fragments
from render.rasterize.whole import rasterize_shots
from render.shade.mode import MODES
from render.types.buffer import Visibility
from tests.helpers.drawing import draw_sheets, make_placements, plan_demo, require_pytorch3d
from tests.helpers.painting import compare_with_next, make_colors, make_texture
from tests.helpers.random_bodies import random_bodies
from tests.helpers.runs import run, sheets_below


@pytest.fixture(scope="module")
def cuda() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda:0")
    if os.environ.get("REQUIRE_CUDA") == "1":
        pytest.fail("REQUIRE_CUDA=1 is set, and torch sees no CUDA device")
    pytest.skip("torch sees no CUDA device")


def moved(value, device: torch.device):
    """A copy of a stage's type with its tensors on `device`."""
    tensors = {name: getattr(value, name).to(device) for name in value.SHAPES}
    return replace(value, **tensors)


@pytest.mark.parametrize("bits", [0, 1])
def test_visibility_is_the_same_bits(cuda, demo_body, bits):
    verts, faces = random_bodies(demo_body, 16)
    verts[..., :2] *= 2**bits
    placements = make_placements(verts, faces, shot=[i // 2 for i in range(16)], cull=True)
    keys, fragments = [], []
    for device in (torch.device("cpu"), cuda):
        there = moved(placements, device)
        layout, visibility = rasterize_shots(there, [(200, 200)] * 8, bits)
        keys.append(visibility.keys.cpu())
        fragments.append(moved(read_fragments(there, layout, visibility), torch.device("cpu")))
    assert torch.equal(*keys)
    for name in fragments[0].SHAPES:
        assert torch.equal(getattr(fragments[0], name), getattr(fragments[1], name)), name


def test_pytorch3d_draws_the_same(cuda, demo_body):
    """Away from edges, which two float conventions may see differently."""
    require_pytorch3d()
    verts, faces = random_bodies(demo_body, 16)
    placements = moved(make_placements(verts, faces, shot=[i // 2 for i in range(16)], cull=True), cuda)
    faces = []
    for rasterizer in (warp.Rasterizer, pytorch3d.Rasterizer):
        _, visibility = rasterize_shots(placements, [(200, 200)] * 8, rasterizer=rasterizer)
        faces.append(visibility.keys & 0xFFFFFFFF)
    empty = Visibility.EMPTY & 0xFFFFFFFF
    covered = (faces[0] != empty) | (faces[1] != empty)
    assert (faces[0] == faces[1])[covered].float().mean() >= 0.999


def test_poses_normals_and_extents_are_the_same(cuda, demo_body, demo_set):
    """Matrix products, and sums of another order, round differently."""
    rotmat = torch.from_numpy(Rotation.random(40 * 24, random_state=0).as_matrix()).float().view(40, 24, 3, 3)
    results = []
    for device in (torch.device("cpu"), cuda):
        body = demo_body if device.type == "cpu" else open_body(demo_set.body_file, "demo", device)
        bodies = body.pose(rotmat, torch.linspace(-2, 2, 400).view(40, 10))
        uniform = torch.ones(bodies.verts.shape[1], dtype=torch.float64, device=device)
        parts = (bodies.verts, bodies.joints, bodies.normals, *measure_extents(bodies.verts, uniform))
        results.append([part.cpu() for part in parts])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_normals_are_the_same_bits(cuda, demo_body):
    verts = demo_body.pose(torch.eye(3).repeat(2, 24, 1, 1), torch.zeros(2, 10)).verts.clone()
    normals = []
    for device in (torch.device("cpu"), cuda):
        there = verts.to(device)
        found = torch.empty_like(there)
        VertexNormals(demo_body.faces.to(device), verts.shape[1])(there, found)
        normals.append(found.cpu())
    assert torch.equal(*normals)


def draw_demo(
    demo_set, device: torch.device, modes: tuple[str, ...], people: str, style: Style, supersample: int
) -> list:
    """Camera and side of the demo set in these modes, all sheets in one batch."""
    panels = [f"{view}/{mode}" for view in ("camera", "side", "orbit:30") for mode in modes]
    fits, sheets, photos = plan_demo(demo_set.fit_file, demo_set.image_dir, people, panels)
    body = open_body(demo_set.body_file, "demo", device)
    charts = read_charts(demo_set.charts_file, body.faces, len(body.v_template))
    colors = torch.from_numpy(make_colors(body.v_template.cpu().numpy())).to(device)
    bodies = FitBodies((body,), colors=[colors])
    texture, reference = make_texture(charts, body.faces), compare_with_next(fits, body, modes)
    renderer = BatchRenderer(bodies, style, charts, texture=texture, reference=reference)
    return draw_sheets(renderer, fits, sheets, photos, supersample=supersample)


@pytest.mark.parametrize(
    ("modes", "people", "style", "supersample"),
    [
        (MODES.names, "alone", Style(), 1),
        (("geo", "mask"), "together", Style(), 1),
        (("normal", "wireframe"), "together", Style(opacity=0.6), 4),
        (("geo", "wireframe", "mask"), "together", Style(opacity=0.8, edges="smooth"), 1),
    ],
)
def test_pictures_are_the_same(cuda, demo_set, modes, people, style, supersample):
    """Poses come from another matrix library, so vertices move by rounding, and a few edge pixels flip."""
    pictures = [
        draw_demo(demo_set, device, modes, people, style, supersample)
        for device in (torch.device("cpu"), cuda)
    ]
    for ours, theirs in zip(*pictures, strict=True):
        close = (np.abs(ours.astype(int) - theirs) <= 1).all(2)
        assert close.mean() > 0.9995


def test_a_run_is_the_same(cuda, demo, tmp_path):
    """From files to files, with several batches under way on streams of their own."""
    for device in ("cpu", "cuda"):
        report = run(*demo, f"device={device}", "batch=3", "output=png", f"output.dir={tmp_path}/{device}")
        assert report.failed == []
    ours, theirs = (sheets_below(tmp_path / device) for device in ("cpu", "cuda"))
    assert ours.keys() == theirs.keys()
    for name, picture in ours.items():
        a, b = (
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(int)
            for data in (picture, theirs[name])
        )
        assert ((np.abs(a - b) <= 2).all(2)).mean() > 0.9995


def test_memory_that_runs_out_halves_the_batch(cuda, demo, tmp_path, caplog):
    """With a limit of torch's own on the device's memory."""
    caplog.set_level("INFO")
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    run(*demo, "device=cuda", f"output.dir={tmp_path}/whole")
    peak = torch.cuda.max_memory_reserved()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(cuda).total_memory
    torch.cuda.set_per_process_memory_fraction(0.7 * peak / total, cuda)
    try:
        run(*demo, "device=cuda", f"output.dir={tmp_path}/halved")
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, cuda)
    assert "did not fit into memory" in caplog.text
    assert sheets_below(tmp_path / "whole").keys() == sheets_below(tmp_path / "halved").keys()
