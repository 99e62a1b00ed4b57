"""What all that is made of a batch begins with: its people are posed, framed and projected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle

import numpy as np
import torch

from render.body.fit_bodies import FitBodies, PosingGroup, list_posing
from render.compute.memory import CUDA_BATCHES
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, upload
from render.rasterize.edges import GUARD_PX
from render.rasterize.rasterizer import Rasterizer
from render.sheet.around.scenes import find_scenes
from render.sheet.framing import Batch, PlacementList, find_crops
from render.sheet.staging import ShotChunk, StagedBatch, stage_batch
from render.types.bodies import Charts, TextureMap
from render.types.placements import Cameras
from render.types.scenes import Scenes

# On the CPU, what one task draws: a few milliseconds, so that threads end at about the same time.
TASK_SAMPLES = 1 << 23


@dataclass(frozen=True)
class Undrawable:
    """Why there is no sheet.

    Attributes:
        rows: Of the fit file, whose bodies are too far off to be drawn.
        are_pinholes: Whether one of them is seen by a pinhole, and so may be behind it.
    """

    rows: tuple[int, ...]
    are_pinholes: bool = False


class BatchPoser:
    """Poses and frames batches on one device.

    Args:
        bodies: What poses the people of the fits.
        charts: Of their topology, None where nothing needs them.
        rasterizer: See `choose_rasterizer`.
        texture: Of their topology, None where nothing needs it.

    Attributes:
        bodies: As given.
        device: Where the bodies are.
        make_rasterizer: As given.
    """

    def __init__(
        self,
        bodies: FitBodies,
        charts: Charts | None,
        rasterizer: type[Rasterizer],
        texture: TextureMap | None = None,
    ) -> None:
        self.bodies = bodies
        self.device = bodies.device
        self.make_rasterizer = rasterizer
        self._charts = charts
        self._texture = texture
        # Torch keeps memory for each.
        self._queues = cycle([DeviceQueue(self.device) for _ in range(CUDA_BATCHES)])
        if self.device.type == "cuda":
            # What the bodies, the charts and the texture hold was uploaded in no queue of ours.
            torch.cuda.synchronize(self.device)

    def open_queue(self) -> DeviceQueue:
        """The order of a batch's work on the device.

        There are as many as a run has batches under way, and batches take them in turn: so each has its own,
        and while one copies, others draw and encode. Should more be under way, as halves of one that did not
        fit into memory, two share one, and only wait for each other.
        """
        return next(self._queues)

    def pose(self, batch: Batch, queue: DeviceQueue) -> Steps[list[PosingGroup]]:
        """Steps that pose the people of a batch."""
        # Bodies are made whole and filled by chunks, so that chunks need not be joined.
        groups = self.bodies.prepare(batch.fits, queue)
        # On a GPU they follow one another in the queue, so one thread, and its memory, does.
        tasks = list_posing(groups, is_one_task=self.device.type == "cuda")
        yield Step("pose", [partial(queue.call, task) for task in tasks])
        return groups

    def find_crops(self, batch: Batch, queue: DeviceQueue) -> Steps[Batch]:
        """Steps that find the crops of a batch whose fits have no boxes: from its bodies.

        They are posed for that alone, and again when they are drawn: few formats are without boxes, and few
        runs draw their crops.
        """
        groups = yield from self.pose(batch, queue)

        def find() -> Batch:
            return find_crops(batch, self.bodies.join(groups, batch.fits))

        (found,) = yield Step("project", [partial(queue.call, find)])
        return found

    def measure(self, batch: Batch, queue: DeviceQueue) -> Steps[Scenes]:
        """Steps that find what the views around the bodies of each sheet look at; nothing is drawn."""
        groups = yield from self.pose(batch, queue)

        def measure() -> Scenes:
            bodies = self.bodies.join(groups, batch.fits)
            return find_scenes(batch, bodies, self.bodies.find_anatomies(batch.fits))

        (found,) = yield Step("project", [partial(queue.call, measure)])
        return found

    def stage(self, batch: Batch, groups: list[PosingGroup]) -> StagedBatch:
        """Frames and projects the bodies of a batch, which are posed.

        Args:
            batch: The sheets, their shots and their people.
            groups: Of these people.
        """
        bodies = self.bodies.join(groups, batch.fits)
        is_closed = self.bodies.are_closed(batch.fits)

        def show_insides(cameras: Cameras, listed: PlacementList) -> Cameras:
            cull = upload(is_closed[listed.body].astype(np.int32), self.device)
            return replace(cameras, cull=cull)

        adjust = None if is_closed.all() else show_insides
        anatomies = None
        if batch.framing.up != "picture":
            anatomies = self.bodies.find_anatomies(batch.fits)
        return stage_batch(batch, bodies, self._charts, adjust, anatomies, self._texture)

    def group_chunks(self, chunks: list[ShotChunk]) -> list[list[ShotChunk]]:
        """What each task fills: on CUDA one queue takes all."""
        if self.device.type == "cuda":
            return [chunks]
        tasks: list[list[ShotChunk]] = []
        room = 0
        for one in chunks:
            # Each layer goes over them once more.
            samples = len(one.chunk.samples) * max(len(one.modes), 1)
            # Threads share what rays find.
            if one.is_slow:
                samples = TASK_SAMPLES
            # A chunk that alone is more than a task is one all the same.
            if samples > room:
                tasks.append([])
                room = TASK_SAMPLES
            tasks[-1].append(one)
            room -= samples
        return tasks


def find_undrawable(batch: Batch, placements: PlacementList, reach: np.ndarray) -> list[Undrawable | None]:
    """Sheets with a body that reaches beyond what the rasterizer can place, or that is nowhere."""
    # Written so that NaN is off; bounds that nothing has set are infinite.
    off = ~(np.abs(reach) <= float(GUARD_PX)).all(1)
    rows: dict[int, set[int]] = {}
    with_pinholes = set()
    for d in np.flatnonzero(off):
        sheet = batch.shots[placements.shot[d]].sheet
        rows.setdefault(sheet, set()).add(int(placements.row[d]))
        if batch.cameras.is_pinhole[placements.body[d]]:
            with_pinholes.add(sheet)
    return [
        Undrawable(tuple(sorted(rows[i])), i in with_pinholes) if i in rows else None
        for i in range(len(batch.sheets))
    ]
