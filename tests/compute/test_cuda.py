"""The same kernels on a GPU: the same bits where bits are promised, the same pictures end to end.

Skipped where there is no GPU; REQUIRE_CUDA=1 makes that a failure.
"""

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
import torch
import warp as wp
from scipy.spatial.transform import Rotation

from render.body.charts import read_charts
from render.body.extent import measure_extents
from render.body.fit_bodies import FitBodies
from render.body.models.smpl import open_body
from render.body.normals import VertexNormals
from render.compute import kernels
from render.compute.kept_kernels import has_machine_code, is_compiled
from render.compute.memory import CUDA_BATCHES
from render.compute.nvimgcodec import list_gpu_backends, open_nvimgcodec
from render.library.poser import BatchPoser
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.photos.files import PhotoFile
from render.photos.gpu.checked_jpeg import check_jpeg
from render.photos.gpu.device_decoder import open_device_decoder
from render.rasterize.backends import pytorch3d, warp
from render.rasterize.fragments import read_fragments
from render.rasterize.whole import rasterize_shots
from render.shade.mode import MODES
from render.sheet import canvas
from render.types.buffer import Visibility
from render.write.device_encoder import open_device_encoder
from tests.helpers.drawing import draw_sheets, make_placements, plan_demo, require_pytorch3d
from tests.helpers.made_kernels import make_module
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


@pytest.fixture(scope="module")
def nvimgcodec(cuda):
    """nvImageCodec, which a GPU is used without, too."""
    if find_spec("nvidia") is None or find_spec("nvidia.nvimgcodec") is None:
        if os.environ.get("REQUIRE_CUDA") == "1":
            pytest.fail("REQUIRE_CUDA=1 is set, and nvImageCodec is not installed")
        pytest.skip("nvImageCodec is not installed")
    return open_nvimgcodec()


def test_the_gpu_itself_encodes(cuda, nvimgcodec, demo_set):
    """With a GPU's backends alone; its pictures are those of the CPU's encoder as far as JPEG has them."""
    encoder = open_device_encoder(cuda)
    assert encoder is not None
    photo = simplejpeg.decode_jpeg(next(Path(demo_set.image_dir).glob("*.jpg")).read_bytes())
    sheets = [torch.from_numpy(photo).to(cuda), torch.from_numpy(photo[:333, :421].copy()).to(cuda)]
    files = encoder.encode(sheets, "jpeg", 95)
    for sheet, file in zip(sheets, files, strict=True):
        assert file is not None
        ours = simplejpeg.decode_jpeg(file).astype(int)
        theirs = simplejpeg.decode_jpeg(
            simplejpeg.encode_jpeg(sheet.cpu().numpy(), quality=95, colorsubsampling="420")
        )
        assert ours.shape == theirs.shape
        # Both round the same quantized picture, by other transforms.
        assert np.abs(ours - theirs).mean() < 1.0


def test_a_gpu_decodes_photos_nearly_as_the_cpu(cuda, nvimgcodec, demo_set, capsys):
    """How nearly is what the documentation states; the test prints it."""
    decoder = open_device_decoder(cuda)
    photos = [
        check_jpeg(PhotoFile(path, path.read_bytes(), 0)) for path in Path(demo_set.image_dir).glob("*.jpg")
    ]
    photos = [photo for photo in photos if photo is not None]
    assert photos
    off = []
    for photo, pixels in zip(photos, decoder.decode(photos), strict=True):
        assert pixels is not None
        assert pixels.device == cuda
        off.append(np.abs(pixels.cpu().numpy().astype(int) - photo.decode()).ravel())
    differences = np.concatenate(off)
    shares = {level: float((differences <= level).mean()) for level in (0, 1, 2, 4, 8)}
    with capsys.disabled():
        print(f"\nGPU decoder: largest difference {differences.max()}, shares within levels {shares}")
    assert shares[2] > 0.99
    assert differences.mean() < 1.0


