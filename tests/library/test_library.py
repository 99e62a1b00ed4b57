"""What `from render import ...` gives."""

import doctest
import inspect
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

import render
from render import (
    Fragments,
    RenderError,
    build_sheets,
    load_body,
    load_charts,
    make_bodies,
    make_cameras,
    make_fits,
    pose_bodies,
    rasterize_sheets,
    read_fits,
    shade_sheets,
    write_sheets,
)
from render.photos.decode import read_photo
from render.sheet import staging as staging_module
from tests.helpers.drawing import require_pytorch3d
from tests.helpers.runs import run, sheets_below

REPOSITORY = Path(__file__).parents[2]
FUNCTIONS = [name for name in render.__all__ if inspect.isfunction(getattr(render, name))]
# Counterclockwise as the viewer sees it, from (0, 0) to (1, 1).
SQUARE = ([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])


@pytest.fixture(scope="module")
def turned(demo_body):
    """Four bodies in poses of their own, upright."""
    pose_rotmat = np.tile(np.eye(3), (4, 24, 1, 1))
    pose_rotmat[:, 0] = np.diag([1, -1, -1])
    for i in range(4):
        pose_rotmat[i, 16] = Rotation.from_euler("z", 0.5 * i).as_matrix()
    return pose_bodies(demo_body, pose_rotmat, np.linspace(-1, 1, 40).reshape(4, 10))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_an_example_that_runs(name, demo_set, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(demo_set.fit_file, "demo_EFT.json")
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(render, name), name)
    assert example.examples
    found = doctest.DocTestRunner().run(example)
    assert found.failed == 0


def read_readme() -> list[str]:
    """The Python examples of the README."""
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    return blocks


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = {"pose_rotmat": np.tile(np.diag([1.0, -1, -1]), (3, 24, 1, 1)), "betas": np.zeros((3, 10))}
    exec(read_readme()[0], place)
    pictures = [cv2.imread(str(path)) for path in sorted(Path("outputs/mine").glob("*.png"))]
    assert [picture.shape for picture in pictures] == [(480, 1280, 3)] * 3
    assert place["fragments"].to_pytorch3d().pix_to_face.shape == (6, 480, 640, 1)
    # Where a body is, the sheet is not white.
    assert min((picture < 255).any(2).mean() for picture in pictures) > 0.05


def test_the_example_with_pytorch3d_s_shader_runs(tmp_path, monkeypatch):
    require_pytorch3d()
    monkeypatch.chdir(tmp_path)
    place = {"pose_rotmat": np.tile(np.diag([1.0, -1, -1]), (2, 24, 1, 1)), "betas": np.zeros((2, 10))}
    exec(read_readme()[1], place)
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


def test_sheets_are_those_of_a_run(demo_set, tmp_path):
    """Faces are drawn from both sides here, which decides single pixels of silhouettes."""
    panels = ["camera/geo", "side/normal", "crop:1/geo", "camera/iuv"]
    run(
        f"dataset.root={demo_set.root}",
        "samples=0:5",
        f"panels=[{','.join(panels)}]",
        "output=png",
        f"output.dir={tmp_path}/run",
    )
    fits, _ = read_fits("eft", demo_set.fit_file)
    fits = fits.take(slice(5))
    body = load_body(demo_set.body_file, device="cpu")
    sheets = build_sheets(
        pose_bodies(body, fits.pose_rotmat, fits.betas),
        panels,
        fits=fits,
        photos=[read_photo(demo_set.image_dir / name) for name in fits.image_name],
        charts=load_charts(demo_set.charts_file, body),
    )
    write_sheets(sheets, shade_sheets(sheets, rasterize_sheets(sheets)), tmp_path / "library")
    ours, theirs = (sheets_below(tmp_path / name) for name in ("library", "run"))
    assert ours.keys() == theirs.keys()
    for name in ours:
        a, b = (
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            for data in (ours[name], theirs[name])
        )
        assert (a != b).any(2).sum() <= 5


def test_without_a_fit_a_body_is_shown_whole(turned):
    sheets = build_sheets(turned, ["camera/silhouette"], size_px=(300, 200))
    for picture in shade_sheets(sheets, rasterize_sheets(sheets)):
        y, x = np.nonzero((picture < 255).any(2))
        # Nine tenths of the panel in one direction, in its middle.
        assert max((x.max() - x.min() + 1) / 300, (y.max() - y.min() + 1) / 200) == pytest.approx(
            0.9, abs=0.02
        )
        assert (x.min() + x.max() + 1) / 2 == pytest.approx(150, abs=1)
        assert (y.min() + y.max() + 1) / 2 == pytest.approx(100, abs=1)


