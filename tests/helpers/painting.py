"""Textures and colours made by formulas, for tests of the modes that show them."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import torch

from render.body.fit_bodies import FitBodies
from render.body.model import BodyModel
from render.body.surface.atlas import make_atlas
from render.fits.join import Joined
from render.library.surface.reference import Reference
from render.shade.mode import MODES
from render.types.bodies import Charts, TextureMap
from render.types.fits import Fits


def make_texels(height: int, width: int) -> np.ndarray:
    """(H, W, 3) uint8: red grows to the right, green downwards, and blue is chequered."""
    y, x = np.mgrid[:height, :width]
    blue = 60 + 150 * ((x // 8 + y // 8) % 2)
    return np.stack([255 * x // max(width - 1, 1), 255 * y // max(height - 1, 1), blue], 2).astype(np.uint8)


def make_texture(charts: Charts, faces: torch.Tensor) -> TextureMap:
    """Of a body with charts, in the squares of DensePose's atlas."""
    texels = torch.from_numpy(make_texels(120, 80)).to(faces.device)
    return TextureMap(make_atlas(charts, faces), texels)


def make_colors(verts: np.ndarray) -> np.ndarray:
    """(V, 3) uint8 for vertices (V, 3): each axis in a colour of its own."""
    low, high = verts.min(0), verts.max(0)
    return np.rint(255 * (verts - low) / np.maximum(high - low, 1e-9)).astype(np.uint8)


def make_values(verts: np.ndarray) -> np.ndarray:
    """(V,) float32 for vertices (V, 3): from -10 at the lowest x to 110 at the highest."""
    x = verts[:, 0]
    return (120 * (x - x.min()) / max(np.ptp(x), 1e-9) - 10).astype(np.float32)


def compare_with_next(fits: Fits, body: BodyModel, modes: Iterable[str]) -> Reference | None:
    """Each person beside whoever has the next row; None where no mode shows errors, as in a run."""
    if not any(MODES.load(mode).needs_values for mode in modes):
        return None
    partner = {int(row): (i + 1) % len(fits) for i, row in enumerate(fits.row)}
    return Reference(fits, FitBodies((body,)), Joined(partner, {}), "root")


def save_texture(path: Path, height: int = 120, width: int = 80) -> Path:
    """Writes `make_texels` as a picture."""
    assert cv2.imwrite(str(path), make_texels(height, width)[:, :, ::-1])
    return path


def save_uv_obj(path: Path, verts: np.ndarray, faces: np.ndarray, uv: np.ndarray) -> Path:
    """Writes an OBJ with a vt for each corner of each face; uv: (F, 3, 2)."""
    lines = [f"v {x} {y} {z}" for x, y, z in verts.tolist()]
    lines += [f"vt {u!r} {v!r}" for u, v in uv.reshape(-1, 2).tolist()]
    corners = np.arange(3 * len(faces)).reshape(-1, 3)
    for of_verts, of_uv in zip((faces + 1).tolist(), (corners + 1).tolist(), strict=True):
        lines.append("f " + " ".join(f"{a}/{b}" for a, b in zip(of_verts, of_uv, strict=True)))
    path.write_text("\n".join(lines) + "\n")
    return path


def sample_bilinear(texels: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """(P, 3) colours 0 to 1 at (P, 2) uv, by the definition: each texel's tent, and the border goes on.

    Slow and obvious: all texels of the row and column count by how far off their middles are.
    """
    height, width = texels.shape[:2]
    x = np.clip(uv[:, 0] * width, 0.5, width - 0.5)
    y = np.clip((1 - uv[:, 1]) * height, 0.5, height - 0.5)
    across = np.maximum(1 - np.abs(x[:, None] - (np.arange(width) + 0.5)), 0)
    down = np.maximum(1 - np.abs(y[:, None] - (np.arange(height) + 0.5)), 0)
    rows = (down @ (texels / 255.0).reshape(height, -1)).reshape(-1, width, 3)
    return (rows * across[:, :, None]).sum(1)
