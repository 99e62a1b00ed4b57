"""Round bodies in the studio's light, and a mode that shows what of the light reaches them."""

from collections.abc import Sequence

import numpy as np
import pytest

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.shade.mode import MODES

LIT = "lit"


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
