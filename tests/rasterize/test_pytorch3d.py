"""PyTorch3D as a rasterizer: the picture that our own draws.

Most tests draw twice, with a stand-in for PyTorch3D and with PyTorch3D itself. The latter is skipped where
that is not installed; REQUIRE_PYTORCH3D=1 makes that a failure.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from render.rasterize.backends import pytorch3d, warp
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.whole import rasterize_shots
from render.types.buffer import Chunk, Visibility
from render.types.placements import Placements
from tests.helpers.compare_rasterizers import (
    CPU,
    ZOO_SIZES,
    assert_alike,
    decode,
    draw_both,
    draw_in_chunks,
    make_zoo,
    scaled,
    soup,
    soup_placements,
    visible_ids,
)
from tests.helpers.drawing import GOLDEN_FITS, make_placements
from tests.helpers.golden_pytorch3d import CASES, FOLDER, draw_perspective
from tests.helpers.runs import run, sheets_below

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("bits", [0, 1, 2])
def test_placements_of_all_kinds_in_one_batch(watched, bits):
    covered = draw_both(make_zoo(bits), ZOO_SIZES, bits)
    # Of 7605 pixels.
    assert covered > 4000 * 4**bits


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cull", [0, 1])
@pytest.mark.parametrize("is_perspective", [False, True])
def test_triangles(watched, seed, cull, is_perspective):
    placements = soup_placements([soup(seed, (40, 30), 60, is_perspective)], [0], [cull])
    assert draw_both(placements, [(40, 30)]) > 500


def test_a_body_that_fills_one_bin_loses_no_face(watched, bodies):
    """PyTorch3D's bins hold 10,000 faces if not told otherwise, and a square has 16 x 16 of them on CUDA."""
    verts, faces = bodies
    placements = make_placements(scaled(verts[:1], 14, (16, 16)), faces)
    assert draw_both(placements, [(32, 32)]) > 20
    (call,) = watched.calls
    assert call.most_faces == len(faces) > 10_000
    assert call.settings.max_faces_per_bin >= len(faces)


@pytest.mark.parametrize("bits", [0, 1])
def test_a_body_40_px_tall(watched, bodies, bits):
    verts, faces = bodies
    verts = scaled(verts[1:2], 40, (28.3, 30.7))
    verts[..., :2] *= 2**bits
    assert draw_both(make_placements(verts, faces), [(64, 64)], bits) > 150 * 4**bits


@pytest.mark.parametrize("center_px", [(-20, 30), (70, 110), (50, -40)])
def test_a_body_partly_outside(watched, bodies, center_px):
    verts, faces = bodies
    placements = make_placements(scaled(verts[2:3], 180, center_px), faces, cull=True)
    assert 100 < draw_both(placements, [(100, 90)]) < 100 * 90


