"""What is to be seen in a viewer, opened as the command opens it, and what a browser shows of it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from render.viewer.source import Source, open_source
from render.viewer.stages.lens import Lens
from tests.helpers.runs import configure, run

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Of bodies whose silhouettes are measured.
PLAIN_RGB = (255, 0, 0)
# Software WebGL, on a machine that does other things too.
LONGEST_S = 120.0
# The library tells of software WebGL in a box over the scene.
_HIDDEN = ".mantine-Notifications-root { display: none }"


@contextmanager
def opened(*words: str) -> Iterator[Source]:
    """The source of a viewer with these settings."""
    with open_source(configure(*words), shares_stage=True) as source:
        yield source


def project(lens: Lens, points_m: np.ndarray) -> np.ndarray:
    """(K, 2) px of points before a lens, as OpenCV has them."""
    (x, y), still = lens.princpt_px, np.zeros(3)
    matrix = np.array([[lens.focal_px, 0, x], [0, lens.focal_px, y], [0, 0, 1]])
    return cv2.projectPoints(points_m.astype(np.float64), still, still, matrix, None)[0][:, 0]


def draw_mask(folder: Path, *words: str) -> np.ndarray:
    """Where the renderer has bodies on the one sheet of these settings, (H, W) bool."""
    run(*words, f"output.dir={folder}", "output=png", "panels=[camera/mask/black]", "edges=hard")
    (path,) = folder.rglob("*.png")
    return cv2.imread(str(path)).any(2)


def see_mask(page: Page) -> np.ndarray:
    """Where a page has plain bodies in its scene, (H, W) bool, once that no longer changes."""
    return see(page, until=_has_bodies)[..., 1] < 128


def see(page: Page, until=lambda _: True) -> np.ndarray:
    """The scene of a page, (H, W, 3) uint8, once it is as is asked for and no longer changes."""
    page.add_style_tag(content=_HIDDEN)
    canvas = page.locator("canvas[data-engine]")
    canvas.wait_for(timeout=1000 * LONGEST_S)
    box = canvas.bounding_box()
    end_s, before = time.monotonic() + LONGEST_S, None
    while time.monotonic() < end_s:
        shown = page.screenshot(clip=box, timeout=1000 * LONGEST_S)
        if shown == before and until(found := np.asarray(Image.open(io.BytesIO(shown)).convert("RGB"))):
            return found
        before = shown
        page.wait_for_timeout(300)
    raise AssertionError("the page does not come to rest")


def _has_bodies(picture: np.ndarray) -> bool:
    return bool((picture[..., 1] < 128).any())


def find_iou(mask: np.ndarray, other: np.ndarray) -> float:
    """How far two masks agree."""
    return float((mask & other).sum() / (mask | other).sum())
