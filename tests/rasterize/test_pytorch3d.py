"""PyTorch3D as a rasterizer: the picture that our own draws, however its batches are split.

Most tests draw twice, with a stand-in for PyTorch3D and with PyTorch3D itself. The latter is skipped where
that is not installed; REQUIRE_PYTORCH3D=1 makes that a failure.
"""

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from test_golden_pytorch3d import CASES, FOLDER, draw_perspective
from test_rasterize import random_bodies
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from render.rasterize.backends import pytorch3d, warp
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import PanelRows, lay_out
from render.rasterize.load_pytorch3d import PyTorch3D
from render.rasterize.whole import rasterize_panels
from render.types.buffer import Chunk, Layout, Visibility
from render.types.placements import Placements
from tests.helpers.drawing import GOLDEN_FITS, make_placements, require_pytorch3d
from tests.helpers.runs import run, sheets_below
from tests.helpers.slow_pytorch3d import STAND_IN, Call, Watched

CPU = torch.device("cpu")
# Ours snaps vertices to 1/4096 px, which moves an edge by 1/5793 px at most. PyTorch3D rounds to 6e-8 of its
# normalised device coordinates, 2e-6 px in a square of 32, times as much as a face is larger than that.
EDGE_PX = 1 / 2048


def watch(library: PyTorch3D, monkeypatch) -> Watched:
    watched = Watched(library)
    monkeypatch.setattr(pytorch3d, "load_pytorch3d", lambda: watched.library)
    return watched


@pytest.fixture(params=["stand-in", "library"])
def watched(request, monkeypatch) -> Watched:
    return watch(STAND_IN if request.param == "stand-in" else require_pytorch3d(), monkeypatch)


@pytest.fixture
def stand_in(monkeypatch) -> Watched:
    return watch(STAND_IN, monkeypatch)


# --- How two visibility buffers are compared ---