def test_two_bodies_that_overlap(watched, bodies):
    """The nearer is in front at each pixel, and both are seen."""
    verts, faces = bodies
    both = np.concatenate([scaled(verts[3:4], 90, (45, 50)), scaled(verts[4:5], 90, (55, 50))])
    placements = make_placements(both, faces)
    draw_both(placements, [(100, 100)])
    seen = np.bincount(visible_ids(placements, (100, 100)) // len(faces), minlength=2)
    alone = [len(visible_ids(make_placements(both[i : i + 1], faces), (100, 100))) for i in range(2)]
    assert (seen > 100).all()
    assert seen.sum() < sum(alone)


def test_shots_of_different_sizes(watched, bodies):
    verts, faces = bodies
    sizes, heights = [(40, 33), (101, 90), (12, 64), (64, 17)], [30, 85, 60, 50]
    places = [(w / 2, h / 2) for w, h in sizes]
    drawn = np.stack([scaled(verts[i], heights[i], places[i]) for i in range(4)])
    assert draw_both(make_placements(drawn, faces, shot=[0, 1, 2, 3], cull=True), sizes) > 1000


@pytest.mark.parametrize("side", [5, 8, 256])
def test_the_size_of_squares_does_not_show(watched, zoo, monkeypatch, side):
    """256 is what they have on CUDA."""
    monkeypatch.setitem(pytorch3d.SQUARE, "cpu", side)
    assert draw_both(zoo, ZOO_SIZES) > 4000


@pytest.mark.parametrize("is_perspective", [False, True])
def test_faces_far_larger_than_their_shot(watched, is_perspective):
    """A fan around a point of the shot: nothing is left between its faces."""
    angle, radius = np.linspace(0.1, 0.1 + 2 * np.pi, 40, endpoint=False), 3000
    rim = np.column_stack(
        [75.3 + radius * np.cos(angle), 50.2 + radius * np.sin(angle), np.linspace(2, 3, 40)]
    )
    verts = np.vstack([[75.3, 50.2, 2.5], rim])
    verts = np.column_stack([verts, 1 / verts[:, 2] if is_perspective else np.ones(41)])
    faces = [[0, 1 + i, 1 + (i + 1) % 40] for i in range(40)]
    assert draw_both(make_placements(verts[None], faces), [(150, 100)]) == 150 * 100


@pytest.mark.parametrize("name", CASES)
def test_the_fragments_of_pytorch3d_itself(watched, name):
    """Those in tests/golden/pytorch3d, which it drew without squares, bins or limits."""
    z = np.load(FOLDER / f"{name}.npz")
    height, width = (int(n) for n in z["size_hw"])
    placements = make_placements(z["verts"], z["faces"])
    if z["focal_px"] > 0:
        placements = draw_perspective(z["verts"], z["faces"], float(z["focal_px"]), (height, width))
    _, visibility = rasterize_shots(placements, [(width, height)], 0, pytorch3d.Rasterizer)
    is_on, _, ids = decode(visibility.keys)
    picture = np.where(is_on, ids, -1).reshape(height, -1)[:, :width]
    # Its epsilon decides in 3 of the 229 pixels of tiny_body: see test_golden_pytorch3d.py.
    least = 0.986 if name == "tiny_body" else 0.999
    assert ((picture == z["face"])[z["face"] >= 0]).mean() >= least
    assert ((picture >= 0) != (z["face"] >= 0)).sum() <= 2


def test_vertices_that_cannot_be_drawn_never_reach_pytorch3d(watched, zoo):
    """Not finite, behind the near plane, or so far off that nothing is exact there."""
    draw_both(zoo, ZOO_SIZES)
    for call in watched.calls:
        given = torch.cat(call.verts)
        assert given.isfinite().all()
        assert (given[:, 2] > 0).all()


def test_a_face_with_a_vertex_behind_the_near_plane_is_dropped_whole(watched):
    verts = np.array([[[1, 1, 3, 1 / 3], [30, 1, 3, 1 / 3], [1, 30, 3, 1 / 3], [30, 30, 3, 0]]])
    placements = make_placements(verts, [[0, 1, 2], [1, 3, 2]])
    assert draw_both(placements, [(31, 31)]) > 300
    assert set(visible_ids(placements, (31, 31))) == {0}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e9])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_faces_that_cannot_be_placed_are_dropped_whole(stand_in, bad, axis):
    """Depth alone may be large."""
    verts = np.array([[[1, 1, 3], [30, 1, 3], [1, 30.3, 3], [30, 30, 3]]], float)
    verts[0, 3, axis] = bad
    placements = make_placements(verts, [[0, 1, 2], [1, 3, 2]])
    draw_both(placements, [(31, 31)])
    assert set(visible_ids(placements, (31, 31))) == ({0, 1} if axis == 2 and bad == 1e9 else {0})


def test_what_lies_outside_its_shot_is_not_drawn(stand_in):
    triangle = np.array([[[50, 50, 1], [60, 50, 1], [50, 60, 1]]], float)
    for place in ([0, 0, 0], [-100, 0, 0], [0, -100, 0], [0, 1000, 0]):
        assert len(visible_ids(make_placements(triangle + place, [[0, 1, 2]]), (10, 10))) == 0
    assert stand_in.calls == []


def test_nothing_to_draw(stand_in):
    """Shots without placements beside one with, in one chunk and in their own; and a batch without any."""
    triangle = np.array([[[1, 1, 1], [9, 1, 1], [1, 9, 1]]], float)
    placements, sizes = make_placements(triangle, [[0, 1, 2]], shot=[1]), [(10, 10), (10, 10), (3, 3)]
    assert draw_both(placements, sizes) > 20
    layout, keys, chunks = draw_in_chunks(placements, sizes, 0, 1, 1)
    assert_alike(placements, layout, rasterize_shots(placements, sizes)[1].keys, keys)
    assert sum(not chunk.placements for chunk in chunks) == 10 + 3
    stand_in.calls.clear()
    none = {name: getattr(placements, name)[:0] for name in Placements.SHAPES if name != "faces"}
    assert len(visible_ids(replace(placements, **none), (10, 10))) == 0
    assert stand_in.calls == []


def test_equal_depths_go_to_the_lower_id(watched):
    triangle = np.array([[[1, 1, 3], [30, 1, 3], [1, 30, 3]]], float)
    placements = make_placements(triangle.repeat(3, 0), [[0, 1, 2]])
    assert set(visible_ids(placements, (31, 31))) == {0}


