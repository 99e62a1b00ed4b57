"""Round bodies in the studio's light, and a mode that shows what of the light reaches them."""

from collections.abc import Sequence

import numpy as np
import pytest

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.shade.mode import MODES

LIT = "lit"


def make_sphere(rows: int, columns: int, radius: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) around 0, and faces (F, 3) that show their outside."""
    down = np.pi * np.arange(1, rows)[:, None] / rows
    around = 2 * np.pi * np.arange(columns) / columns
    rings = np.stack(
        [np.sin(down) * np.cos(around), -np.cos(down) + 0 * around, np.sin(down) * np.sin(around)], 2
    )
    verts = np.concatenate([[[0, -1, 0]], rings.reshape(-1, 3), [[0, 1, 0]]])
    i, j = np.meshgrid(np.arange(rows - 2), np.arange(columns), indexing="ij")
    a, b = 1 + i * columns + j, 1 + i * columns + (j + 1) % columns
    quads = np.stack([a, b, a + columns, b, b + columns, a + columns], -1).reshape(-1, 3)
    j, last = np.arange(columns), len(verts) - 1
    k = (j + 1) % columns
    first_of_last = 1 + (rows - 2) * columns
    caps = [
        np.stack([0 * j, k + 1, j + 1], 1),
        np.stack([first_of_last + j, first_of_last + k, 0 * j + last], 1),
    ]
    faces = np.concatenate([caps[0], quads, caps[1]])
    a, b, c = verts[faces].transpose(1, 0, 2)
    is_inside = (np.cross(b - a, c - a) * (a + b + c)).sum(1) < 0
    faces[is_inside] = faces[is_inside][:, ::-1]
    return (radius * verts).astype(np.float32), faces.astype(np.int32)


@pytest.fixture
def lit_mode(monkeypatch) -> str:
    """The name of the mode that shows the light itself."""
    monkeypatch.setitem(MODES._ours, LIT, "tests.helpers.lit_mode")
    return LIT


def show_light(
    verts: np.ndarray,
    faces: np.ndarray,
    *,
    rays: int,
    panels: Sequence[str] = ("camera/lit/black",),
    size_px: tuple[int, int] = (64, 64),
    edges: str = "hard",
    **build,
) -> list[np.ndarray]:
    """The light on bodies (M, V, 3) as pictures; `lit_mode` must be there."""
    sheets = build_sheets(make_bodies(verts, faces), list(panels), size_px=size_px, **build)
    return shade_sheets(sheets, rasterize_sheets(sheets), rays=rays, edges=edges)