def test_own_cameras():
    """A small square lands where the formula has it, on the panel of the view `camera` only."""
    verts = np.array(SQUARE[0]) * 0.1 + [0.3, -0.2, 0]
    angle = 0.4
    rotation = Rotation.from_euler("y", angle).as_matrix()
    cameras = make_cameras(rotation[None], [[0.1, 0.2, 4.0]], [500.0], [[100.0, 80.0]])
    sheets = build_sheets(
        make_bodies(verts, SQUARE[1]), ["camera/mask", "orbit/mask"], size_px=(200, 160), cameras=cameras
    )
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
    q = (rotation @ (verts[0].mean(0))) + [0.1, 0.2, 4.0]
    expected = [100, 80] + 500 * q[:2] / q[2]
    y, x = np.nonzero(picture[:, :200, 0])
    np.testing.assert_allclose([x.mean() + 0.5, y.mean() + 0.5], expected, atol=0.5)
    assert len(x) == pytest.approx((500 / q[2] * 0.1) ** 2 * np.cos(angle), rel=0.15)
    assert (picture[80, 300] == 1).all()


@pytest.mark.parametrize("flip", [False, True])
def test_faces_are_seen_from_both_sides(flip):
    faces = np.array(SQUARE[1])[:, :: -1 if flip else 1]
    sheets = build_sheets(make_bodies(SQUARE[0], faces), ["camera/mask"], size_px=(20, 20))
    assert len(rasterize_sheets(sheets).face) == 18 * 18


def test_fragments_of_pytorch3d_s_layout_are_shaded_alike(turned):
    sheets = build_sheets(turned, ["orbit:30/geo"], size_px=(120, 160))
    fragments = rasterize_sheets(sheets)
    dense = fragments.to_pytorch3d()
    assert dense.pix_to_face.shape == (4, 160, 120, 1)
    back = Fragments.from_pytorch3d(dense, fragments.face_count)
    for a, b in zip(shade_sheets(sheets, fragments), shade_sheets(sheets, back), strict=True):
        np.testing.assert_array_equal(a, b)


def test_parts_in_which_sheets_are_drawn_do_not_show(turned, monkeypatch):
    def draw():
        sheets = build_sheets(turned, ["side/normal", "camera/geo", "top/normal"], size_px=(120, 160))
        fragments = rasterize_sheets(sheets)
        return fragments, shade_sheets(sheets, fragments)

    whole, pictures = draw()
    monkeypatch.setitem(staging_module.SMALL_CHUNK, "cpu", 1)
    monkeypatch.setitem(staging_module.LARGE_CHUNK, "cpu", 3000)
    parts, same = draw()
    for name in Fragments.SHAPES:
        assert torch.equal(getattr(whole, name), getattr(parts, name)), name
    for a, b in zip(pictures, same, strict=True):
        np.testing.assert_array_equal(a, b)


def test_transparent_backgrounds_have_alpha(turned):
    sheets = build_sheets(turned, ["camera/geo/transparent"], size_px=(60, 80))
    (picture, *_) = shade_sheets(sheets, rasterize_sheets(sheets))
    assert picture.shape == (80, 60, 4)
    assert set(np.unique(picture[..., 3])) == {0, 255}


def bodies():
    return make_bodies(*SQUARE)


def build(*panels, **settings):
    return build_sheets(bodies(), list(panels), **({"size_px": (20, 20)} | settings))