def test_negative_depths_are_in_order(watched):
    """Orthographic depth has no zero; PyTorch3D drops what is behind it."""
    triangle = np.array([[1, 1], [30, 1], [1, 30]], float)
    verts = np.stack([np.column_stack([triangle, np.full(3, z)]) for z in (2.0, -3e3, -1.0)])
    _, visibility = rasterize_shots(make_placements(verts, [[0, 1, 2]]), [(31, 31)], 0, pytorch3d.Rasterizer)
    is_on, depth, ids = decode(visibility.keys)
    assert set(ids[is_on]) == {1}
    assert set(depth[is_on]) == {-3e3}


def test_other_placements_in_the_buffer_stay_where_they_are_nearer(stand_in, zoo):
    """Half of the placements by our rasterizer, the others over them by PyTorch3D."""
    rows = ShotRows(np.array(ZOO_SIZES), np.zeros(6, int), zoo.shot.numpy(), len(zoo.faces))
    layout, everything = lay_out(zoo, rows), int(rows.start[-1])
    (chunk,) = rows.split(range(6), everything, everything)
    keys = allocate_visibility(chunk, CPU).keys
    for half, make in enumerate([warp.Rasterizer, pytorch3d.Rasterizer]):
        is_own = (zoo.body % 2 == half)[:, None, None]
        make(replace(zoo, verts=torch.where(is_own, zoo.verts, torch.nan)), layout).open(False, keys)(chunk)
    assert_alike(zoo, layout, rasterize_shots(zoo, ZOO_SIZES)[1].keys, keys)


def test_no_more_than_the_chunk_of_a_longer_buffer_is_touched(stand_in, zoo):
    """Buffers are made for the largest chunk of a batch."""
    rows = ShotRows(np.array(ZOO_SIZES), np.zeros(6, int), zoo.shot.numpy(), len(zoo.faces))
    rasterizer = pytorch3d.Rasterizer(zoo, lay_out(zoo, rows))
    for chunk in rows.split(range(6), 1, 1000):
        keys = torch.full((len(chunk.samples) + 5000,), Visibility.EMPTY)
        rasterizer.open(False, keys)(chunk)
        assert (keys[len(chunk.samples) :] == Visibility.EMPTY).all()


@pytest.mark.parametrize(
    ("bits", "small", "large", "count"),
    [(0, 1, 1, 168), (0, 1, 700, 16), (1, 1, 4000, 12), (1, 4000, 10**9, 6), (0, 10**9, 10**9, 1)],
)
def test_chunks_together_are_the_whole(watched, bits, small, large, count):
    """Between shots or between the rows of one. Squares begin elsewhere then, and rounding may differ."""
    placements = make_zoo(bits)
    _, ours = rasterize_shots(placements, ZOO_SIZES, bits)
    layout, theirs, chunks = draw_in_chunks(placements, ZOO_SIZES, bits, small, large)
    assert assert_alike(placements, layout, ours.keys, theirs) > 4000 * 4**bits
    assert len(chunks) == count


def test_threads_take_chunks_of_one_rasterizer(stand_in, bodies):
    """Also when memory runs out under several at once."""
    verts, faces = bodies
    drawn = np.stack([scaled(verts[i], 90, (50, 50)) for i in range(4)])
    placements, sizes = make_placements(drawn, faces, shot=[0, 1, 2, 3], cull=True), [(100, 100)] * 4
    rows = ShotRows(np.array(sizes), np.zeros(4, int), placements.shot.numpy(), len(faces))
    layout, (_, ours) = lay_out(placements, rows), rasterize_shots(placements, sizes)
    rasterizer, together = pytorch3d.Rasterizer(placements, layout), threading.Barrier(4)
    stand_in.room = 2

    def draw(chunk: Chunk) -> torch.Tensor:
        part = allocate_visibility(chunk, CPU)
        together.wait()
        rasterizer.open(False, part.keys)(chunk)
        return part.keys

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(draw, rows.split(range(4), 1, 10**9)))
    assert_alike(placements, layout, ours.keys, torch.cat(parts))
    # How often depends on who comes when.
    assert stand_in.refused


def test_a_run_draws_the_same_pictures(watched, tmp_path):
    """From files to files, with threads, and samples in those shots that have them."""
    for name in ("warp", "pytorch3d"):
        report = run(
            *GOLDEN_FITS,
            f"rasterizer={name}",
            "panels=[camera/geo, side/mask]",
            "output=png",
            "supersample=2",
            "samples=0:2",
            "size=240x240",
            "threads=2",
            "batch=1",
            f"output.dir={tmp_path}/{name}",
        )
        assert report.failed == []
        assert report.rendered == 2
    ours, theirs = (sheets_below(tmp_path / name) for name in ("warp", "pytorch3d"))
    assert ours.keys() == theirs.keys()
    assert watched.calls
    for name, data in ours.items():
        a, b = (cv2.imdecode(np.frombuffer(x, np.uint8), cv2.IMREAD_COLOR) for x in (data, theirs[name]))
        assert (a == b).all(2).mean() >= 0.999
