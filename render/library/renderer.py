"""One batch of sheets, from fits to pixels, on the CPU or on a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import cycle, groupby

import numpy as np
import torch

from render.annotate.annotate import annotate
from render.annotate.find_marks import Annotations, mark_people
from render.annotate.marks import PersonMarks
from render.body.model import BodyModel
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, upload
from render.rasterize.backends import warp
from render.rasterize.buffer import allocate_keys
from render.rasterize.edges import GUARD_PX
from render.rasterize.rasterizer import Rasterizer
from render.shade.mode import MODES
from render.shade.resolve import Resolver
from render.sheet.canvas import count_channels, cut_sheets, lay_out_canvas
from render.sheet.framing import Batch, DrawList
from render.sheet.staging import ModeChunk, StagedBatch, stage_batch
from render.types.bodies import Bodies, Charts
from render.types.sheets import Panel

# On a GPU: one copies while the other draws. Torch keeps memory for each.
QUEUES = 2
# On the CPU, what one task draws: a few milliseconds, so that threads end at about the same time.
TASK_SAMPLES = 1 << 22


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
    """Why there is no sheet: the rows of the fit file whose bodies are too far off to be drawn."""

    rows: tuple[int, ...]


PLAIN = Style()
NO_ANNOTATIONS = Annotations()


@dataclass(frozen=True)
class _Prepared:
    """A batch with what fills and what shades its chunks."""

    staged: StagedBatch
    rasterizer: Rasterizer
    resolver: Resolver
    chunks: list[ModeChunk]
    marks: list[list[PersonMarks]]


class BatchRenderer:
    """Draws batches of sheets with one body model on one device.

    charts: of that body, None where no mode needs them. annotations: drawn over all panels but labels.
    rasterizer: see `choose_rasterizer`.
    """

    def __init__(
        self,
        body: BodyModel,
        style: Style = PLAIN,
        charts: Charts | None = None,
        annotations: Annotations = NO_ANNOTATIONS,
        rasterizer: type[Rasterizer] = warp.Rasterizer,
    ) -> None:
        self.body = body
        self.device = body.device
        self._style = style
        self._charts = charts
        self._annotations = annotations
        self._make_rasterizer = rasterizer
        self._queues = cycle([DeviceQueue(self.device) for _ in range(QUEUES)])
        if self.device.type == "cuda":
            # What the body and the charts hold was uploaded in no queue of ours.
            torch.cuda.synchronize(self.device)

    def open_queue(self) -> DeviceQueue:
        """The order of a batch's work on the device; two of them overlap what batches do there."""
        return next(self._queues)

    def draw(self, batch: Batch, pixels: torch.Tensor, queue: DeviceQueue) -> Steps[list[Undrawable | None]]:
        """Steps that draw the batch over the backgrounds in `pixels`, in place.

        pixels: the sheets one after the other, uint8, as `render.sheet.canvas` lays them out, on the device or on
        the CPU, then pinned if the device is a GPU. Returns for each sheet None, or whose body is too far off
        to be drawn. The same inputs give the same bytes in any batch and with any number of threads. The host
        waits for the device once, at the end; also before if there are annotations.
        """
        bodies = queue.call(self.body.allocate, len(batch.fits))
        rotmat, betas = (
            queue.call(upload, a, self.device) for a in (batch.fits.pose_rotmat, batch.fits.betas)
        )
        chunks = self.body.list_chunks(len(batch.fits))
        # On a GPU they follow one another in the queue, so one thread, and its memory, does.
        tasks = [chunks] if self.device.type == "cuda" else [[chunk] for chunk in chunks]
        yield Step(
            "pose",
            [partial(queue.call, self._pose, rotmat, betas, task, bodies) for task in tasks],
        )
        on_device = queue.call(pixels.to, self.device, non_blocking=True)
        (prepared,) = yield Step("project", [partial(queue.call, self._prepare, batch, bodies, on_device)])
        yield Step(
            "draw",
            [
                partial(queue.call, self._draw_chunks, prepared, part)
                for part in self._share_out(prepared.chunks)
            ],
        )
        (reach,) = yield Step("download", [partial(self._fetch, queue, prepared, on_device, pixels)])
        if prepared.marks:
            sheets = cut_sheets(pixels.numpy(), batch.sheets, count_channels(batch.sheets))
            yield Step(
                "annotate",
                [
                    partial(self._annotate, sheets[i], panel, prepared.marks[k])
                    for k, (i, panel) in enumerate(batch.panels)
                    if not MODES.load(panel.mode).is_label
                ],
            )
        return _find_undrawable(batch, prepared.staged.draw_list, reach)

    def _pose(self, rotmat: torch.Tensor, betas: torch.Tensor, chunks: list[slice], bodies: Bodies) -> None:
        for chunk in chunks:
            self.body.pose_chunk(rotmat, betas, chunk, bodies)

    def _prepare(self, batch: Batch, bodies: Bodies, pixels: torch.Tensor) -> _Prepared:
        staged = stage_batch(batch, bodies, self._charts, self._style.supersample)
        canvas = lay_out_canvas(batch.sheets, batch.panels, pixels, count_channels(batch.sheets))
        marks = []
        if self._annotations.names:
            marks = mark_people(staged, self.body.weights, self._annotations)
        return _Prepared(
            staged=staged,
            rasterizer=self._make_rasterizer(staged.draws, staged.layout),
            resolver=Resolver(staged.view_scene(), staged.layout, canvas, self._style.opacity),
            chunks=staged.list_chunks(),
            marks=marks,
        )

    def _share_out(self, chunks: list[ModeChunk]) -> list[list[ModeChunk]]:
        """What each task draws: on CUDA one queue takes all."""
        if self.device.type == "cuda":
            return [chunks]
        parts, room = [], 0
        for part in chunks:
            if len(part.chunk.samples) > room:
                parts.append([])
                room = TASK_SAMPLES
            parts[-1].append(part)
            room -= len(part.chunk.samples)
        return parts

    def _draw_chunks(self, prepared: _Prepared, chunks: list[ModeChunk]) -> None:
        # One after the other, so that the buffer stays in the cache; shading empties it again.
        keys = allocate_keys((part.chunk for part in chunks), self.device)
        for (mode, is_supersampled), run in groupby(chunks, key=lambda part: part[:2]):
            rasterize = prepared.rasterizer.open(is_supersampled, keys)
            shade = prepared.resolver.open(mode, is_supersampled, keys)
            for _, _, chunk in run:
                rasterize(chunk)
                shade(chunk)

    def _fetch(
        self, queue: DeviceQueue, prepared: _Prepared, on_device: torch.Tensor, pixels: torch.Tensor
    ) -> np.ndarray:
        """Waits for the device; returns the draws' least and greatest x and y, (D, 4)."""
        low, high = prepared.staged.draws.low, prepared.staged.draws.high
        reach = queue.download(queue.call(torch.cat, [low[:, :2], high[:, :2]], 1))
        if on_device.device != pixels.device:
            queue.download(on_device, pixels)
        queue.wait()
        return reach.numpy()

    def _annotate(self, sheet: np.ndarray, panel: Panel, marks: list[PersonMarks]) -> None:
        rect = panel.rect
        view = sheet[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w]
        annotate(view, marks, self._annotations.names)


def _find_undrawable(batch: Batch, draws: DrawList, reach: np.ndarray) -> list[Undrawable | None]:
    """Sheets with a body that reaches beyond what the rasterizer can place, or that is nowhere."""
    off = ~(np.abs(reach) <= float(GUARD_PX)).all(1)
    rows: dict[int, set[int]] = {}
    for d in np.flatnonzero(off):
        rows.setdefault(batch.panels[draws.panel[d]][0], set()).add(int(draws.row[d]))
    return [Undrawable(tuple(sorted(rows[i]))) if i in rows else None for i in range(len(batch.sheets))]
