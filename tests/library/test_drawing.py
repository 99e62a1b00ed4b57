"""From sheets to fragments and pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render import (
    Fragments,
    build_sheets,
    load_body,
    make_bodies,
    pose_bodies,
    rasterize_sheets,
    shade_sheets,
    write_sheets,
)
from render.sheet import staging as staging_module
from tests.helpers.squares import SQUARE, build


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


def test_the_precision_of_new_tensors_does_not_matter(turned, demo_body):
    torch.set_default_dtype(torch.float64)
    try:
        bodies = pose_bodies(load_body(device="cpu"), np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)))
        sheets = build_sheets(bodies, ["camera/geo", "side/normal"], size_px=(40, 60))
        fragments = rasterize_sheets(sheets)
        shade_sheets(sheets, Fragments.from_pytorch3d(fragments.to_pytorch3d(), fragments.face_count))
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(
    "change",
    [
        {"placement": torch.full((1,), torch.nan)},
        {"pixel": torch.tensor([[5, 20]])},
        {"pixel": torch.tensor([[-1, 5]])},
        {"shot": torch.tensor([1])},
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


def test_fragments_of_other_sheets_are_refused(turned):
    few, many = (build_sheets(turned, ["side/geo"], size_px=size) for size in ((20, 20), (60, 60)))
    with pytest.raises(ValueError, match=r"expected 4 shots, the first \[\[20, 20\]\], found"):
        shade_sheets(few, rasterize_sheets(many))
    with pytest.raises(ValueError, match="expected placements of 2 faces, found 13776"):
        shade_sheets(build("side/geo"), rasterize_sheets(few))
