"""One batch of sheets, from fits and photos to pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import torch

from render.annotate.draw import annotate
from render.annotate.marks import PersonMarks
from render.body.smpl import SmplBody
from render.compose import compose_backgrounds, cut_sheets
from render.framing import Batch, frame_draws, list_draws, make_batch
from render.marking import Annotations, mark_people
from render.project import project
from render.rasterize.edges import GUARD_PX
from render.rasterize.layout import allocate_visibility
from render.rasterize.warp import rasterize
from render.resolve import Scene, make_scene, resolve
from render.shade import load_mode
from render.types import Canvas, Charts, Draws, FitTable, Panel, Sheet, Visibility

RunAll = Callable[[Iterable[Callable[[], None]]], None]


@dataclass(frozen=True)
class Style:
    """How colours are laid on. Labels are always opaque and one sample a pixel.

    opacity: 0 to 1, of the front-most surface over the background. supersample: n for n x n samples a pixel,
    1, 2 or 4.
    """

    opacity: float = 1.0
    supersample: int = 1


@dataclass(frozen=True)
class Undrawable:
    """In place of a sheet: the rows of the fit file whose bodies are too far off to be drawn."""

    rows: tuple[int, ...]


PLAIN = Style()
NO_ANNOTATIONS = Annotations()


class BatchRenderer:
    """Draws batches of sheets with one body model on one device.

    charts: of that body, None where no mode needs them. annotations: drawn over all panels but labels.
    run_all: runs functions side by side and returns when all are done; slots: how many of them are worth
    making. On CUDA one launch serves all panels.
    """

    def __init__(
        self,
        body: SmplBody,
        run_all: RunAll,
        slots: int,
        style: Style = PLAIN,
        charts: Charts | None = None,
        annotations: Annotations = NO_ANNOTATIONS,
    ) -> None:
        self._body = body
        self._device = body.device
        self._run_all = run_all
        self._slots = 1 if body.device.type == "cuda" else slots
        self._style = style
        self._charts = charts
        self._annotations = annotations

    def draw(
        self, fits: FitTable, sheets: list[Sheet], photos: list[np.ndarray | None]
    ) -> list[np.ndarray | Undrawable]:
        """The sheets, (H, W, 3) RGB or (H, W, 4) RGBA, uint8, or whose body is too far off to be drawn.

        photos: as `compose_backgrounds` takes them. The same inputs give the same bytes in any batch and
        with any number of slots.
        """
        batch = make_batch(fits, sheets)
        canvas = compose_backgrounds(sheets, photos, batch.crops, batch.panels, self._device)
        modes = [panel.mode for _, panel in batch.panels]
        sample_bits = self._choose_samples(modes)
        draws, scene, marks = self._pose_and_project(batch, sample_bits)
        visibility = allocate_visibility(draws, canvas.panel_size, sample_bits)
        self._run_all(
            lambda part=part: self._draw_panels(modes, draws, scene, visibility, canvas, part)
            for part in _split_evenly(visibility.start, self._slots)
        )
        drawn = cut_sheets(canvas, sheets)
        self._run_all(
            lambda i=i, k=k, panel=panel: self._annotate(drawn[i], panel, marks[k])
            for k, (i, panel) in enumerate(batch.panels)
            if marks and not load_mode(panel.mode).is_label
        )
        lost = _find_undrawable(batch, draws)
        return [lost.get(i, pixels) for i, pixels in enumerate(drawn)]

    def _choose_samples(self, modes: list[str]) -> torch.Tensor:
        bits = self._style.supersample.bit_length() - 1
        chosen = [0 if load_mode(mode).is_label else bits for mode in modes]
        return torch.tensor(chosen, dtype=torch.int32, device=self._device)

    def _pose_and_project(
        self, batch: Batch, sample_bits: torch.Tensor
    ) -> tuple[Draws, Scene, list[list[PersonMarks]]]:
        rotmat, betas = torch.from_numpy(batch.fits.pose_rotmat), torch.from_numpy(batch.fits.betas)
        bodies = self._body.pose(rotmat, betas)
        body, panel, people = list_draws(batch, self._device)
        cameras = frame_draws(batch, bodies, self._charts, body, panel)
        draws = project(bodies, cameras, body, panel, sample_bits)
        scene = make_scene(bodies, self._charts, draws, people, len(batch.panels))
        marks = []
        if self._annotations.names:
            weights = self._body.weights
            marks = mark_people(batch, bodies, weights, cameras, body, panel, self._annotations)
        return draws, scene, marks

    def _annotate(self, sheet: np.ndarray, panel: Panel, marks: list[PersonMarks]) -> None:
        rect = panel.rect
        view = sheet[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w]
        annotate(view, marks, self._annotations.names)

    def _draw_panels(
        self,
        modes: list[str],
        draws: Draws,
        scene: Scene,
        visibility: Visibility,
        canvas: Canvas,
        part: range,
    ) -> None:
        rasterize(draws, visibility, part)
        for mode, run in groupby(part, key=lambda k: modes[k]):
            panels = list(run)
            resolve(mode, self._style.opacity, scene, visibility, canvas, range(panels[0], panels[-1] + 1))


def _find_undrawable(batch: Batch, draws: Draws) -> dict[int, Undrawable]:
    """Sheets with a body that reaches beyond what the rasterizer can place, or that is nowhere."""
    reach = torch.cat([draws.low[:, :2], draws.high[:, :2]], 1)
    off = ~(reach.abs() <= GUARD_PX).all(1)
    rows: dict[int, set[int]] = {}
    for m, k in zip(draws.body[off].tolist(), draws.panel[off].tolist(), strict=True):
        rows.setdefault(batch.panels[k][0], set()).add(int(batch.fits.row[m]))
    return {i: Undrawable(tuple(sorted(of_sheet))) for i, of_sheet in rows.items()}


def _split_evenly(start: torch.Tensor, slots: int) -> list[range]:
    """Runs of panels with about the same number of samples each."""
    targets = torch.linspace(0, float(start[-1]), slots + 1, dtype=torch.float64)[1:-1]
    cuts = [0, *torch.searchsorted(start.double(), targets).tolist(), len(start) - 1]
    return [range(a, b) for a, b in pairwise(cuts) if a < b]
