"""Our pictures against the original renderer's, from the fit file to the sheet."""

import cv2
import numpy as np
import pytest
import torch

from render.body.charts import read_charts
from render.body.fit_bodies import FitBodies
from render.body.models.smpl import open_body
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.photos.decode import read_photo
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from tests.helpers.drawing import draw_sheets
from tests.helpers.golden_body import GOLDEN_EFT, write_golden_body

VIEWS = {"camera": "cam", "side": "side90_20"}
SHOWN = ("geo", "normal", "densepose")


@pytest.fixture(scope="module")
def sheets(tmp_path_factory) -> dict[tuple[int, str, str], np.ndarray]:
    """All pictures: (fit, view, mode) to RGB, all from one batch of sheets with six panels each."""
    body_file = write_golden_body(tmp_path_factory.mktemp("body") / "SMPL.pkl")
    body = open_body(body_file, "smpl", torch.device("cpu"))
    fits, rejected = read_fits("eft", GOLDEN_EFT / "fits.json")
    assert len(fits) == 3
    assert rejected == []
    names = [(view, mode) for view in VIEWS for mode in SHOWN]
    specs = tuple(parse_panel(f"{view}/{mode}") for view, mode in names)
    planned, photos = [], []
    for k in range(3):
        path = GOLDEN_EFT / "images" / fits.image_name[k]
        photos.append(read_photo(path))
        planned.append(lay_out_sheet(f"{k}", path, photos[k].shape[:2], specs, (k,), columns=6))
    charts = read_charts(GOLDEN_EFT / "UV_Processed.mat", body.faces, len(body.v_template))
    drawn = draw_sheets(BatchRenderer(FitBodies((body,)), charts=charts), fits, planned, photos)
    return {
        (k, *names[i]): drawn[k][p.rect.y : p.rect.y + p.rect.h, p.rect.x : p.rect.x + p.rect.w]
        for k in range(3)
        for i, p in enumerate(planned[k].panels)
    }


def background(k: int, view: str, hw: tuple[int, int]) -> np.ndarray:
    if view == "side":
        return np.full((*hw, 3), 255, np.uint8)
    path = next(p for i, p in enumerate(sorted((GOLDEN_EFT / "images").iterdir())) if i == k)
    return read_photo(path)


def reference(k: int, view: str, mode: str) -> np.ndarray:
    return cv2.imread(str(GOLDEN_EFT / f"{mode}_{k}_{VIEWS[view]}.png"), cv2.IMREAD_COLOR_RGB)


@pytest.mark.parametrize("mode", SHOWN)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("k", range(3))
def test_same_picture(sheets, k, view, mode):
    ours, theirs = sheets[k, view, mode], reference(k, view, mode)
    empty = background(k, view, theirs.shape[:2])
    # Grey 255 on white cannot be told from background; normals are never white, so they tell what is covered.
    # Charts leave out two faces and are centred otherwise, so they tell for themselves.
    teller = "normal" if mode == "geo" else mode
    covered = (sheets[k, view, teller] != empty).any(2)
    covered_theirs = (reference(k, view, teller) != empty).any(2)
    assert (covered != covered_theirs).sum() <= 20
    assert covered.sum() > 5000
    close = (np.abs(ours.astype(int) - theirs) <= 2).all(2)
    assert close[covered | covered_theirs].mean() >= 0.999
    np.testing.assert_array_equal(ours[~covered], empty[~covered])