FITS = {
    "pose_rotmat": np.tile(np.eye(3), (2, 24, 1, 1)),
    "betas": np.zeros((2, 10)),
    "cam": np.ones((2, 3)),
    "bbox_center_px": np.ones((2, 2)),
    "bbox_scale": np.ones(2),
}
CAMERA = {"rotation": np.eye(3)[None], "translation": [[0, 0, 3]], "focal_px": [10], "center_px": [[5, 5]]}


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: build("camera/iuv"), RenderError, "charts=load_charts"),
        (lambda: build("camera/geo/photo"), RenderError, "photos="),
        (lambda: build("camera/nothing"), RenderError, "no mode 'nothing'"),
        (lambda: build(), RenderError, "panels: expected a list"),
        (
            lambda: build_sheets(bodies(), "camera/geo", size_px=(9, 9)),
            RenderError,
            "panels: expected a list",
        ),
        (lambda: build("side/geo", size_px=None), ValueError, "size_px: expected width and height"),
        (lambda: build("side/geo", size_px=(0, 5)), ValueError, "size_px: expected width and height"),
        (lambda: build("side/geo", size_px=(100_000, 100_000)), RenderError, "more than a sheet can hold"),
        (lambda: build("camera/geo", fits=make_fits(**FITS)), ValueError, "each of 1 bodies, found 2"),
        (lambda: build("camera/geo", photos=[]), ValueError, "photos: expected one for each of 1"),
        (
            lambda: build("camera/geo", photos=[np.zeros((4, 4), np.uint8)]),
            ValueError,
            r"photos\[0\]: expected \(H, W, 3\) uint8, found \(4, 4\)",
        ),
        (
            lambda: build("camera/geo", cameras=make_cameras(**CAMERA | {"focal_px": [1e7]})),
            ValueError,
            "body 0 reaches more than 131072 pixels",
        ),
        (
            lambda: build_sheets(
                make_bodies([[[np.nan] * 3] * 3], [[0, 1, 2]]), ["side/geo"], size_px=(9, 9)
            ),
            ValueError,
            "body 0 has verts that are not finite",
        ),
        (lambda: make_bodies(SQUARE[0], [[0, 1, 4]]), ValueError, "from 0 to 3, found 0 to 4"),
        (lambda: make_bodies(SQUARE[0], [[0, 1, -1]]), ValueError, "from 0 to 3, found -1 to 1"),
        (lambda: make_bodies(SQUARE[0], [[0.0, 1.0, 2.0]]), ValueError, "whole numbers"),
        (lambda: make_bodies(SQUARE[0][0], SQUARE[1]), ValueError, r"verts: expected shape \(1?.*N, 3\)"),
        (lambda: make_bodies(SQUARE[0], []), ValueError, "faces: expected shape"),
        (
            lambda: make_cameras(**CAMERA | {"focal_px": [0]}),
            ValueError,
            "focal_px: expected lengths above 0",
        ),
        (lambda: make_cameras(**CAMERA | {"rotation": np.eye(3)}), ValueError, "rotation: expected shape"),
        (
            lambda: make_cameras(**CAMERA | {"center_px": [[np.inf, 0]]}),
            ValueError,
            "center_px: expected finite",
        ),
        (
            lambda: make_fits(**FITS | {"cam": np.zeros((2, 3))}),
            ValueError,
            "cam: s: expected numbers above 0",
        ),
        (lambda: make_fits(**FITS | {"betas": np.zeros((3, 10))}), ValueError, "expected shape"),
        (lambda: make_fits(**FITS | {"cam": np.ones(3)}), ValueError, "cam: expected shape"),
        (lambda: make_fits(**FITS | {"bbox_scale": [1e300, 1]}), ValueError, "bbox_scale: expected finite"),
        (lambda: make_fits(**FITS, image_name="ab"), ValueError, "image_name: expected a list of 2 names"),
        (lambda: make_fits(**FITS, image_name=[1, 2]), ValueError, "image_name: expected a list of 2 names"),
        (lambda: build("camera/geo", photos=["a.jpg"]), ValueError, "uint8 pixels, found a str"),
        (lambda: make_cameras(**CAMERA | {"rotation": 3 * np.eye(3)[None]}), ValueError, "scale, skew or"),
        (
            lambda: make_cameras(**CAMERA | {"rotation": -np.eye(3)[None]}),
            ValueError,
            "scale, skew or mirror",
        ),
        (lambda: make_fits(**FITS, image_name=["../a", "b"]), ValueError, "path below the image folder"),
        (lambda: make_fits(**FITS, image_name=["a"]), ValueError, "image_name"),
        (
            lambda: pose_bodies(load_body(device="cpu"), np.eye(3), np.zeros((1, 10))),
            ValueError,
            "pose_rotmat",
        ),
        (
            lambda: rasterize_sheets(build("side/geo"), "opengl"),
            RenderError,
            "expected auto, warp or pytorch3d",
        ),
        (lambda: write_sheets(build("side/geo"), [], "x"), ValueError, "each of 1 sheets, found 0"),
        (
            lambda: write_sheets(build("side/geo"), [np.zeros((3, 3, 3), np.uint8)], "x"),
            ValueError,
            r"000000: expected \(20, 20, 3\) uint8 pixels, found \(3, 3, 3\) uint8",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=says):
        call()
    assert os.listdir(tmp_path) == []


