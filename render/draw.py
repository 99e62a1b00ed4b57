"""One batch of sheets, from fits to pixels, on the CPU or on a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import cycle, groupby

import numpy as np
import torch

from render.annotate.draw import annotate
from render.annotate.marks import PersonMarks
from render.body.smpl import SmplBody
from render.compose import count_channels, cut_sheets, lay_out_canvas
from render.device import DeviceQueue, upload
from render.engine import Step, Steps
from render.framing import Batch, DrawList, frame_draws, list_draws
from render.marking import Annotations, mark_people
from render.project import project
from render.rasterize.edges import GUARD_PX
from render.rasterize.layout import PanelRows, lay_out
from render.rasterize.warp import Rasterizer
from render.resolve import Resolver
from render.scene import view_scene
from render.shade import load_mode
from render.types import Bodies, Charts, Chunk, Draws, Panel, People, Visibility

# In samples of eight bytes. On the CPU neighbouring panels share a buffer that stays in the cache of a core;
# a panel that is larger has one to itself up to 32 MB, and is drawn in parts beyond. On CUDA 1 GB holds some
# hundred panels.
SMALL_CHUNK = {"cpu": 1 << 18, "cuda": 1 << 27}
LARGE_CHUNK = {"cpu": 1 << 22, "cuda": 1 << 27}
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
    """A batch that is posed and projected: what is left is to fill its chunks and to shade them."""

    draws: Draws
    draw_list: DrawList
    rasterizer: Rasterizer
    resolver: Resolver
    chunks: list[tuple[str, bool, Chunk]]
    marks: list[list[PersonMarks]]


class BatchRenderer:
    """Draws batches of sheets with one body model on one device.

    charts: of that body, None where no mode needs them. annotations: drawn over all panels but labels.
    """

    def __init__(
        self,
        body: SmplBody,
        style: Style = PLAIN,
        charts: Charts | None = None,
        annotations: Annotations = NO_ANNOTATIONS,
    ) -> None:
        self._body = body
        self.device = body.device
        self._style = style
        self._charts = charts
        self._annotations = annotations
        self._queues = cycle([DeviceQueue(self.device) for _ in range(QUEUES)])
        if self.device.type == "cuda":
            # What the body and the charts hold was uploaded in no queue of ours.
            torch.cuda.synchronize(self.device)

    def open_queue(self) -> DeviceQueue:
        """The order of a batch's work on the device; two of them overlap what batches do there."""
        return next(self._queues)

    def draw(self, batch: Batch, pixels: torch.Tensor, queue: DeviceQueue) -> Steps[list[Undrawable | None]]:
        """Steps that draw the batch over the backgrounds in `pixels`, in place.

        pixels: the sheets one after the other, uint8, as `render.compose` lays them out, on the device or on
        the CPU, then pinned if the device is a GPU. Returns for each sheet None, or whose body is too far off
        to be drawn. The same inputs give the same bytes in any batch and with any number of threads. The host
        waits for the device once, at the end; also before if there are annotations.
        """
        bodies = queue.call(self._body.allocate, len(batch.fits))
        rotmat, betas = (
            queue.call(upload, a, self.device) for a in (batch.fits.pose_rotmat, batch.fits.betas)
        )
        parcels = self._body.list_parcels(len(batch.fits))
        # On a GPU they follow one another in the queue, so one thread, and its share of memory, does.
        shares = [parcels] if self.device.type == "cuda" else [[parcel] for parcel in parcels]
        yield Step(
            "pose",
            [partial(queue.call, self._pose, rotmat, betas, share, bodies) for share in shares],
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
                    if not load_mode(panel.mode).is_label
                ],
            )
        return _find_undrawable(batch, prepared.draw_list, reach)

    def _pose(self, rotmat: torch.Tensor, betas: torch.Tensor, parcels: list[slice], bodies: Bodies) -> None:
        for parcel in parcels:
            self._body.pose_parcel(rotmat, betas, parcel, bodies)

    def _prepare(self, batch: Batch, bodies: Bodies, pixels: torch.Tensor) -> _Prepared:
        canvas = lay_out_canvas(batch.sheets, batch.panels, pixels, count_channels(batch.sheets))
        modes = [panel.mode for _, panel in batch.panels]
        bits = self._style.supersample.bit_length() - 1
        sample_bits = np.array([0 if load_mode(mode).is_label else bits for mode in modes], np.int32)
        size_px = np.array([[panel.rect.w, panel.rect.h] for _, panel in batch.panels])
        listed = list_draws(batch)
        body, panel, instance, row = (upload(column, self.device) for column in listed)
        cameras = frame_draws(batch, bodies, self._charts, listed, body)
        draws = project(bodies, cameras, body, panel, upload(sample_bits, self.device))
        rows = PanelRows(size_px, sample_bits, listed.panel, len(draws.faces))
        layout = lay_out(draws, rows)
        scene = view_scene(bodies, self._charts, draws, People(instance, row))
        marks = []
        if self._annotations.names:
            weights = self._body.weights
            marks = mark_people(batch, bodies, weights, cameras, listed, body, self._annotations)
        kind = self.device.type
        chunks = []
        for mode, run in groupby(range(len(modes)), key=lambda k: modes[k]):
            panels = list(run)
            for chunk in rows.split(range(panels[0], panels[-1] + 1), SMALL_CHUNK[kind], LARGE_CHUNK[kind]):
                chunks.append((mode, bool(sample_bits[panels[0]]), chunk))
        return _Prepared(
            draws=draws,
            draw_list=listed,
            rasterizer=Rasterizer(draws, layout),
            resolver=Resolver(scene, layout, canvas, self._style.opacity),
            chunks=chunks,
            marks=marks,
        )

    def _share_out(self, chunks: list[tuple[str, bool, Chunk]]) -> list[list[tuple[str, bool, Chunk]]]:
        """What each task draws: on CUDA one queue takes all."""
        if self.device.type == "cuda":
            return [chunks]
        parts, room = [], 0
        for chunk in chunks:
            if len(chunk[2].samples) > room:
                parts.append([])
                room = TASK_SAMPLES
            parts[-1].append(chunk)
            room -= len(chunk[2].samples)
        return parts

    def _draw_chunks(self, prepared: _Prepared, chunks: list[tuple[str, bool, Chunk]]) -> None:
        most = max(len(chunk.samples) for _, _, chunk in chunks)
        # One after the other, so that the buffer stays in the cache; shading empties it again.
        keys = torch.full((most,), Visibility.EMPTY, dtype=torch.int64, device=self.device)
        for (mode, is_supersampled), run in groupby(chunks, key=lambda entry: entry[:2]):
            rasterize = prepared.rasterizer.open(is_supersampled, keys)
            shade = prepared.resolver.open(mode, is_supersampled, keys)
            for _, _, chunk in run:
                rasterize(chunk)
                shade(chunk)

    def _fetch(
        self, queue: DeviceQueue, prepared: _Prepared, on_device: torch.Tensor, pixels: torch.Tensor
    ) -> np.ndarray:
        """Waits for the device; returns the draws' least and greatest x and y, (D, 4)."""
        low, high = prepared.draws.low, prepared.draws.high
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
