"""Fragments as keys of the visibility buffer."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.rasterize.buffer_layout import ShotRows
from render.rasterize.fragments import FragmentKeys, read_fragments
from render.rasterize.whole import rasterize_shots
from render.sheet import staging
from render.types.buffer import Visibility
from render.types.fragments import Fragments
from render.types.placements import Placements
from tests.helpers.drawing import make_placements
from tests.helpers.fragments import draw_triangles, equal

SIZES = [(48, 31), (20, 30), (33, 7)]


def split(placements: Placements, bits: int, small: int, large: int) -> list:
    rows = ShotRows(np.array(SIZES), np.full(3, bits), placements.shot.numpy(), len(placements.faces))
    return list(rows.split(range(3), small, large))


@pytest.mark.parametrize(
    ("bits", "small", "large", "count"),
    [
        (0, 10**9, 10**9, 1),
        (0, 1, 10**9, 3),
        (0, 1, 1, 68),
        (1, 10**9, 10**9, 1),
        (1, 1, 3000, 5),
        (2, 1, 1, 68),
    ],
)
def test_keys_of_fragments_are_those_they_came_from(bits, small, large, count):
    """And their fragments the same bits, in any order and in any chunks."""
    placements, layout, visibility = draw_triangles([0, 0, 1, 2], SIZES, bits)
    fragments = read_fragments(placements, layout, visibility)
    shuffled = torch.randperm(len(fragments.face), generator=torch.Generator().manual_seed(0))
    columns = [name for name in Fragments.SHAPES if name != "size_px"]
    mixed = replace(fragments, **{name: getattr(fragments, name)[shuffled] for name in columns})
    nearest, found, ids = FragmentKeys(mixed, placements, layout), [], []
    chunks = split(placements, bits, small, large)
    for chunk in chunks:
        # Buffers are made for the largest chunk of a batch.
        keys = torch.full((len(chunk.samples) + 50,), Visibility.EMPTY)
        nearest.open(bits > 0, keys)(chunk)
        assert (keys[len(chunk.samples) :] == Visibility.EMPTY).all()
        ids.append(keys[: len(chunk.samples)])
        found.append(read_fragments(placements, layout, Visibility(keys, chunk)))
    whole = torch.cat(ids)
    assert torch.equal(whole == Visibility.EMPTY, visibility.keys == Visibility.EMPTY)
    assert torch.equal(whole & 0xFFFFFFFF, visibility.keys & 0xFFFFFFFF)
    equal(
        replace(found[0], **{name: torch.cat([getattr(part, name) for part in found]) for name in columns}),
        fragments,
    )
    assert len(fragments.face) > 1000 * 4**bits
    assert len(chunks) == count


def test_what_was_in_the_buffer_does_not_stay():
    """Fragments may lie beside what shading empties of the chunk before."""
    placements, layout, visibility = draw_triangles([0, 0, 1, 2], SIZES)
    fragments = read_fragments(placements, layout, visibility)
    keys = torch.zeros_like(visibility.keys)
    FragmentKeys(fragments, placements, layout).open(False, keys)(visibility.chunk)
    assert torch.equal(keys == Visibility.EMPTY, visibility.keys == Visibility.EMPTY)
    assert torch.equal(keys & 0xFFFFFFFF, visibility.keys & 0xFFFFFFFF)


def test_fragments_that_carry_gradients_are_drawn():
    placements, layout, visibility = draw_triangles([0], [SIZES[0]])
    fragments = read_fragments(placements, layout, visibility)
    keys = torch.empty_like(visibility.keys)
    leaf = replace(fragments, depth=fragments.depth.requires_grad_())
    FragmentKeys(leaf, placements, layout).open(False, keys)(visibility.chunk)
    assert torch.equal(keys & 0xFFFFFFFF, visibility.keys & 0xFFFFFFFF)


def test_depths_of_either_sign_are_in_order():
    """Orthographic depth has no zero."""
    triangle = np.array([[1, 1], [9, 1], [1, 9]], float)
    verts = np.stack([np.column_stack([triangle, np.full(3, z)]) for z in (2.0, -3.0, -1.0)])
    placements = make_placements(verts, [[0, 1, 2]])
    layout, visibility = rasterize_shots(placements, [(10, 10)])
    one = read_fragments(placements, layout, visibility)
    three = replace(
        one,
        **{
            name: torch.cat([getattr(one, name)] * 3)
            for name in ("pixel", "shot", "face", "bary", "edge_px2")
        },
        placement=torch.arange(3, dtype=torch.int32).repeat_interleave(len(one.face)),
        depth=torch.tensor([2.0, -3.0, -1.0]).repeat_interleave(len(one.face)),
    )
    keys = torch.full_like(visibility.keys, Visibility.EMPTY)
    FragmentKeys(three, placements, layout).open(False, keys)(visibility.chunk)
    assert set((keys[keys != Visibility.EMPTY] & 0xFFFFFFFF).tolist()) == {1}


def changed(fragments: Fragments, name: str, index: tuple, value: int) -> Fragments:
    column = getattr(fragments, name).clone()
    column[index] = value
    return replace(fragments, **{name: column})


@pytest.mark.parametrize("bits", [0, 1])
@pytest.mark.parametrize(
    ("name", "index", "value", "message"),
    [
        ("shot", (5,), -1, "fragment 5 has shot -1"),
        ("shot", (5,), 3, "fragment 5 has shot 3"),
        ("placement", (6,), -1, "fragment 6 has placement -1"),
        ("placement", (6,), 4, "fragment 6 has placement 4"),
        ("face", (7,), -1, "fragment 7 has face -1"),
        ("face", (7,), 25, "fragment 7 has face 25"),
        ("pixel", (8, 0), -1, "fragment 8 has pixel x -1"),
        ("pixel", (8, 0), SIZES[0][0], "fragment 8 has pixel x {}"),
        ("pixel", (8, 1), -1, "fragment 8 has pixel y -1"),
        ("pixel", (8, 1), SIZES[0][1], "fragment 8 has pixel y {}"),
        # The last is on a shot that is narrower and lower than the first.
        ("pixel", (-1, 0), SIZES[2][0], "has pixel x {}"),
        ("pixel", (-1, 1), SIZES[2][1], "has pixel y {}"),
    ],
)
def test_fragments_out_of_range_are_refused(bits, name, index, value, message):
    placements, layout, visibility = draw_triangles([0, 0, 1, 2], SIZES, bits)
    fragments = read_fragments(placements, layout, visibility)
    if "{}" in message:
        value <<= bits
    with pytest.raises(ValueError, match=message.format(value)):
        FragmentKeys(changed(fragments, name, index, value), placements, layout)


def test_fragments_of_other_placements_are_refused():
    placements, layout, visibility = draw_triangles([0, 0, 1, 2], SIZES)
    fragments = read_fragments(placements, layout, visibility)
    with pytest.raises(ValueError, match="expected placements of 25 faces, found 24"):
        FragmentKeys(replace(fragments, face_count=24), placements, layout)
    # Placement 3 is on shot 2.
    with pytest.raises(ValueError, match=r"^fragments: .*placement 3"):
        FragmentKeys(changed(fragments, "placement", (0,), 3), placements, layout)


def test_fragments_of_shots_of_other_sizes_are_refused():
    """Also where all their pixels are in those that are drawn."""
    placements, layout, visibility = draw_triangles([0, 0, 1, 2], SIZES)
    fragments = read_fragments(placements, layout, visibility)
    with pytest.raises(ValueError, match=r"^fragments: "):
        FragmentKeys(changed(fragments, "size_px", (0, 0), 47), placements, layout)
    with pytest.raises(ValueError, match=r"^fragments: "):
        FragmentKeys(replace(fragments, size_px=fragments.size_px[:2]), placements, layout)


def test_fragments_beside_what_is_drawn_do_not_show_elsewhere(monkeypatch):
    """PyTorch3D's blur has fragments beside a body, where a shot is not read. Chunks share a buffer."""
    monkeypatch.setitem(staging.SMALL_CHUNK, "cpu", 1)
    narrow = [[0, 0, 0], [0.2, 0, 0], [0.2, 1, 0], [0, 1, 0]]
    wide = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]]
    bodies = make_bodies([narrow, wide], [[0, 2, 1], [0, 3, 2]])
    sheets = build_sheets(bodies, ["camera/geo/black"], size_px=(20, 20))
    fragments = rasterize_sheets(sheets)
    expected = shade_sheets(sheets, fragments)
    one = {
        "pixel": [[3, 15]],
        "shot": [0],
        "placement": [0],
        "face": [0],
        "bary": [[1.0, 0.0, 0.0]],
        "depth": [-9.0],
        "edge_px2": [-9.0],
    }
    more = {
        name: torch.cat([getattr(fragments, name), torch.tensor(value, dtype=getattr(fragments, name).dtype)])
        for name, value in one.items()
    }
    found = shade_sheets(sheets, replace(fragments, **more))
    np.testing.assert_array_equal(found[1], expected[1])
