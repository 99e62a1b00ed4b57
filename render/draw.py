"""One batch of sheets, from fits and photos to pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby, pairwise

import numpy as np
import torch

from render.body.extent import measure_extents
from render.body.smpl import SmplBody
from render.camera import place_in_photo
from render.compose import compose_backgrounds, cut_sheets
from render.project import project
from render.rasterize.edges import GUARD_PX
from render.rasterize.layout import allocate_visibility
from render.rasterize.warp import rasterize
from render.shade.resolve import resolve
from render.types import Bodies, Cameras, Canvas, Draws, FitTable, Panel, Sheet, Visibility
from render.views import VIEWS, Shot

RunAll = Callable[[Iterable[Callable[[], None]]], None]


class BatchRenderer:
    """Draws batches of sheets with one body model on one device.

    run_all: runs functions side by side and returns when all are done; slots: how many of them are worth
    making. On CUDA one launch serves all panels.
    """

    def __init__(self, body: SmplBody, run_all: RunAll, slots: int) -> None:
        self._body = body
        self._device = body.device
        self._run_all = run_all
        self._slots = 1 if body.device.type == "cuda" else slots

    def draw(
        self, fits: FitTable, sheets: list[Sheet], photos: list[np.ndarray | None]
    ) -> list[np.ndarray | None]:
        """The sheets as (H, W, 3) uint8 RGB, None for one with a body too far off for the rasterizer.

        photos: as `compose_backgrounds` takes them. The same inputs give the same bytes in any batch and
        with any number of slots.
        """
        # Panels of one mode side by side, so that a mode is one launch.
        panels = sorted(
            ((i, panel) for i, sheet in enumerate(sheets) for panel in sheet.panels), key=lambda p: p[1].mode
        )
        canvas = compose_backgrounds(sheets, photos, panels, self._device)
        bodies, draws = self._pose_and_project(fits, sheets, panels)
        visibility = allocate_visibility(draws, canvas.panel_rect)
        modes = [panel.mode for _, panel in panels]
        self._run_all(
            lambda part=part: _draw_panels(modes, bodies, draws, visibility, canvas, part)
            for part in _split_evenly(visibility.start, self._slots)
        )
        off = (draws.bounds_px.isfinite() & (draws.bounds_px.abs() <= GUARD_PX)).all(1).logical_not()
        lost = {panels[k][0] for k in draws.panel[off].tolist()}
        return [None if i in lost else pixels for i, pixels in enumerate(cut_sheets(canvas, sheets))]

    def _pose_and_project(
        self, fits: FitTable, sheets: list[Sheet], panels: list[tuple[int, Panel]]
    ) -> tuple[Bodies, Draws]:
        first_body = np.cumsum([0] + [len(sheet.fits) for sheet in sheets])
        people = fits.take(np.array([fit for sheet in sheets for fit in sheet.fits]))
        bodies = self._body.pose(torch.from_numpy(people.pose_rotmat), torch.from_numpy(people.betas))
        body = [range(first_body[i], first_body[i + 1]) for i, _ in panels]
        panel_of_draw = [k for k, row in enumerate(body) for _ in row]
        body_of_draw = torch.tensor([m for row in body for m in row], device=self._device)
        rects = [[p.rect.x, p.rect.y, p.rect.w, p.rect.h] for _, p in panels]
        scale_px, origin_px = place_in_photo(people)
        center_m, extent_m = measure_extents(bodies.verts)
        shot = Shot(
            scale_px=torch.from_numpy(scale_px).to(self._device)[body_of_draw],
            origin_px=torch.from_numpy(origin_px).to(self._device)[body_of_draw],
            center_m=center_m[body_of_draw],
            extent_m=extent_m[body_of_draw],
            rect=torch.tensor([rects[k] for k in panel_of_draw], dtype=torch.float64, device=self._device),
        )
        cameras = _frame_views([panels[k][1].view for k in panel_of_draw], shot)
        panel_index = torch.tensor(panel_of_draw, dtype=torch.int32, device=self._device)
        return bodies, project(bodies, cameras, body_of_draw.int(), panel_index)


def _frame_views(views: list[str], shot: Shot) -> Cameras:
    """The cameras of all draws: each view frames its own, and they go back in order."""
    names = sorted(set(views))
    rows = [[d for d, view in enumerate(views) if view == name] for name in names]
    parts = [VIEWS[name].frame(shot.take(index)) for name, index in zip(names, rows, strict=True)]
    order = torch.tensor([d for index in rows for d in index], device=shot.scale_px.device).argsort()
    return Cameras(
        **{name: torch.cat([getattr(part, name) for part in parts])[order] for name in Cameras.SHAPES}
    )


def _draw_panels(
    modes: list[str], bodies: Bodies, draws: Draws, visibility: Visibility, canvas: Canvas, part: range
) -> None:
    rasterize(draws, visibility, part)
    for mode, run in groupby(part, key=lambda k: modes[k]):
        panels = list(run)
        resolve(mode, bodies, draws, visibility, canvas, range(panels[0], panels[-1] + 1))


def _split_evenly(start: torch.Tensor, slots: int) -> list[range]:
    """Runs of panels with about the same number of pixels each."""
    targets = torch.linspace(0, float(start[-1]), slots + 1, dtype=torch.float64)[1:-1]
    cuts = [0, *torch.searchsorted(start.double(), targets).tolist(), len(start) - 1]
    return [range(a, b) for a, b in pairwise(cuts) if a < b]