def test_charts_of_another_topology_are_refused(demo_set):
    charts = load_charts(demo_set.charts_file, load_body(device="cpu"))
    with pytest.raises(ValueError, match="charts: expected those of 2 faces and 4 vertices on cpu, found"):
        build("camera/parts", charts=charts)


def test_bodies_are_checked_as_they_are_now():
    """Kernels read where faces say."""
    made = bodies()
    sheets = build_sheets(made, ["camera/geo"], size_px=(20, 20))
    made.faces.add_(10**8)
    assert len(rasterize_sheets(sheets).face) == 18 * 18
    with pytest.raises(ValueError, match="faces: expected vertices, whole numbers from 0 to 3"):
        build_sheets(made, ["camera/geo"], size_px=(20, 20))
    with pytest.raises(ValueError, match="normals that are not finite"):
        build_sheets(
            replace(bodies(), normals=torch.full((1, 4, 3), torch.nan)), ["side/geo"], size_px=(9, 9)
        )


def test_meshes_are_copies():
    verts, faces = torch.tensor(SQUARE[0], dtype=torch.float32), torch.tensor(SQUARE[1], dtype=torch.int32)
    made = make_bodies(verts, faces)
    verts += 5
    faces += 5
    assert made.verts.max() == 1
    assert made.faces.max() == 3


@pytest.mark.parametrize("size_px", [(-30, 48), (0, 48), (1,), (1, 2, 3), (64.5, 48)])
def test_the_size_of_panels_beside_photos_is_checked(size_px):
    photos = [np.zeros((48, 64, 3), np.uint8)]
    with pytest.raises(ValueError, match="size_px: expected width and height"):
        build("camera/geo", "side/geo", photos=photos, size_px=size_px)
    sheets = build("camera/geo", "side/geo", photos=photos, size_px=(30.0, 40.0))
    assert (sheets.sheets[0].width, sheets.sheets[0].height) == (64 + 30, 48)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64", "int8", "int64"])
def test_faces_may_be_any_whole_numbers(dtype):
    assert make_bodies(SQUARE[0], np.array(SQUARE[1], dtype)).faces.tolist() == SQUARE[1]
    with pytest.raises(ValueError, match="faces: expected vertices"):
        make_bodies(SQUARE[0], np.array([[0, 1, 100]], dtype))


def test_numbers_may_be_of_any_kind(demo_body):
    """Lists of tensors, double precision, with gradients, read-only or backwards."""
    pose_rotmat, betas = np.tile(np.eye(3), (2, 24, 1, 1)), np.linspace(0, 1, 20).reshape(2, 10)
    expected = pose_bodies(demo_body, pose_rotmat, betas).verts
    fixed = betas.copy()
    fixed.flags.writeable = False
    for turn, shape in [
        ([torch.tensor(one) for one in pose_rotmat], torch.tensor(betas, requires_grad=True)),
        (pose_rotmat.tolist(), fixed),
        (pose_rotmat[::-1], betas.astype(np.float32)),
    ]:
        np.testing.assert_allclose(pose_bodies(demo_body, turn, shape).verts, expected, rtol=0, atol=1e-6)
    grown = replace(bodies(), verts=torch.tensor(SQUARE[0], dtype=torch.float64, requires_grad=True))
    assert len(rasterize_sheets(build_sheets(grown, ["camera/geo"], size_px=(20, 20))).face)


def test_the_precision_of_new_tensors_does_not_matter(turned, demo_body):
    torch.set_default_dtype(torch.float64)
    try:
        bodies = pose_bodies(load_body(device="cpu"), np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)))
        sheets = build_sheets(bodies, ["camera/geo", "side/normal"], size_px=(40, 60))
        fragments = rasterize_sheets(sheets)
        shade_sheets(sheets, Fragments.from_pytorch3d(fragments.to_pytorch3d(), fragments.face_count))
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("device", [torch.device("cpu"), "cpu"])
def test_devices_may_be_torch_s(device):
    assert load_body(device=device).device.type == "cpu"
    assert make_bodies(torch.tensor(SQUARE[0]), SQUARE[1], device).verts.device.type == "cpu"
    with pytest.raises(RenderError, match="device: expected auto, cpu, cuda or cuda:N, found 'mps'"):
        load_body(device=torch.device("mps"))