def decode(keys: torch.Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether there is something at each sample, its depth and its id."""
    keys = keys.numpy()
    order = keys >> 32
    bits = np.where(order < 0, order ^ 0x7FFFFFFF, order).astype(np.int32)
    return keys != Visibility.EMPTY, bits.view(np.float32), keys & 0xFFFFFFFF


def locate(layout: Layout, index: int) -> tuple[int, int, int]:
    """Panel, x and y, in samples, of a place in the buffer; the samples of a pixel lie side by side."""
    panel = int(np.searchsorted(layout.start.numpy(), index, side="right")) - 1
    row, within = divmod(index - int(layout.start[panel]), int(layout.stride[panel]))
    bits = int(layout.sample_bits[panel])
    column, sample = divmod(within, 4**bits)
    y, x = divmod(sample, 2**bits)
    return panel, (column << bits) + x, (row << bits) + y


def edge_distance_px(placements: Placements, panel: int, x: int, y: int) -> float:
    """How far the centre of a sample is from the nearest edge of any face of its panel."""
    verts = placements.verts[placements.panel == panel].double().numpy()
    corners = verts[:, placements.faces.numpy()].reshape(-1, 3, 4)
    corners = corners[(corners[:, :, 3] > 0).all(1), :, :2]
    start, end = corners, np.roll(corners, -1, 1)
    along, to_point = end - start, np.array([x + 0.5, y + 0.5]) - start
    share = np.clip((along * to_point).sum(2) / np.maximum((along**2).sum(2), 1e-12), 0, 1)
    return float(np.linalg.norm(to_point - share[..., None] * along, axis=2).min())


def assert_alike(placements: Placements, layout: Layout, ours: torch.Tensor, theirs: torch.Tensor) -> int:
    """Ours and theirs show the same face at each sample, and the same depth; returns how many are covered.

    They may differ where the centre of a sample lies on an edge, which ours gives to one face and PyTorch3D
    to none, or to either by rounding; and where two faces are equally far.
    """
    (ours_on, our_depth, our_id), (theirs_on, their_depth, their_id) = decode(ours), decode(theirs)
    same = ours_on & theirs_on & (our_id == their_id)
    z = placements.verts[:, placements.faces.long(), 2].reshape(-1, 3).numpy()[our_id[same]]
    # Barycentric coordinates of slivers are off by 1e-3: see test_golden_pytorch3d.py.
    slack = 1e-3 * np.ptp(z, 1) + 1e-6 * np.abs(z).max(1)
    assert (np.abs(our_depth - their_depth)[same] <= slack).all()
    differing = np.flatnonzero((ours_on | theirs_on) & ~same)
    for i in differing:
        if edge_distance_px(placements, *locate(layout, int(i))) > EDGE_PX:
            assert ours_on[i]
            assert theirs_on[i]
            # Of faces that touch there: what rounding makes of one depth.
            assert abs(our_depth[i] - their_depth[i]) <= 1e-5 * abs(our_depth[i])
    # Of coverage the acceptance of the backend. Where faces are a third of a pixel wide there are 13 px of
    # edges in each pixel, and snapping decides in 0.5 % of it.
    assert (ours_on != theirs_on).sum() <= max(1, 0.001 * ours_on.sum())
    assert len(differing) <= max(2, 0.005 * ours_on.sum())
    return int(ours_on.sum())


def draw_both(placements: Placements, sizes: list[tuple[int, int]], bits: int = 0) -> int:
    """Draws with our rasterizer and with PyTorch3D, and compares; returns how many samples are covered."""
    layout, ours = rasterize_panels(placements, sizes, bits)
    _, theirs = rasterize_panels(placements, sizes, bits, pytorch3d.Rasterizer)
    return assert_alike(placements, layout, ours.keys, theirs.keys)


def visible_ids(placements: Placements, size: tuple[int, int]) -> np.ndarray:
    """What PyTorch3D draws at the covered samples of one panel: draw * F + face."""
    _, visibility = rasterize_panels(placements, [size], 0, pytorch3d.Rasterizer)
    is_on, _, ids = decode(visibility.keys)
    return ids[is_on]


def draw_in_chunks(
    placements: Placements, sizes: list[tuple[int, int]], bits: int, small: int, large: int
) -> tuple[Layout, torch.Tensor, list[Chunk]]:
    """With PyTorch3D: where the panels lie, the keys of all chunks, and the chunks."""
    rows = PanelRows(
        np.array(sizes), np.full(len(sizes), bits), placements.panel.numpy(), len(placements.faces)
    )
    layout = lay_out(placements, rows)
    rasterizer, parts = pytorch3d.Rasterizer(placements, layout), []
    chunks = list(rows.split(range(len(sizes)), small, large))
    for chunk in chunks:
        part = allocate_visibility(chunk, CPU)
        rasterizer.open(bits > 0, part.keys)(chunk)
        parts.append(part.keys)
    return layout, torch.cat(parts), chunks


# --- What is drawn ---


def soup(
    seed: int, size: tuple[int, int], count: int = 30, is_perspective: bool = False, behind: float = 0.0
) -> np.ndarray:
    """Triangles of all sizes in and around a picture, (3 count, 4) as in `Draws`.

    behind: the share of vertices behind the near plane.
    """
    rng = np.random.default_rng(seed)
    width, height = size
    center = rng.uniform([-5, -5, 30], [width + 5, height + 5, 90], (count, 1, 3))
    verts = (center + rng.normal(size=(count, 3, 3)) * rng.choice([1, 4, 20], (count, 1, 1))).reshape(-1, 3)
    inv_w = np.ones(len(verts))
    if is_perspective:
        # Metres, with faces that are near at one end and far at the other.
        verts[:, 2] = rng.uniform(0.5, 6, len(verts))
        inv_w = 1 / verts[:, 2]
    inv_w[rng.random(len(verts)) < behind] = 0
    return np.column_stack([verts, inv_w])


def soup_draws(soups: list[np.ndarray], panel: list[int], cull: list[int], bits: int = 0) -> Placements:
    verts = np.stack(soups)
    verts[..., :2] *= 2**bits
    faces = np.arange(verts.shape[1]).reshape(-1, 3)
    return replace(make_placements(verts, faces, panel=panel), cull=torch.tensor(cull, dtype=torch.int32))


ZOO_SIZES = [(40, 30), (75, 40), (7, 5), (50, 33), (20, 20), (33, 40)]


def make_zoo(bits: int = 0) -> Placements:
    """Draws of all kinds on panels of all sizes; panel 4 has none."""
    soups = [
        soup(0, ZOO_SIZES[0]),
        soup(1, ZOO_SIZES[0]),
        soup(2, ZOO_SIZES[1], is_perspective=True, behind=0.1),
        soup(3, ZOO_SIZES[1], is_perspective=True),
        # Off its panel.
        soup(4, ZOO_SIZES[2]) + np.array([500, 0, 0, 0]),
        soup(5, ZOO_SIZES[2]),
        soup(6, ZOO_SIZES[3]),
        soup(7, ZOO_SIZES[3]),
        soup(8, ZOO_SIZES[5], is_perspective=True),
        soup(9, ZOO_SIZES[5]),
    ]
    for i, (axis, value) in enumerate(
        [(0, np.nan), (1, np.inf), (0, 1e9), (2, np.nan), (2, -np.inf), (1, -2e5)]
    ):
        soups[6][9 * i, axis] = value
    placements = soup_draws(
        soups,
        panel=[0, 0, 1, 1, 2, 2, 3, 3, 5, 5],
        cull=[0, 1, 0, 1, 0, 0, 1, 0, 0, 1],
        bits=bits,
    )
    # Behind the eye as a whole; as `project` has it where no vertex can be drawn.
    placements.verts[8, :, 3] = 0
    placements.low[8], placements.high[8] = torch.inf, -torch.inf
    return placements


@pytest.fixture(scope="module")
def zoo() -> Placements:
    return make_zoo()


@pytest.fixture(scope="module")
def bodies(demo_body) -> tuple[np.ndarray, np.ndarray]:
    """Eight bodies in random poses, 180 px tall around (100, 100)."""
    return random_bodies(demo_body, 8)


def scaled(verts: np.ndarray, height_px: float, center_px: tuple[float, float]) -> np.ndarray:
    return (verts - [100, 100, 100]) * height_px / 180 + [*center_px, 100]


# --- The same picture ---


@pytest.mark.parametrize("bits", [0, 1, 2])
def test_draws_of_all_kinds_in_one_batch(watched, bits):
    covered = draw_both(make_zoo(bits), ZOO_SIZES, bits)
    # Of 7605 pixels.
    assert covered > 4000 * 4**bits


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cull", [0, 1])
@pytest.mark.parametrize("is_perspective", [False, True])
def test_triangles(watched, seed, cull, is_perspective):
    placements = soup_draws([soup(seed, (40, 30), 60, is_perspective)], [0], [cull])
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


def test_panels_of_different_sizes(watched, bodies):
    verts, faces = bodies
    sizes, heights = [(40, 33), (101, 90), (12, 64), (64, 17)], [30, 85, 60, 50]
    places = [(w / 2, h / 2) for w, h in sizes]
    drawn = np.stack([scaled(verts[i], heights[i], places[i]) for i in range(4)])
    assert draw_both(make_placements(drawn, faces, panel=[0, 1, 2, 3], cull=True), sizes) > 1000


@pytest.mark.parametrize("side", [5, 8, 256])
def test_the_size_of_squares_does_not_show(watched, zoo, monkeypatch, side):
    """256 is what they have on CUDA."""
    monkeypatch.setitem(pytorch3d.SQUARE, "cpu", side)
    assert draw_both(zoo, ZOO_SIZES) > 4000


@pytest.mark.parametrize("is_perspective", [False, True])
def test_faces_far_larger_than_their_panel(watched, is_perspective):
    """A fan around a point of the panel: nothing is left between its faces."""
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
    _, visibility = rasterize_panels(placements, [(width, height)], 0, pytorch3d.Rasterizer)
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


def test_what_lies_outside_its_panel_is_not_drawn(stand_in):
    triangle = np.array([[[50, 50, 1], [60, 50, 1], [50, 60, 1]]], float)
    for place in ([0, 0, 0], [-100, 0, 0], [0, -100, 0], [0, 1000, 0]):
        assert len(visible_ids(make_placements(triangle + place, [[0, 1, 2]]), (10, 10))) == 0
    assert stand_in.calls == []


def test_nothing_to_draw(stand_in):
    """Panels without draws beside one with, in one chunk and in their own; and a batch without draws."""
    triangle = np.array([[[1, 1, 1], [9, 1, 1], [1, 9, 1]]], float)
    placements, sizes = make_placements(triangle, [[0, 1, 2]], panel=[1]), [(10, 10), (10, 10), (3, 3)]
    assert draw_both(placements, sizes) > 20
    layout, keys, chunks = draw_in_chunks(placements, sizes, 0, 1, 1)
    assert_alike(placements, layout, rasterize_panels(placements, sizes)[1].keys, keys)
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
    _, visibility = rasterize_panels(make_placements(verts, [[0, 1, 2]]), [(31, 31)], 0, pytorch3d.Rasterizer)
    is_on, depth, ids = decode(visibility.keys)
    assert set(ids[is_on]) == {1}
    assert set(depth[is_on]) == {-3e3}


def test_other_draws_in_the_buffer_stay_where_they_are_nearer(stand_in, zoo):
    """Half of the draws by our rasterizer, the others over them by PyTorch3D."""
    rows = PanelRows(np.array(ZOO_SIZES), np.zeros(6, int), zoo.panel.numpy(), len(zoo.faces))
    layout, everything = lay_out(zoo, rows), int(rows.start[-1])
    (chunk,) = rows.split(range(6), everything, everything)
    keys = allocate_visibility(chunk, CPU).keys
    for half, make in enumerate([warp.Rasterizer, pytorch3d.Rasterizer]):
        is_own = (zoo.body % 2 == half)[:, None, None]
        make(replace(zoo, verts=torch.where(is_own, zoo.verts, torch.nan)), layout).open(False, keys)(chunk)
    assert_alike(zoo, layout, rasterize_panels(zoo, ZOO_SIZES)[1].keys, keys)


def test_no_more_than_the_chunk_of_a_longer_buffer_is_touched(stand_in, zoo):
    """Buffers are made for the largest chunk of a batch."""
    rows = PanelRows(np.array(ZOO_SIZES), np.zeros(6, int), zoo.panel.numpy(), len(zoo.faces))
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
    """Between panels or between the rows of one. Squares begin elsewhere then, and rounding may differ."""
    placements = make_zoo(bits)
    _, ours = rasterize_panels(placements, ZOO_SIZES, bits)
    layout, theirs, chunks = draw_in_chunks(placements, ZOO_SIZES, bits, small, large)
    assert assert_alike(placements, layout, ours.keys, theirs) > 4000 * 4**bits
    assert len(chunks) == count


def test_threads_take_chunks_of_one_rasterizer(stand_in, bodies):
    """Also when memory runs out under several at once."""
    verts, faces = bodies
    drawn = np.stack([scaled(verts[i], 90, (50, 50)) for i in range(4)])
    placements, sizes = make_placements(drawn, faces, panel=[0, 1, 2, 3], cull=True), [(100, 100)] * 4
    rows = PanelRows(np.array(sizes), np.zeros(4, int), placements.panel.numpy(), len(faces))
    layout, (_, ours) = lay_out(placements, rows), rasterize_panels(placements, sizes)
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
    assert len(stand_in.refused) >= 4


# --- Limits ---


@pytest.fixture
def undivided(watched, zoo) -> torch.Tensor:
    """The keys of the zoo without any limit that matters."""
    _, visibility = rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert len(watched.calls) == 4, "one for each kind of draw"
    watched.calls.clear()
    return visibility.keys


PIXELS = 32 * 32
# What PyTorch3D makes of each pixel: a face, a depth, three coordinates and a distance. The coordinates are
# the largest of these tensors.
PIXEL_NUMBERS, PIXEL_BYTES = 3, 8 + 4 + 12 + 4
# Of each face, if no vertices are shared: corners.
FACE_NUMBERS = 9
# Those of all meshes of a batch are padded to as many as the largest has: corners, and the indices of three.
# While a camera projects them there are also the corners as it sees them, ones, the four coordinates that
# these make, what a matrix makes of them, and that divided.
PADDED_FACE_BYTES = 3 * (12 + 8 + 12 + 4 + 16 + 16 + 12)


@pytest.mark.parametrize("most", [1, 3])
def test_most_squares(watched, zoo, undivided, monkeypatch, most):
    monkeypatch.setitem(pytorch3d.MOST_SQUARES, "cpu", most)
    _, visibility = rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) == most


@pytest.mark.parametrize("squares", [1, 4])
def test_no_more_pixels_than_pytorch3d_can_count(watched, zoo, undivided, monkeypatch, squares):
    """A limit of so many squares, and almost one more."""
    most = (squares + 1) * PIXELS * PIXEL_NUMBERS - 1
    monkeypatch.setattr(pytorch3d, "MOST_INDICES", most)
    _, visibility = rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) == squares
    assert all(len(call.faces) * PIXELS * PIXEL_NUMBERS <= most for call in watched.calls)


def test_no_more_faces_than_pytorch3d_can_count(watched, bodies, monkeypatch):
    """Of bodies 100 px tall, with some hundred faces in each square."""
    verts, faces = bodies
    drawn = np.stack([scaled(verts[i], 100, (60, 60)) for i in range(2)])
    most = 3000 * FACE_NUMBERS
    monkeypatch.setattr(pytorch3d, "MOST_INDICES", most)
    assert draw_both(make_placements(drawn, faces, panel=[0, 1]), [(120, 120)] * 2) > 2000
    counts = [[len(own) for own in call.faces] for call in watched.calls]
    assert all(sum(own) * FACE_NUMBERS <= most or len(own) == 1 for own in counts)
    # Half of what there is room for: the limit is neared.
    assert max(sum(own) for own in counts if len(own) > 1) > 1500


def least_bytes(call: Call) -> int:
    return len(call.faces) * (PIXELS * PIXEL_BYTES + call.most_faces * PADDED_FACE_BYTES)


def test_no_more_bytes_than_there_may_be(watched, zoo, undivided, monkeypatch):
    most = 6 * PIXELS * PIXEL_BYTES
    monkeypatch.setattr(pytorch3d, "MOST_BYTES", most)
    _, visibility = rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) > 1
    assert all(least_bytes(call) <= most or len(call.faces) == 1 for call in watched.calls)


class HeldBytes(TorchDispatchMode):
    """How many bytes the tensors hold at most that are made meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._held: dict[int, int] = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self._held:
                    self._held[storage._cdata] = storage.nbytes()
                    weakref.finalize(storage, self._held.pop, storage._cdata)
                    self.most = max(self.most, sum(self._held.values()))
        return result


@pytest.mark.parametrize("tall_px", [14, 250])
def test_bytes_that_are_held_at_once(watched, bodies, monkeypatch, tall_px):
    """Beside a body of many squares another such, or one with all its faces in one square."""
    verts, faces = bodies
    drawn = np.stack([scaled(verts[0], tall_px, (128, 128)), scaled(verts[1], 250, (128, 128))])
    placements, most = make_placements(drawn, faces, panel=[0, 1]), 1 << 24
    monkeypatch.setattr(pytorch3d, "MOST_BYTES", most)
    with HeldBytes() as held:
        _, visibility = rasterize_panels(placements, [(256, 256)] * 2, 0, pytorch3d.Rasterizer)
    assert len(watched.calls) > 1
    assert all(least_bytes(call) <= most or len(call.faces) == 1 for call in watched.calls)
    # The visibility buffer is counted elsewhere.
    assert held.most - visibility.keys.nbytes <= most


@pytest.mark.parametrize("room", [1, 2, 5])
def test_memory_that_runs_out_halves_the_batch(watched, zoo, undivided, room):
    watched.room = room
    _, visibility = rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert torch.equal(visibility.keys, undivided)
    assert max(len(call.faces) for call in watched.calls) <= room
    # Each is half of the one before, and what was learnt is kept for the rest of the batch.
    tries = watched.refused
    assert tries
    assert all(later <= before // 2 for before, later in pairwise(tries))


@pytest.mark.parametrize("squares", [4, 1])
def test_what_limits_left_of_a_batch_is_halved(stand_in, zoo, monkeypatch, squares):
    """What did not fit is not tried again as it was, and one square alone not at all."""
    monkeypatch.setattr(pytorch3d, "MOST_INDICES", squares * PIXELS * PIXEL_NUMBERS)
    stand_in.room = squares // 2
    if squares == 1:
        with pytest.raises(torch.OutOfMemoryError):
            draw_both(zoo, ZOO_SIZES)
    else:
        assert draw_both(zoo, ZOO_SIZES) > 4000
    assert stand_in.refused == [squares]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_a_square_that_does_not_fit_alone_raises(stand_in, zoo, monkeypatch, error):
    tries = []

    def rasterize(meshes):
        tries.append(len(meshes.faces_list()))
        raise error

    monkeypatch.setattr(
        pytorch3d, "load_pytorch3d", lambda: STAND_IN._replace(MeshRasterizer=lambda *_: rasterize)
    )
    with pytest.raises(type(error)) as raised:
        rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert raised.value is error
    assert tries[-1] == 1
    assert tries == sorted(set(tries), reverse=True)


def test_other_errors_are_not_tried_again(stand_in, zoo, monkeypatch):
    tries = []

    def rasterize(meshes):
        tries.append(meshes)
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(
        pytorch3d, "load_pytorch3d", lambda: STAND_IN._replace(MeshRasterizer=lambda *_: rasterize)
    )
    with pytest.raises(RuntimeError, match="illegal memory access"):
        rasterize_panels(zoo, ZOO_SIZES, 0, pytorch3d.Rasterizer)
    assert len(tries) == 1


def test_what_pytorch3d_is_told(watched, zoo):
    """One face a pixel, nothing blurred, and bins that hold all faces of each mesh."""
    draw_both(zoo, ZOO_SIZES)
    assert {call.settings.cull_backfaces for call in watched.calls} == {True, False}
    for call in watched.calls:
        assert call.settings.max_faces_per_bin >= call.most_faces
        assert (call.settings.blur_radius, call.settings.faces_per_pixel) == (0.0, 1)
        # Its own choice: bins on CUDA, none on the CPU.
        assert call.settings.bin_size is None


def test_a_mesh_that_is_too_large_for_bins_is_drawn_without(watched, bodies, monkeypatch):
    """On CUDA each of 256 bins has room for all faces of the largest mesh, four bytes each."""
    verts, faces = bodies
    placements = make_placements(scaled(verts[:1], 20, (16, 16)), faces)
    monkeypatch.setattr(pytorch3d, "MOST_BYTES", 256 * len(faces) * 4 - 1)
    assert draw_both(placements, [(32, 32)]) > 50
    assert {call.settings.bin_size for call in watched.calls} == {0}


# --- Whole runs, and the demo ---


def test_a_run_draws_the_same_pictures(watched, tmp_path):
    """From files to files, with threads, and samples in those panels that have them."""
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
