"""How pictures of PyTorch3D are compared with our own, and placements of all kinds to draw."""

from dataclasses import replace

import numpy as np
import torch

from render.rasterize.backends import pytorch3d
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.whole import rasterize_shots
from render.types.buffer import Chunk, Layout, Visibility
from render.types.placements import Placements
from tests.helpers.drawing import make_placements

CPU = torch.device("cpu")


# Ours snaps vertices to 1/4096 px, which moves an edge by 1/5793 px at most. PyTorch3D rounds to 6e-8 of its
# normalised device coordinates, 2e-6 px in a square of 32, times as much as a face is larger than that.
EDGE_PX = 1 / 2048


def decode(keys: torch.Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether there is something at each sample, its depth and its id."""
    keys = keys.numpy()
    order = keys >> 32
    bits = np.where(order < 0, order ^ 0x7FFFFFFF, order).astype(np.int32)
    return keys != Visibility.EMPTY, bits.view(np.float32), keys & 0xFFFFFFFF


def locate(layout: Layout, index: int) -> tuple[int, int, int]:
    """Panel, x and y, in samples, of a place in the buffer; the samples of a pixel lie side by side."""
    shot = int(np.searchsorted(layout.start.numpy(), index, side="right")) - 1
    row, within = divmod(index - int(layout.start[shot]), int(layout.stride[shot]))
    bits = int(layout.sample_bits[shot])
    column, sample = divmod(within, 4**bits)
    y, x = divmod(sample, 2**bits)
    return shot, (column << bits) + x, (row << bits) + y


def edge_distance_px(placements: Placements, shot: int, x: int, y: int) -> float:
    """How far the centre of a sample is from the nearest edge of any face of its shot."""
    verts = placements.verts[placements.shot == shot].double().numpy()
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
    layout, ours = rasterize_shots(placements, sizes, bits)
    _, theirs = rasterize_shots(placements, sizes, bits, pytorch3d.Rasterizer)
    return assert_alike(placements, layout, ours.keys, theirs.keys)


def visible_ids(placements: Placements, size: tuple[int, int]) -> np.ndarray:
    """What PyTorch3D draws at the covered samples of one shot: placement * F + face."""
    _, visibility = rasterize_shots(placements, [size], 0, pytorch3d.Rasterizer)
    is_on, _, ids = decode(visibility.keys)
    return ids[is_on]


def draw_in_chunks(
    placements: Placements, sizes: list[tuple[int, int]], bits: int, small: int, large: int
) -> tuple[Layout, torch.Tensor, list[Chunk]]:
    """With PyTorch3D: where the shots lie, the keys of all chunks, and the chunks."""
    rows = ShotRows(
        np.array(sizes), np.full(len(sizes), bits), placements.shot.numpy(), len(placements.faces)
    )
    layout = lay_out(placements, rows)
    rasterizer, parts = pytorch3d.Rasterizer(placements, layout), []
    chunks = list(rows.split(range(len(sizes)), small, large))
    for chunk in chunks:
        part = allocate_visibility(chunk, CPU)
        rasterizer.open(bits > 0, part.keys)(chunk)
        parts.append(part.keys)
    return layout, torch.cat(parts), chunks


def soup(
    seed: int, size: tuple[int, int], count: int = 30, is_perspective: bool = False, behind: float = 0.0
) -> np.ndarray:
    """Triangles of all sizes in and around a picture, (3 count, 4) as in `Placements`.

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


def soup_placements(soups: list[np.ndarray], shot: list[int], cull: list[int], bits: int = 0) -> Placements:
    verts = np.stack(soups)
    verts[..., :2] *= 2**bits
    faces = np.arange(verts.shape[1]).reshape(-1, 3)
    return replace(make_placements(verts, faces, shot=shot), cull=torch.tensor(cull, dtype=torch.int32))


ZOO_SIZES = [(40, 30), (75, 40), (7, 5), (50, 33), (20, 20), (33, 40)]


def make_zoo(bits: int = 0) -> Placements:
    """Placements of all kinds on shots of all sizes; shot 4 has none."""
    soups = [
        soup(0, ZOO_SIZES[0]),
        soup(1, ZOO_SIZES[0]),
        soup(2, ZOO_SIZES[1], is_perspective=True, behind=0.1),
        soup(3, ZOO_SIZES[1], is_perspective=True),
        # Off its shot.
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
    placements = soup_placements(
        soups,
        shot=[0, 0, 1, 1, 2, 2, 3, 3, 5, 5],
        cull=[0, 1, 0, 1, 0, 0, 1, 0, 0, 1],
        bits=bits,
    )
    # Behind the eye as a whole; as `project` has it where no vertex can be drawn.
    placements.verts[8, :, 3] = 0
    placements.low[8], placements.high[8] = torch.inf, -torch.inf
    return placements


def scaled(verts: np.ndarray, height_px: float, center_px: tuple[float, float]) -> np.ndarray:
    return (verts - [100, 100, 100]) * height_px / 180 + [*center_px, 100]
