"""Short ways to what many tests draw."""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from render.compute.steps import run_steps
from render.compute.transfer import PixelPool
from render.fits.read import read_fits
from render.library.poser import Undrawable
from render.library.renderer import BatchRenderer
from render.photos.decode import read_photo
from render.rasterize.fragments import read_fragments
from render.rasterize.load_pytorch3d import PyTorch3D, load_pytorch3d
from render.rasterize.whole import rasterize_shots
from render.sheet.canvas import count_channels, cut_sheets, paint_backgrounds, sheet_starts
from render.sheet.framing import make_batch
from render.sheet.layout import group_people, lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.fits import Fits
from render.types.fragments import Fragments
from render.types.placements import Placements
from render.types.scenes import Scenes
from render.types.sheets import ORIGINAL, Framing, Sheet
from tests.helpers.golden_body import GOLDEN_EFT

# Settings that draw the three people of tests/golden/eft as bodies of the demo.
GOLDEN_FITS = [
    "dataset=eft",
    f"dataset.fit_file={GOLDEN_EFT}/fits.json",
    f"dataset.image_dir={GOLDEN_EFT}/images",
    "body=demo",
]


def make_placements(
    verts: np.ndarray, faces: np.ndarray, *, shot: list[int] | None = None, cull: bool = False
) -> Placements:
    """Placements of vertices in shot pixels: (D, V, 3) x, y, depth, or (D, V, 4) with 1/w."""
    if verts.shape[2] == 3:
        verts = np.concatenate([verts, np.ones((*verts.shape[:2], 1))], 2)
    count = len(verts)
    drawable = np.where(verts[..., 3:] > 0, verts[..., :2], np.nan)
    low, high = (
        np.column_stack([pick(drawable, 1), pick(verts[..., 2], 1)]) for pick in (np.nanmin, np.nanmax)
    )
    return Placements(
        verts=torch.from_numpy(verts.astype(np.float32)),
        rotation=torch.eye(3).repeat(count, 1, 1),
        body=torch.arange(count, dtype=torch.int32),
        shot=torch.tensor(shot or [0] * count, dtype=torch.int32),
        cull=torch.full((count,), int(cull), dtype=torch.int32),
        low=torch.from_numpy(low.astype(np.float32)),
        high=torch.from_numpy(high.astype(np.float32)),
        faces=torch.from_numpy(np.asarray(faces, np.int32)),
    )


def face_picture(
    placements: Placements, size_hw: tuple[int, int]
) -> tuple[np.ndarray, Fragments, np.ndarray]:
    """One shot: placement * F + face at each pixel (-1 for none), the fragments, and their (P, 2) y, x."""
    height, width = size_hw
    layout, visibility = rasterize_shots(placements, [(width, height)])
    fragments = read_fragments(placements, layout, visibility)
    at = fragments.pixel.numpy()[:, ::-1]
    picture = np.full(size_hw, -1)
    picture[at[:, 0], at[:, 1]] = fragments.placement.numpy() * len(placements.faces) + fragments.face.numpy()
    return picture, fragments, at


def draw_sheets(
    renderer: BatchRenderer,
    fits: Fits,
    sheets: list[Sheet],
    photos: list[np.ndarray | None],
    framing: Framing = ORIGINAL,
    scenes: Scenes | None = None,
    supersample: int = 1,
) -> list[np.ndarray | Undrawable]:
    """The sheets over their photos, in one batch and one thread. photos: RGB, None where none is shown."""
    batch, channels = make_batch(fits, sheets, framing, scenes, supersample), count_channels(sheets)
    with PixelPool(renderer.device).lend(sheet_starts(sheets, channels)[-1]) as pixels:
        corners, sides = batch.crops
        for i, view in enumerate(cut_sheets(pixels.numpy(), sheets, channels)):
            paint_backgrounds(view, sheets[i], photos[i], (corners[i], float(sides[i])))
        lost = run_steps(renderer.draw(batch, pixels, renderer.open_queue()))
        # The buffer is lent: who keeps a sheet keeps a copy.
        return [
            sheet.copy() if gone is None else gone
            for sheet, gone in zip(cut_sheets(pixels.numpy(), sheets, channels), lost, strict=True)
        ]


def plan_demo(
    fit_file: Path, image_dir: Path, people: str, panels: list[str]
) -> tuple[Fits, list[Sheet], list[np.ndarray]]:
    """Sheets of all people of the demo set, over their photos."""
    fits, _ = read_fits("eft", fit_file)
    specs = tuple(parse_panel(text) for text in panels)
    sheets, photos = [], []
    for image in group_people(fits, people):
        for who in image:
            path = image_dir / fits.image_name[who[0]]
            photos.append(read_photo(path))
            hw = photos[-1].shape[:2]
            sheets.append(lay_out_sheet(str(who[0]), path, hw, specs, who, columns=8))
    return fits, sheets, photos


def require_pytorch3d() -> PyTorch3D:
    """Skips the test where PyTorch3D is not installed; REQUIRE_PYTORCH3D=1 makes that a failure."""
    if find_spec("pytorch3d") is None:
        if os.environ.get("REQUIRE_PYTORCH3D") == "1":
            pytest.fail("REQUIRE_PYTORCH3D=1 is set, and PyTorch3D is not installed")
        pytest.skip("PyTorch3D is not installed")
    return load_pytorch3d()
