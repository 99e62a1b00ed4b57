"""The demo set by both rasterizers, panel by panel; `pytest -s` shows how far they differ.

Skipped where PyTorch3D is not installed; REQUIRE_PYTORCH3D=1 makes that a failure.
"""

from typing import NamedTuple

import numpy as np
import pytest

from render.body.charts import read_charts
from render.body.fit_bodies import FitBodies
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.rasterize.backends import pytorch3d, warp
from render.shade.mode import MODES
from tests.helpers.drawing import draw_sheets, plan_demo, require_pytorch3d

# In these modes colours stand for something.
LABELS = ("iuv", "mask")
SHOWN = ("geo", "normal", *LABELS)


class Panels(NamedTuple):
    """The same panels by both rasterizers, RGBA, and the mode of each."""

    modes: list[str]
    ours: list[np.ndarray]
    theirs: list[np.ndarray]


def draw_demo(request, people: str, modes: tuple[str, ...]) -> Panels:
    # Made only for those who have PyTorch3D.
    demo_set, demo_body = (request.getfixturevalue(name) for name in ("demo_set", "demo_body"))
    # But for labels on nothing, so that alpha is coverage.
    panels = [
        f"{view}/{mode}" + ("" if MODES.load(mode).is_label else "/transparent")
        for view in ("camera", "side")
        for mode in modes
    ]
    fits, sheets, photos = plan_demo(demo_set.fit_file, demo_set.image_dir, people, panels)
    charts = read_charts(demo_set.charts_file, demo_body.faces, len(demo_body.v_template))
    drawn = []
    for rasterizer in (warp.Rasterizer, pytorch3d.Rasterizer):
        renderer = BatchRenderer(FitBodies((demo_body,)), Style(opacity=1.0), charts, rasterizer=rasterizer)
        pictures = draw_sheets(renderer, fits, sheets, photos)
        drawn.append(
            [
                picture[p.rect.y : p.rect.y + p.rect.h, p.rect.x : p.rect.x + p.rect.w]
                for picture, sheet in zip(pictures, sheets, strict=True)
                for p in sheet.panels
            ]
        )
    return Panels([p.mode for sheet in sheets for p in sheet.panels], *drawn)


def coverage(mode: str, panel: np.ndarray) -> np.ndarray:
    """Labels are 0 on the background only."""
    return panel[..., :3].any(2) if MODES.load(mode).is_label else panel[..., 3] > 0


@pytest.fixture(scope="module")
def demo_panels(request) -> Panels:
    require_pytorch3d()
    return draw_demo(request, "alone", SHOWN)


def assert_panels_alike(panels: Panels, mode: str) -> None:
    """The acceptance of the backend, of each panel: 99.9 % of what is covered."""
    figures, kind = [], "label" if mode in LABELS else "colour"
    for name, ours, theirs in zip(*panels, strict=True):
        if name == mode:
            our_cover, their_cover = coverage(mode, ours), coverage(mode, theirs)
            both = our_cover & their_cover
            # A label is right or wrong.
            off = np.abs(ours[..., :3].astype(int) - theirs[..., :3]).max(2) > (0 if mode in LABELS else 2)
            figures.append(
                [our_cover.sum(), (our_cover != their_cover).sum(), both.sum(), (off & both).sum()]
            )
    covered, cover_differs, common, wrong = np.array(figures).T
    print(
        f"\n{mode}: {len(figures)} panels, {covered.sum()} pixels covered, {cover_differs.sum()} differ in "
        f"coverage, {wrong.sum()} in {kind}; in the worst panel {(cover_differs / covered).max():.4%} and "
        f"{(wrong / common).max():.4%}"
    )
    assert (covered > 1000).all()
    assert (cover_differs <= 0.001 * covered).all()
    assert (wrong <= 0.001 * common).all()


# The first of them waits for some 170 panels, half a second each.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", SHOWN)
def test_demo_panels_are_the_same(demo_panels, mode):
    assert_panels_alike(demo_panels, mode)


def test_people_hide_each_other_alike(request):
    """All people of a photo on one panel: whose pixel it is tells who is in front."""
    require_pytorch3d()
    panels = draw_demo(request, "together", ("mask",))
    assert max(len(np.unique(panel[..., :3])) for panel in panels.ours) > 2
    assert_panels_alike(panels, "mask")
