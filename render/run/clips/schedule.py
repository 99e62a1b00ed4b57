"""The jobs of a run of clips: what is in each frame is measured, then batches of frames are drawn, and encoded in
their order."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from render.body.fit_bodies import FitBodies, TopologyKey
from render.compute.memory import MemoryPlan, is_out_of_memory, release_cached
from render.compute.steps import Step, Steps, Turn
from render.errors import FitFileError
from render.run.batches import BatchLimit, BodyCost, Load, weigh_sheet
from render.run.clips.open_clip import OpenClip
from render.run.clips.pipeline import ClipPipeline
from render.run.clips.track import follow_bodies, level_ground, stand_still
from render.run.executor import Job
from render.run.stop import StopSignal
from render.sheet.framing import make_batch
from render.types.fits import Fits
from render.types.scenes import Scenes
from render.types.sheets import Framing, Sheet

log = logging.getLogger("render")

# Enough to be quick, and few enough for the first of them to be encoded soon.
MOST_FRAMES = 64


@dataclass
class PlannedClip:
    """A clip under way.

    Attributes:
        clip: Takes the frames.
        lay_out: Gives the sheet of a frame.
        framing: How views around the bodies look at them.
        lines: Numbers of the two lines of its jobs: those that measure, and those that draw.
        measured: What is in each frame, as it becomes known.
        scenes: What views look at in each frame, once all is known.
    """

    clip: OpenClip
    lay_out: Callable[[int], Sheet]
    framing: Framing
    lines: tuple[int, int]
    measured: Scenes | None = None
    scenes: Scenes | None = None
    parts: list[range] = field(default_factory=list)


class ClipSchedule:
    """The jobs of a run of clips.

    Args:
        fits: The people of the run.
        bodies: Of the fits.
        pipeline: Draws the frames.
        most_frames: In a batch.
        memory: How much may be under way.
        follows: Whether views around the bodies follow them, or stand still.
        stop: Once it is given, no more jobs are made.
    """

    def __init__(
        self,
        fits: Fits,
        bodies: FitBodies,
        pipeline: ClipPipeline,
        most_frames: int,
        memory: MemoryPlan,
        follows: bool,
        stop: StopSignal,
    ) -> None:
        self._fits = fits
        self._bodies = bodies
        self._pipeline = pipeline
        self._limit = BatchLimit(min(most_frames, MOST_FRAMES), memory.batch_bytes)
        self._follows = follows
        self._stop = stop
        self._open: list[OpenClip] = []

    def list_jobs(self, clips: Iterator[tuple[OpenClip, Callable[[int], Sheet], Framing | None]]) -> Iterator[Job]:
        """Batches are planned as the executor asks for them.

        The next clip is measured before this one is drawn, so that nobody waits in between.

        Args:
            clips: What is to be made: a clip, what gives the sheet of a frame, and how views around the bodies
                look at them, None where what they look at need not be known beforehand.
        """
        waiting: PlannedClip | None = None
        for i, (clip, lay_out, framing) in enumerate(clips):
            planned = PlannedClip(clip, lay_out, framing or Framing(), (2 * i, 2 * i + 1))
            self._open.append(clip)
            if framing is not None:
                yield from self._measure(planned)
            if waiting is not None:
                yield from self._draw(waiting)
            waiting = planned
        if waiting is not None:
            yield from self._draw(waiting)

    def close(self) -> None:
        """Removes what is written of clips that come to no end."""
        for clip in self._open:
            clip.abandon()

    def _measure(self, planned: PlannedClip) -> Iterator[Job]:
        count = planned.clip.plan.count
        planned.measured = Scenes(*(np.full((count, *tail), np.nan) for tail in ((3,), (), (), ())))
        for number, (frames, load) in enumerate(self._gather(planned, is_drawn=False)):
            if self._stop.number:
                return
            planned.parts.append(frames)
            yield Job(load.bytes, self._measure_frames(planned, frames), Turn(planned.lines[0], number))

    def _measure_frames(self, planned: PlannedClip, frames: range) -> Steps[None]:
        sheets = [planned.lay_out(k) for k in frames]
        try:
            found = yield from self._pipeline.measure(make_batch(self._fits, sheets, planned.framing))
        except FitFileError:
            # It is said when the frame is drawn.
            if len(frames) > 1:
                for part in (frames[: len(frames) // 2], frames[len(frames) // 2 :]):
                    yield from self._measure_frames(planned, part)
            return
        assert planned.measured is not None
        for name in Scenes.SHAPES:
            getattr(planned.measured, name)[frames.start : frames.stop] = getattr(found, name)

    def _draw(self, planned: PlannedClip) -> Iterator[Job]:
        for number, (frames, load) in enumerate(self._gather(planned, is_drawn=True)):
            if self._stop.number:
                return
            turn = Turn(planned.lines[1], number)
            yield Job(load.bytes, self._draw_when_measured(planned, frames, turn), turn)

    def _draw_when_measured(self, planned: PlannedClip, frames: range, turn: Turn) -> Steps[None]:
        if planned.measured is not None:
            yield Step("schedule", [lambda: self._track(planned)], Turn(planned.lines[0], len(planned.parts)))
        yield from self._draw_frames(planned, frames, turn)

    def _track(self, planned: PlannedClip) -> None:
        """What views look at, from what is in all frames; whichever job comes first finds it."""
        if planned.scenes is not None:
            return
        assert planned.measured is not None
        measured, plan = planned.measured, planned.clip.plan
        if np.isnan(measured.radius).all():
            planned.scenes = replace(measured, center=np.zeros_like(measured.center))
            return
        if _in_world(self._fits, plan.fits, planned.framing):
            measured = level_ground(measured)
        planned.scenes = follow_bodies(measured, plan.starts_s) if self._follows else stand_still(measured)