@pytest.mark.parametrize(("z", "is_seen"), [(0.5, True), (0.005, True), (-1.0, False)])
def test_an_eye_within_the_scene(z, is_seen):
    """Faces beside the eye are far off the picture; they are left out, and the others are drawn."""
    x, y = np.meshgrid(np.linspace(-3, 3, 31), np.linspace(-3, 3, 31))
    place = np.arange(31 * 31).reshape(31, 31)
    corners = [place[:-1, :-1], place[1:, :-1], place[1:, 1:], place[:-1, 1:]]
    faces = np.concatenate(
        [np.stack([corners[i].ravel() for i in pick], 1) for pick in ([0, 1, 2], [0, 2, 3])]
    )
    floor = make_bodies(
        np.stack([x.ravel(), np.ones(31 * 31), y.ravel() + z + 3 * np.sign(z)], 1)[None], faces
    )
    cameras = make_cameras(np.eye(3)[None], np.zeros((1, 3)), [500], [[160, 120]])
    sheets = build_sheets(floor, ["camera/mask"], size_px=(320, 240), cameras=cameras)
    (picture,) = shade_sheets(sheets, rasterize_sheets(sheets))
    assert picture[-1].any() == is_seen
    assert not picture[:121].any()


@pytest.mark.parametrize(
    "change",
    [
        {"placement": torch.full((1,), torch.nan)},
        {"pixel": torch.tensor([[5, 20]])},
        {"pixel": torch.tensor([[-1, 5]])},
        {"panel": torch.tensor([1])},
        {"placement": torch.tensor([2**31])},
        {"face": torch.tensor([-1])},
    ],
)
def test_fragments_that_lead_out_of_memory_are_refused(change):
    sheets = build("camera/geo")
    fragments = rasterize_sheets(sheets)
    one = {name: getattr(fragments, name)[:1] for name in fragments.SHAPES if name != "size_px"}
    shade_sheets(sheets, replace(fragments, **one))
    with pytest.raises(ValueError, match="fragments"):
        shade_sheets(sheets, replace(fragments, **one | change))


@pytest.mark.parametrize("face_count", [0, -1, 2.5])
def test_a_face_count_that_cannot_be_one_is_refused(face_count):
    with pytest.raises(ValueError, match="face_count: expected the number of faces"):
        Fragments.from_pytorch3d(rasterize_sheets(build("side/geo")).to_pytorch3d(), face_count)


@pytest.mark.parametrize(
    "picture",
    [
        np.ones((20, 20, 3), np.float32),
        np.ones((20, 20, 3), np.uint16),
        np.ones((20, 20), np.uint8),
        np.ones((20, 20, 2), np.uint8),
        torch.ones((20, 20, 3), dtype=torch.uint8),
    ],
)
def test_pictures_that_png_would_change_are_refused(picture, tmp_path):
    with pytest.raises(ValueError, match=r"000000: expected \(20, 20, 3\) uint8 pixels, found"):
        write_sheets(build("side/geo"), [picture], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_sheets_of_one_name_are_refused(turned):
    fits = make_fits(**{name: np.repeat(value[:1], 4, 0) for name, value in FITS.items()})
    assert [sheet.name for sheet in build_sheets(turned, ["camera/geo"], size_px=(9, 9), fits=fits).sheets]
    with pytest.raises(ValueError, match="two of them make the sheet '000001_1'"):
        build_sheets(turned, ["camera/geo"], size_px=(9, 9), fits=fits.take(np.array([0, 1, 1, 2])))


def test_fragments_of_other_sheets_are_refused(turned):
    few, many = (build_sheets(turned, ["side/geo"], size_px=size) for size in ((20, 20), (60, 60)))
    with pytest.raises(ValueError, match=r"expected 4 panels, the first \[\[20, 20\]\], found"):
        shade_sheets(few, rasterize_sheets(many))
    with pytest.raises(ValueError, match="expected placements of 2 faces, found 13776"):
        shade_sheets(build("side/geo"), rasterize_sheets(few))


def test_more_than_a_batch_can_hold_is_refused(turned):
    with pytest.raises(ValueError, match="pass fewer at a time"):
        build_sheets(turned, ["camera/geo"] * 11, size_px=(4096, 4096))