def test_what_a_gpu_s_decoder_makes_of_half_a_photo_is_never_asked(cuda, nvimgcodec, demo_set):
    """The CPU finds it first, whatever the GPU would say."""
    path = next(Path(demo_set.image_dir).glob("*.jpg"))
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], content[: len(content) // 2] + b"\xff\xd9"):
        assert check_jpeg(PhotoFile(path, damaged, 0)) is None


def test_a_run_decodes_and_encodes_on_the_gpu(cuda, nvimgcodec, demo, tmp_path, caplog):
    caplog.set_level("INFO")
    settings = ["device=cuda", "output=jpg"]
    for decoder in ("cpu", "gpu"):
        words = (*settings, f"decoder={decoder}", f"output.dir={tmp_path}/{decoder}")
        assert run(*demo, *words).failed == []
    assert "JPEG: encoded on the GPU" in caplog.text
    assert "photos: decoded on the GPU" in caplog.text
    ours, theirs = (sheets_below(tmp_path / name) for name in ("gpu", "cpu"))
    assert ours.keys() == theirs.keys()
    for name, picture in ours.items():
        off = np.abs(simplejpeg.decode_jpeg(picture).astype(int) - simplejpeg.decode_jpeg(theirs[name]))
        assert off.mean() < 2.0


def test_the_list_of_backends_has_none_of_the_cpu(nvimgcodec):
    kinds = {backend.backend_kind for backend in list_gpu_backends(nvimgcodec)}
    assert nvimgcodec.BackendKind.CPU_ONLY not in kinds
    assert len(kinds) == 3


def test_sections_of_the_pixels_do_not_show(cuda, demo_set, monkeypatch):
    """As those of a batch of more pixels than 32 bits count, here of few."""
    asked = (("geo", "mask"), "together", Style(edges="smooth"), 1)
    whole = draw_demo(demo_set, cuda, *asked)
    largest = max(picture.size for picture in whole)
    monkeypatch.setattr(canvas, "MAX_SHEET_BYTES", int(1.5 * largest))
    for ours, theirs in zip(draw_demo(demo_set, cuda, *asked), whole, strict=True):
        assert np.array_equal(ours, theirs)


def test_each_batch_under_way_has_a_queue_of_its_own(cuda, demo_set):
    body = open_body(demo_set.body_file, "demo", cuda)
    poser = BatchPoser(FitBodies((body,)), None, warp.Rasterizer)
    queues = [poser.open_queue() for _ in range(CUDA_BATCHES)]
    streams = {queue.call(lambda: torch.cuda.current_stream(cuda).cuda_stream) for queue in queues}
    assert len(streams) == CUDA_BATCHES
    assert torch.cuda.current_stream(cuda).cuda_stream not in streams


def test_kernels_that_were_built_ahead_are_those_that_a_gpu_loads(cuda, tmp_path, monkeypatch):
    """Built as for a machine without a GPU, and found by it."""
    kernels.start_warp()
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    module, name = make_module(3.0), kernels.device_name(cuda)
    assert not is_compiled(module, name)
    architecture = wp.get_device(name).arch
    wp.compile_aot_module(module, arch=[architecture], use_ptx=False)
    assert has_machine_code(module, architecture)
    assert is_compiled(module, name)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.cubin")}
    wp.load_module(module, name)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.[cp][ut]*") if path in files} == files
    assert len([*tmp_path.rglob("*.cubin"), *tmp_path.rglob("*.ptx")]) == 1


def test_workers_share_a_gpu(cuda, demo_set, tmp_path):
    """Two processes, each with its own context on the device, draw the same as one."""
    words = [f"dataset.root={demo_set.root}", "device=cuda", "output=png"]
    run(*words, f"output.dir={tmp_path}/one")
    words += ["executor=processes", "workers=2", f"output.dir={tmp_path}/two"]
    done = subprocess.run([sys.executable, "-m", "render", *words], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert sheets_below(tmp_path / "one") == sheets_below(tmp_path / "two")
