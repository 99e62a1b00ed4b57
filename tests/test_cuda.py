"""The same kernels on a GPU: the same bits where bits are promised, the same pictures end to end.

Skipped where there is no GPU; REQUIRE_CUDA=1 makes that a failure.
"""

import os
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from drawing import make_draws
from test_rasterize import random_bodies

from render.body.charts import read_charts
from render.body.extent import measure_extents
from render.body.normals import VertexNormals
from render.body.smpl import SmplBody
from render.draw import BatchRenderer
from render.fits import read_fits
from render.fragments import read_fragments
from render.panels import parse_panel
from render.photo import read_photo
from render.plan import lay_out_sheet
from render.rasterize.layout import allocate_visibility
from render.rasterize.warp import rasterize
from render.shade import MODES


@pytest.fixture(scope="module")
def cuda() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda:0")
    if os.environ.get("REQUIRE_CUDA") == "1":
        pytest.fail("REQUIRE_CUDA=1 is set, and torch sees no CUDA device")
    pytest.skip("torch sees no CUDA device")


def moved(value, device: torch.device):
    """A copy of a stage's type with its tensors on `device`."""
    tensors = {f.name: getattr(value, f.name) for f in fields(value)}
    return replace(value, **{name: tensor.to(device) for name, tensor in tensors.items()})


def test_visibility_is_the_same_bits(cuda, demo_body):
    verts, faces = random_bodies(demo_body, 16)
    draws = make_draws(verts, faces, panel=[i // 2 for i in range(16)], cull=True)
    sizes = torch.tensor([[200, 200]] * 8, dtype=torch.int32)
    single = torch.zeros(8, dtype=torch.int32)
    keys, fragments = [], []
    for device in (torch.device("cpu"), cuda):
        there = moved(draws, device)
        visibility = allocate_visibility(there, sizes.to(device), single.to(device))
        rasterize(there, visibility, range(8))
        keys.append(visibility.keys.cpu())
        fragments.append(moved(read_fragments(there, visibility), torch.device("cpu")))
    assert torch.equal(*keys)
    for f in fields(fragments[0]):
        assert torch.equal(getattr(fragments[0], f.name), getattr(fragments[1], f.name)), f.name


def test_normals_and_extents_are_the_same(cuda, demo_body):
    verts = demo_body.pose(torch.eye(3).repeat(2, 24, 1, 1), torch.zeros(2, 10)).verts.clone()
    results = []
    for device in (torch.device("cpu"), cuda):
        normals = VertexNormals(demo_body.faces.to(device), verts.shape[1])(verts.to(device))
        results.append(
            [
                part.cpu()
                for part in (
                    normals,
                    *measure_extents(
                        verts.to(device), torch.ones(verts.shape[1], dtype=torch.float64, device=device)
                    ),
                )
            ]
        )
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


def test_pictures_are_the_same(cuda, demo_set):
    """Poses come from another matrix library, so vertices move by rounding, and a few edge pixels flip."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    specs = tuple(parse_panel(f"{view}/{mode}") for view in ("camera", "side") for mode in MODES)
    sheets, photos = [], []
    for i in range(len(fits)):
        path = demo_set.image_dir / fits.image_name[i]
        photos.append(read_photo(path))
        sheets.append(lay_out_sheet(str(i), path, photos[i].shape[:2], specs, (i,), columns=8))

    def draw(device: torch.device) -> list[np.ndarray]:
        body = SmplBody(demo_set.body_file, "demo", device)
        charts = read_charts(demo_set.charts_file, body.faces, len(body.v_template))
        return BatchRenderer(body, lambda jobs: [job() for job in jobs], slots=1, charts=charts).draw(
            fits, sheets, photos
        )

    for ours, theirs in zip(draw(torch.device("cpu")), draw(cuda), strict=True):
        close = (np.abs(ours.astype(int) - theirs) <= 1).all(2)
        assert close.mean() > 0.9995
