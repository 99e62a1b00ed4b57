"""Each script of examples/ draws what it says."""

import runpy
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from pypdf import PdfReader

from render import load_body, load_charts
from render.errors import RenderError
from tests.conftest import DEMO_CHARTS_FILE
from tests.examples.conftest import EXAMPLES
from tests.helpers.drawing import require_pytorch3d

OUTPUTS = Path("outputs/examples")


def read_picture(path: str | Path) -> np.ndarray:
    """RGB."""
    return cv2.imread(str(path))[:, :, ::-1]


def test_a_body_in_five_lines(call):
    assert call("body.py").split() == ["outputs/examples/body/000000.png"]
    code = (EXAMPLES / "body.py").read_text().split("write_sheets\n\n")[1]
    assert len(code.splitlines()) == 5
    picture = read_picture(OUTPUTS / "body/000000.png")
    assert picture.shape == (560, 960, 3)
    # In both panels somebody's trunk is there, and nobody in the upper corners.
    for panel in (picture[:, :480], picture[:, 480:]):
        assert (panel[150:250] < 250).any(2).all(0).sum() > 50
        assert (panel[:40, :40] > 250).all()


def test_own_meshes_stand_where_own_cameras_see_them(call):
    """OpenCV says where the ring's vertices lie in the photos: what is drawn is as large."""
    printed = call("own_meshes.py").split()
    assert [Path(path).name for path in printed] == ["000000.png", "000001.png"]
    script = runpy.run_path(str(EXAMPLES / "own_meshes.py"))
    ring = script["trimesh"].creation.torus(0.5, 0.15, 96, 48)
    verts = ring.vertices - [0, 0, ring.bounds[0, 2]]
    for eye_m, path in zip(script["EYES_M"], printed, strict=True):
        rotation, transl_m = script["look_at"](eye_m)
        points, _ = cv2.projectPoints(verts, cv2.Rodrigues(rotation)[0], transl_m, script["K"], None)
        is_ring = (read_picture(path)[:, :640] != read_picture(path)[:, 640:]).any(2)
        rows, columns = np.nonzero(is_ring)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        # Smooth edges reach a pixel farther, and a vertex need not be on the outline.
        np.testing.assert_allclose(found, [*points[:, 0].min(0), *points[:, 0].max(0)], atol=1.5)


def test_a_mesh_that_is_named_takes_the_place_of_the_ring(call):
    box = runpy.run_path(str(EXAMPLES / "own_meshes.py"))["trimesh"].creation.box((0.4, 0.4, 0.4))
    box.export("box.obj")
    first = read_picture(call("own_meshes.py", "box.obj").split()[0])
    # The middle of a box is not open.
    assert (first[240, 320] != first[240, 960]).any()


def test_labels_are_of_the_crops_that_a_loader_gives(call, demo_set):
    lines = call("labels_loader.py").splitlines()
    assert lines == call("labels_loader.py").splitlines()
    assert [line.split("),")[0] for line in lines] == [f"images ({n}, 3, 224, 224" for n in (8, 8, 5)]
    assert "iuv (8, 3, 224, 224), depth_relative (8, 1, 224, 224), normal (8, 3, 224, 224)" in lines[0]
    script = runpy.run_path(str(EXAMPLES / "labels_loader.py"))
    fits, _ = script["read_fits"]("eft", demo_set.fit_file)
    body = load_body()
    labels = script["draw_labels"](fits.take(np.array([5])), body, load_charts(DEMO_CHARTS_FILE, body))
    image, place = script["Crops"](fits, demo_set.image_dir)[5]
    assert place == 5
    is_body = labels["silhouette"][0, 0].cpu() > 0
    assert 0.05 < is_body.float().mean() < 0.6
    assert set(labels["iuv"][0, 0].unique().tolist()) >= set(range(7, 15))
    lengths = labels["normal"][0].norm(dim=0).cpu()
    torch.testing.assert_close(lengths[is_body], torch.ones(int(is_body.sum())), atol=1e-3, rtol=0)
    # The photo's person is where the labels are: on its outline the photo changes more than elsewhere.
    grey = image.mean(0)
    slope = torch.hypot(grey[1:, :-1] - grey[:-1, :-1], grey[:-1, 1:] - grey[:-1, :-1])
    outline = (is_body[1:, :-1] != is_body[:-1, :-1]) | (is_body[:-1, 1:] != is_body[:-1, :-1])
    moved = torch.roll(outline, 12, 1)
    assert slope[outline].mean() > 1.5 * slope[moved].mean()


def test_a_motion_of_amass_becomes_a_video(call):
    script = runpy.run_path(str(EXAMPLES / "amass_video.py"))
    script["write_motion"](Path("short.npz"), count=12)
    assert call("amass_video.py", "short.npz").split() == [
        "outputs/examples/amass_video",
        "1",
        "made,",
        "0",
        "there",
        "already",
    ]
    with av.open(str(OUTPUTS / "amass_video/short.mp4")) as video:
        stream = video.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
        assert float(stream.average_rate) == 30
    assert np.stack(frames).shape == (3, 480, 480, 3)
    # Somebody stands there, darker than the ground.
    assert all((frame[100:350, 200:280] < 200).any(2).mean() > 0.2 for frame in frames)


def test_the_motion_that_is_made_is_in_amass_s_format(here):
    script = runpy.run_path(str(EXAMPLES / "amass_video.py"))
    script["write_motion"](Path("wave.npz"))
    fits, rejected = runpy.run_path(str(EXAMPLES / "labels_loader.py"))["read_fits"]("auto", "wave.npz")
    assert rejected == []
    assert (fits.sources[0].format, fits.sources[0].bodies.kind, len(fits)) == ("amass", "smplh", 240)
    # The head is above the pelvis: y is down in the world of the fits.
    up = fits.world_rotation[0] @ fits.rotation[0] @ fits.sources[0].bodies.rotmat[0, 0] @ [0, 1, 0]
    np.testing.assert_allclose(up, [0, -1, 0], atol=1e-6)


def test_a_figure_from_python(call):
    printed = call("figure.py", "2").split()
    assert [Path(path).suffix for path in printed] == [".pdf", ".png", ".svg", ".tex", ".typ"]
    text = PdfReader(printed[0]).pages[0].extract_text()
    for title in ("Photo", "Fit", "Side view", "Normals"):
        assert title in text
    # A row of four pictures, one with a zoom, at 300 dpi of a column of CVPR (3.28 in).
    assert len(list((OUTPUTS / "figure/figure_panels").iterdir())) == 5
    assert abs(read_picture(printed[1]).shape[1] - 984) <= 1


def test_pytorch3d_s_shader_draws_our_fragments(call):
    require_pytorch3d()
    printed = call("pytorch3d_shader.py").split()
    for path in printed:
        picture = read_picture(path)
        assert picture.shape == (480, 480, 3)
        assert (picture[200, 240] < 250).any()
        assert (picture[:40, :40] == 255).all()
    assert len(printed) == 3


def test_without_pytorch3d_its_example_says_so(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch3d.renderer", None)
    with pytest.raises(SystemExit, match="needs PyTorch3D, which cannot be imported here"):
        call("pytorch3d_shader.py")


def test_a_motion_that_is_not_there_is_a_fault_that_says_so(call):
    with pytest.raises(RenderError, match=r"no_such\.npz"):
        call("amass_video.py", "no_such.npz")
