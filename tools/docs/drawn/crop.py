"""A crop of a small picture of the demo body, with all that the program computes of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from render import build_sheets, load_body, make_cameras, pose_bodies, rasterize_sheets, shade_sheets
from render.demo.people.poses import JOINTS, POSES, turns_to_rotmat
from render.rasterize.buffer import allocate_keys
from render.rasterize.choose import choose_rasterizer
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES
from render.types.buffer import Visibility

POSE, YAW_DEG = "run", 75.0
SIZE_PX = (220, 320)
FOCAL_PX, CENTER_PX, AWAY_M = 520.0, (97.0, 140.0), 3.0
# The elbow: the arm before the back, and a gap between them.
LEFT, TOP, SIDE = 67, 117, 24
UNITS_PER_PX = 4096
_SIGN = 0x7FFFFFFF


@dataclass(frozen=True)
class Crop:
    """What is known of SIDE x SIDE pixels, and of the picture that they are of.

    Attributes:
        verts: (V, 4) of the placement: x, y in pixels, depth, 1/w.
        faces: (F, 3).
        keys: (H, W) int64 of the whole picture.
        face: (H, W) the face in front, -1 where none is.
        depth: (H, W), NaN where none is.
        bary: (H, W, 3), likewise.
        hard: (H, W, 3) uint8, shaded.
        smooth: (H, W, 3) uint8, with smooth edges.
        samples: (16,) faces of each edge pixel by its column and row, -1 where a sample is empty.
    """

    verts: np.ndarray
    faces: np.ndarray
    keys: np.ndarray
    face: np.ndarray
    depth: np.ndarray
    bary: np.ndarray
    hard: np.ndarray
    smooth: np.ndarray
    samples: dict[tuple[int, int], np.ndarray]


def take_crop() -> Crop:
    """Draws the demo body, and keeps what is on the way."""
    turns = np.zeros((len(JOINTS), 3))
    for name, turn in POSES[POSE].turns.items():
        turns[JOINTS.index(name)] = turn
    turns[0, 1] += YAW_DEG
    bodies = pose_bodies(load_body(), turns_to_rotmat(np.radians(turns))[None], np.zeros((1, 10)), up="y")
    cameras = make_cameras(np.eye(3)[None], [[0, 0, AWAY_M]], [FOCAL_PX], [CENTER_PX])
    sheets = build_sheets(bodies, ["camera/clay"], size_px=SIZE_PX, cameras=cameras)
    fragments = rasterize_sheets(sheets)
    (hard,) = shade_sheets(sheets, fragments)
    (smooth,) = shade_sheets(sheets, fragments, edges="smooth")
    (width, height), staged = SIZE_PX, sheets.staged
    (one,) = staged.list_chunks()
    keys = allocate_keys([one.chunk], torch.device("cpu"))
    rasterizer = choose_rasterizer("warp", torch.device("cpu")).make(staged.placements, staged.layout)
    rasterizer.open(False, keys)(one.chunk)
    stride = int(staged.rows.stride[0])
    kept = keys[: stride * height].reshape(height, stride)[:, :width].numpy().copy()
    face = np.full((height, width), -1)
    depth, bary = np.full((height, width), np.nan), np.full((height, width, 3), np.nan)
    x, y = fragments.pixel.numpy().T
    face[y, x], depth[y, x], bary[y, x] = fragments.face, fragments.depth, fragments.bary
    # A mark takes the place of an edge pixel's key, so these come last.
    slots = staged.find_all_edges().open(keys)
    samples = {}
    for part in slots.fill(one.chunk):
        of_slot = slots.samples.reshape(-1, SAMPLES)[: len(part)]
        ids = torch.where(of_slot == Visibility.EMPTY, -1, of_slot & 0xFFFFFFFF).numpy()
        places = slots.places[part.start : part.stop].tolist()
        samples.update({(column, row): ids[i].copy() for i, (row, column) in enumerate(places)})
    verts = staged.placements.verts[0].numpy()
    return Crop(verts, bodies.faces.numpy(), kept, face, depth, bary, hard, smooth, samples)


def place_sample(number: int) -> tuple[float, float]:
    """Where a sample of an edge pixel lies within it, in pixels."""
    return (number + 0.5) / SAMPLES, (ROWS[number] + 0.5) / SAMPLES


def list_covering(crop: Crop, x: int, y: int) -> list[tuple[int, int, float]]:
    """The faces that cover the centre of a pixel by the top-left rule, and the key that each offers.

    A second way to the same, in whole numbers of NumPy.

    Returns:
        Key, face and depth, the nearest first.

    Raises:
        AssertionError: The buffer has another face there.
    """
    grid = np.round(crop.verts[:, :2] * UNITS_PER_PX).astype(np.int64)[crop.faces]
    first, turned = grid[:, 1] - grid[:, 0], grid[:, 2] - grid[:, 0]
    area = first[:, 0] * turned[:, 1] - first[:, 1] * turned[:, 0]
    corners = np.where((area < 0)[:, None, None], grid[:, ::-1], grid)
    point = np.array([x, y]) * UNITS_PER_PX + UNITS_PER_PX // 2
    is_inside = area != 0
    for i in range(3):
        a, b = corners[:, i], corners[:, (i + 1) % 3]
        along, away = b - a, point - a
        cross = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
        is_top_left = (along[:, 1] < 0) | ((along[:, 1] == 0) & (along[:, 0] > 0))
        is_inside &= np.where(is_top_left, cross >= 0, cross > 0)
    found = []
    for face in np.flatnonzero(is_inside):
        a, b, c = crop.verts[crop.faces[face]].astype(np.float64)
        sides = np.stack([b[:2] - a[:2], c[:2] - a[:2]], 1)
        of_b, of_c = np.linalg.solve(sides, np.array([x + 0.5, y + 0.5]) - a[:2])
        # 1/w is linear on the picture, and so is depth over w.
        weights = np.array([1 - of_b - of_c, of_b, of_c]) * [a[3], b[3], c[3]]
        depth = float(weights @ [a[2], b[2], c[2]] / weights.sum())
        found.append((make_key(depth, int(face)), int(face), depth))
    found.sort()
    assert crop.face[y, x] == found[0][1], f"{crop.face[y, x]} is in front at ({x}, {y}), not {found[0][1]}"
    return found


def make_key(depth: float, identity: int) -> int:
    """The key of a depth and of placement * F + face."""
    bits = int(np.float32(depth).view(np.int32))
    return ((bits ^ _SIGN if bits < 0 else bits) << 32) | identity
