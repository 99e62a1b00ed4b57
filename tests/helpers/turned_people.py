"""People in many poses, drawn as silhouettes on small panels of views around them."""

import numpy as np
import torch

from render.body.fit_bodies import FitBodies
from render.fits.build import assemble, make_poses
from render.fits.cameras import weak_perspective
from render.library.renderer import BatchRenderer
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.fits import Fits
from render.types.sheets import Framing
from tests.helpers.drawing import draw_sheets

UPRIGHT = Framing(up="body", fit="bodies")


def make_people(rotmat: np.ndarray, betas: np.ndarray) -> Fits:
    """Fits of a photo each, of whose scale nothing here depends."""
    count = len(rotmat)
    poses = make_poses("smpl", np.asarray(rotmat, np.float32), np.asarray(betas, np.float32))
    cameras = weak_perspective(np.full(count, 150.0), np.full((count, 2), 200.0))
    return assemble("eft", [f"{i}.png" for i in range(count)], poses, cameras)


def draw_silhouettes(
    demo_body, fits: Fits, panels: list[str], hw: tuple[int, int], framing: Framing = UPRIGHT, frames: int = 1
) -> np.ndarray:
    """(people, frames, panels, height, width) whether a pixel shows the person; panels VIEW or VIEW:ortho."""
    specs = tuple(parse_panel(f"{panel}/silhouette/white") for panel in panels)
    sheets = [
        lay_out_sheet(str(i), None, hw, specs, (i,), columns=99, frames=frames) for i in range(len(fits))
    ]
    found = draw_sheets(BatchRenderer(FitBodies((demo_body,))), fits, sheets, [None] * len(sheets), framing)
    pixels = torch.from_numpy(np.stack(found))[..., 0].numpy() < 128
    return pixels.reshape(len(fits), frames, hw[0], len(panels), hw[1]).transpose(0, 1, 3, 2, 4)
