"""One batch of sheets, from fits to pixels, on the CPU or on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle

import numpy as np
import torch

from render.annotate.find_marks import Annotations, mark_people
from render.annotate.marks import PersonMarks
from render.body.fit_bodies import FitBodies, PosingGroup, list_posing
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, upload
from render.library.chunks import annotate_panel, draw_chunks
from render.library.style import Style
from render.rasterize.backends import warp
from render.rasterize.edge_pixels.edge_pixels import EdgePixels
from render.rasterize.edges import GUARD_PX
from render.rasterize.rasterizer import Rasterizer
from render.shade.resolve import Resolver
from render.sheet.around.scenes import find_scenes
from render.sheet.canvas import count_channels, cut_sheets, lay_out_canvas
from render.sheet.framing import Batch, PlacementList, find_crops
from render.sheet.ground.layer import GroundLayer
from render.sheet.staging import ModeChunk, StagedBatch, stage_batch
from render.types.bodies import Charts, TextureMap
from render.types.placements import Cameras
from render.types.scenes import Scenes

# On a GPU: one copies while the other draws. Torch keeps memory for each.
QUEUES = 2
# On the CPU, what one task draws: a few milliseconds, so that threads end at about the same time.
TASK_SAMPLES = 1 << 22


@dataclass(frozen=True)
class Undrawable:
    """Why there is no sheet.

    Attributes:
        rows: Of the fit file, whose bodies are too far off to be drawn.
        are_pinholes: Whether one of them is seen by a pinhole, and so may be behind it.
    """

    rows: tuple[int, ...]
    are_pinholes: bool = False


PLAIN = Style()
NO_ANNOTATIONS = Annotations()


@dataclass(frozen=True)
class _Prepared:
    """A batch with what fills and what shades its chunks."""

    staged: StagedBatch
    rasterizer: Rasterizer
    resolver: Resolver
    edges: EdgePixels | None
    chunks: list[ModeChunk]
    marks: list[list[PersonMarks]]
    grounds: list[Callable[[], None]]


class BatchRenderer:
    """Draws batches of sheets on one device.

    Args:
        bodies: What poses the people of the fits.
        style: How colours are laid on.
        charts: Of their topology, None where no mode needs them.
        annotations: Over all panels but labels.
        rasterizer: See `choose_rasterizer`.
        texture: Of their topology, None where no mode needs it.

    Attributes:
        device: Where the bodies are, and where batches are drawn.
    """

    def __init__(
        self,
        bodies: FitBodies,
        style: Style = PLAIN,
        charts: Charts | None = None,
        annotations: Annotations = NO_ANNOTATIONS,
        rasterizer: type[Rasterizer] = warp.Rasterizer,
        texture: TextureMap | None = None,
    ) -> None:
        self._bodies = bodies
        self.device = bodies.device
        self._style = style
        self._charts = charts
        self._texture = texture
        self._annotations = annotations
        self._make_rasterizer = rasterizer
        self._queues = cycle([DeviceQueue(self.device) for _ in range(QUEUES)])
        if self.device.type == "cuda":
            # What the bodies, the charts and the texture hold was uploaded in no queue of ours.
            torch.cuda.synchronize(self.device)

    def open_queue(self) -> DeviceQueue:
        """The order of a batch's work on the device; two of them overlap what batches do there."""
        return next(self._queues)

    def find_crops(self, batch: Batch, queue: DeviceQueue) -> Steps[Batch]:
        """Steps that find the crops of a batch whose fits have no boxes: from its bodies.

        They are posed for that alone, and again when they are drawn: few formats are without boxes, and few
        runs draw their crops.
        """
        groups = self._bodies.prepare(batch.fits, queue)
        tasks = list_posing(groups, is_one_task=self.device.type == "cuda")
        yield Step("pose", [partial(queue.call, task) for task in tasks])

        def find() -> Batch:
            return find_crops(batch, self._bodies.join(groups, batch.fits))

        (found,) = yield Step("project", [partial(queue.call, find)])
        return found

    def measure(self, batch: Batch, queue: DeviceQueue) -> Steps[Scenes]:
        """Steps that find what the views around the bodies of each sheet look at; nothing is drawn."""
        groups = self._bodies.prepare(batch.fits, queue)
        tasks = list_posing(groups, is_one_task=self.device.type == "cuda")
        yield Step("pose", [partial(queue.call, task) for task in tasks])

        def measure() -> Scenes:
            bodies = self._bodies.join(groups, batch.fits)
            return find_scenes(batch, bodies, self._bodies.find_anatomies(batch.fits))

        (found,) = yield Step("project", [partial(queue.call, measure)])
        return found

    def draw(self, batch: Batch, pixels: torch.Tensor, queue: DeviceQueue) -> Steps[list[Undrawable | None]]:
        """Steps that draw the batch over the backgrounds in `pixels`, in place.

        The same inputs give the same bytes in any batch and with any number of threads. The host waits for
        the device once, at the end; also before if there are annotations, and for each chunk with smooth
        edges.

        Args:
            batch: The sheets, their panels and their people.
            pixels: The sheets one after the other, uint8, as `render.sheet.canvas` lays them out, on the
                device or on the CPU, then pinned if the device is a GPU.
            queue: From `open_queue`.

        Returns:
            For each sheet None, or whose body is too far off to be drawn.
        """
        # Bodies are made whole and filled by chunks, so that chunks need not be joined.
        groups = self._bodies.prepare(batch.fits, queue)
        # On a GPU they follow one another in the queue, so one thread, and its memory, does.
        tasks = list_posing(groups, is_one_task=self.device.type == "cuda")
        yield Step("pose", [partial(queue.call, task) for task in tasks])
        # The same tensor where the pixels are on the device already.
        on_device = queue.call(pixels.to, self.device, non_blocking=True)
        (prepared,) = yield Step("project", [partial(queue.call, self._prepare, batch, groups, on_device)])
        if prepared.grounds:
            yield Step("ground", [partial(queue.call, lay) for lay in prepared.grounds])
        yield Step(
            "draw",
            [
                partial(
                    queue.call,
                    draw_chunks,
                    chunks,
                    prepared.rasterizer,
                    prepared.resolver,
                    self.device,
                    prepared.edges,
                )
                for chunks in self._group_chunks(prepared.chunks)
            ],
        )
        (reach,) = yield Step("download", [partial(self._fetch, queue, prepared, on_device, pixels)])
        # Strokes are painted on the CPU, when the pixels are there.
        if prepared.marks:
            sheets = cut_sheets(pixels.numpy(), batch.sheets, count_channels(batch.sheets))
            yield Step(
                "annotate",
                [
                    partial(annotate_panel, sheets[i], panel, prepared.marks[k], self._annotations.names)
                    for k, (i, panel) in enumerate(batch.panels)
                ],
            )
        return _find_undrawable(batch, prepared.staged.placement_list, reach)

    def _prepare(self, batch: Batch, groups: list[PosingGroup], pixels: torch.Tensor) -> _Prepared:
        bodies = self._bodies.join(groups, batch.fits)
        is_closed = self._bodies.are_closed(batch.fits)

        def show_insides(cameras: Cameras, listed: PlacementList) -> Cameras:
            cull = upload(is_closed[listed.body].astype(np.int32), self.device)
            return replace(cameras, cull=cull)

        adjust = None if is_closed.all() else show_insides
        anatomies = None
        if batch.framing.up != "picture":
            anatomies = self._bodies.find_anatomies(batch.fits)
        staged = stage_batch(
            batch, bodies, self._charts, self._style.supersample, adjust, anatomies, self._texture
        )
        canvas = lay_out_canvas(batch.sheets, batch.panels, pixels, count_channels(batch.sheets))
        marks = []
        if self._annotations.names:
            marks = mark_people(staged, self._bodies.find_anatomies(batch.fits), self._annotations)
        return _Prepared(
            staged=staged,
            rasterizer=self._make_rasterizer(staged.placements, staged.layout),
            resolver=Resolver(staged.view_scene(), staged.layout, canvas, self._style.opacity),
            edges=staged.find_edges() if self._style.is_smooth else None,
            chunks=staged.list_chunks(),
            marks=marks,
            grounds=GroundLayer(
                batch.panels, batch.first, bodies, staged.stage, staged.panels, canvas
            ).list_tasks(),
        )

    def _group_chunks(self, chunks: list[ModeChunk]) -> list[list[ModeChunk]]:
        """What each task draws: on CUDA one queue takes all."""
        if self.device.type == "cuda":
            return [chunks]
        tasks: list[list[ModeChunk]] = []
        room = 0
        for one in chunks:
            # A chunk that alone is more than a task is one all the same.
            if len(one.chunk.samples) > room:
                tasks.append([])
                room = TASK_SAMPLES
            tasks[-1].append(one)
            room -= len(one.chunk.samples)
        return tasks

    def _fetch(
        self, queue: DeviceQueue, prepared: _Prepared, on_device: torch.Tensor, pixels: torch.Tensor
    ) -> np.ndarray:
        """Waits for the device; returns the placements' least and greatest x and y, (D, 4)."""
        # Queued before the wait, so that the host waits once.
        low, high = prepared.staged.placements.low, prepared.staged.placements.high
        reach = queue.download(queue.call(torch.cat, [low[:, :2], high[:, :2]], 1))
        if on_device.device != pixels.device:
            queue.download(on_device, pixels)
        queue.wait()
        return reach.numpy()


def _find_undrawable(batch: Batch, placements: PlacementList, reach: np.ndarray) -> list[Undrawable | None]:
    """Sheets with a body that reaches beyond what the rasterizer can place, or that is nowhere."""
    # Written so that NaN is off; bounds that nothing has set are infinite.
    off = ~(np.abs(reach) <= float(GUARD_PX)).all(1)
    rows: dict[int, set[int]] = {}
    with_pinholes = set()
    for d in np.flatnonzero(off):
        sheet = batch.panels[placements.panel[d]][0]
        rows.setdefault(sheet, set()).add(int(placements.row[d]))
        if batch.cameras.is_pinhole[placements.body[d]]:
            with_pinholes.add(sheet)
    return [
        Undrawable(tuple(sorted(rows[i])), i in with_pinholes) if i in rows else None
        for i in range(len(batch.sheets))
    ]
