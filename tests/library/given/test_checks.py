"""What does not fit is refused, before anything is written."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from render import (
    RenderError,
    build_sheets,
    load_body,
    load_charts,
    make_bodies,
    make_cameras,
    make_fits,
    pose_bodies,
    rasterize_sheets,
    shade_sheets,
    write_sheets,
)
from tests.helpers.squares import SQUARE, build, make_square

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
            lambda: build_sheets(make_square(), "camera/geo", size_px=(9, 9)),
            RenderError,
            "panels: expected a list",
        ),
        (lambda: build("side/geo", size_px=None), ValueError, "size_px: expected width and height"),
        (lambda: build("side/geo", size_px=(0, 5)), ValueError, "size_px: expected width and height"),
        (lambda: build("side/geo", size_px="big"), ValueError, "size_px: expected width and height"),
        (lambda: build("camera/geo", size_px="auto"), ValueError, "size_px: .* size of a photo.* photos="),
        (lambda: build("side/geo", gap=-1), ValueError, "gap: expected 0 to 1000 pixels, found -1"),
        (lambda: build("side/geo", gap=2.5), ValueError, "gap: expected 0 to 1000 pixels, found 2.5"),
        (lambda: build("side/geo", paper=3), TypeError, "paper: expected the name of a colour, found 3"),
        (lambda: build("camera/mask", paper="grey"), RenderError, "paper: mask holds labels"),
        (lambda: build("side/geo", outside="photo"), RenderError, "outside: expected a colour"),
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
            "verts: expected finite numbers",
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
    made = make_square()
    sheets = build_sheets(made, ["camera/geo"], size_px=(20, 20))
    made.faces.add_(10**8)
    assert len(rasterize_sheets(sheets).face) == 18 * 18
    with pytest.raises(ValueError, match="faces: expected vertices, whole numbers from 0 to 3"):
        build_sheets(made, ["camera/geo"], size_px=(20, 20))
    with pytest.raises(ValueError, match="normals that are not finite"):
        build_sheets(
            replace(make_square(), normals=torch.full((1, 4, 3), torch.nan)), ["side/geo"], size_px=(9, 9)
        )


@pytest.mark.parametrize("size_px", [(-30, 48), (0, 48), (1,), (1, 2, 3), (64.5, 48)])
def test_the_size_of_panels_beside_photos_is_checked(size_px):
    photos = [np.zeros((48, 64, 3), np.uint8)]
    with pytest.raises(ValueError, match="size_px: expected width and height"):
        build("camera/geo", "side/geo", photos=photos, size_px=size_px)
    sheets = build("camera/geo", "side/geo", photos=photos, size_px=(30.0, 40.0))
    assert (sheets.sheets[0].width, sheets.sheets[0].height) == (64 + 30, 48)


def test_sheets_of_one_name_are_refused(turned):
    fits = make_fits(**{name: np.repeat(value[:1], 4, 0) for name, value in FITS.items()})
    assert [sheet.name for sheet in build_sheets(turned, ["camera/geo"], size_px=(9, 9), fits=fits).sheets]
    with pytest.raises(ValueError, match="two of them make the sheet '000001_1'"):
        build_sheets(turned, ["camera/geo"], size_px=(9, 9), fits=fits.take(np.array([0, 1, 1, 2])))


def test_more_than_a_batch_can_hold_is_refused(turned):
    with pytest.raises(ValueError, match="pass fewer at a time"):
        build_sheets(turned, ["camera/geo"] * 11, size_px=(4096, 4096))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"people": "apart"}, "people: expected alone or together, found 'apart'"),
        ({"people": "together"}, "who is together is known by the photos that fits name; pass fits="),
        ({"supersample": 3}, "supersample: expected 1, 2 or 4, found 3"),
        ({"supersample": 0}, "supersample: expected 1, 2 or 4, found 0"),
        ({"columns": 0}, "columns: expected a number of them, found 0"),
        ({"columns": 1.5}, "columns: expected a number of them, found 1.5"),
        ({"frames": 0}, "frames: expected a number of them, found 0"),
    ],
)
def test_sheets_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        build("side/geo", **settings)


@pytest.mark.parametrize("opacity", [0, -0.5, 1.01, float("nan")])
def test_opacities_out_of_range_are_refused(opacity):
    sheets = build("side/geo")
    with pytest.raises(ValueError, match="opacity: expected above 0 and up to 1, found"):
        shade_sheets(sheets, rasterize_sheets(sheets), opacity=opacity)


def test_annotations_need_fits_and_the_body_that_they_are_of(demo_body):
    sheets = build("side/geo")
    fragments = rasterize_sheets(sheets)
    for body in (None, demo_body):
        with pytest.raises(ValueError, match="annotations are of fits and of a body model; pass body="):
            shade_sheets(sheets, fragments, annotate=["bbox"], body=body)
    with pytest.raises(RenderError, match="no annotation 'bocks'"):
        shade_sheets(sheets, fragments, annotate=["bocks"])


@pytest.mark.parametrize(
    ("panel", "settings", "options", "error", "says"),
    [
        ("side/geo", {}, {"output": "tif"}, RenderError, "output: no .* 'tif'"),
        ("side/geo", {}, {"speed": 2}, ValueError, "speed: png takes .*, found 2"),
        (
            "side/geo",
            {},
            {"output": "jpg", "quality": 101},
            ValueError,
            "quality: jpg takes quality from",
        ),
        ("side/geo", {}, {"output": "jpg", "quality": "high"}, ValueError, "quality: .* found 'high'"),
        ("side/geo", {}, {"output": "jpg", "quality": True}, ValueError, "quality: .* found True"),
        ("side/geo/transparent", {}, {"output": "jpg"}, ValueError, "jpg has no transparency"),
        ("orbit/geo", {"frames": 3}, {}, ValueError, "png holds one frame of 3"),
        ("side/geo", {}, {"output": "exr"}, ValueError, "exr holds no pictures; use png, jpg"),
    ],
)
def test_files_that_cannot_hold_the_pictures_are_refused(tmp_path, panel, settings, options, error, says):
    sheets = build(panel, **settings)
    pictures = shade_sheets(sheets, rasterize_sheets(sheets))
    with pytest.raises(error, match=says):
        write_sheets(sheets, pictures, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_bodies_without_vertices_are_refused():
    made = make_square()
    none = replace(made, verts=made.verts[:0], normals=made.normals[:0], joints=made.joints[:0])
    with pytest.raises(ValueError, match="bodies: expected some with vertices and faces"):
        build_sheets(none, ["side/geo"], size_px=(9, 9))


def test_bodies_on_two_devices_are_refused():
    torn = replace(make_square(), normals=torch.empty(1, 4, 3, device="meta"))
    with pytest.raises(ValueError, match="expected all arrays on one device, found cpu, meta"):
        build_sheets(torn, ["side/geo"], size_px=(9, 9))
