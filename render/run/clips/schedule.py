"""The jobs of a run of clips: all frames are measured, then drawn in batches and encoded in their order."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from render.body.fit_bodies import FitBodies
from render.compute.memory import MemoryPlan, is_out_of_memory, let_go, release_cached
from render.compute.steps import Step, Steps, Turn
from render.config.schema import Config
from render.errors import FitFileError
from render.run.batches import BatchLimit, BodyCost, Load, weigh_sheet
from render.run.clips.open_clip import OpenClip
from render.run.clips.pipeline import ClipPipeline
from render.run.clips.track import follow_bodies, follow_up, hold_up, level_ground, stand_still
from render.run.executor import Job
from render.run.stop import Stop
from render.sheet.framing import Batch, make_batch
from render.sheet.view import VIEWS
from render.types.fits import Fits
from render.types.scenes import Scenes
from render.types.sheets import Framing, Sheet

log = logging.getLogger("render")

# Enough to be quick, and few enough for the first of them to be encoded soon.
MOST_FRAMES = 64


@dataclass
class _Pass:
    """Jobs that measure all frames of a clip.

    Attributes:
        line: Number of their line.
        found: What is in each frame, as it becomes known.
        parts: How many jobs there are.
    """

    line: int
    found: Scenes
    parts: int = 0


@dataclass
class _Planned:
    """A clip under way.

    Attributes:
        clip: Takes the frames.
        line: Number of the line of the jobs that draw it.
        passes: Over its frames: where each has an up of its own, the second one measures by one that does
            not sway.
        ups: Which way that is in each frame, once the first pass is over.
        scenes: What views look at in each frame, once all is known.
    """

    clip: OpenClip
    line: int
    passes: list[_Pass] = field(default_factory=list)
    ups: Scenes | None = None
    scenes: Scenes | None = None


class ClipSchedule:
    """The jobs of a run of clips.

    Args:
        fits: The people of the run.
        bodies: Of the fits.
        pipeline: Draws the frames.
        config: The settings.
        framing: How views around the bodies look at them.
        memory: How much may be under way.
        stop: Once it is given, no more jobs are made.
    """

    def __init__(
        self,
        fits: Fits,
        bodies: FitBodies,
        pipeline: ClipPipeline,
        config: Config,
        framing: Framing,
        memory: MemoryPlan,
        stop: Stop,
    ) -> None:
        self._fits = fits
        self._bodies = bodies
        self._pipeline = pipeline
        self._limit = BatchLimit(min(config.batch or MOST_FRAMES, MOST_FRAMES), memory.batch_bytes)
        self._framing = framing
        self._supersample = config.supersample
        self._has_rays = config.rays > 0
        self._follows = config.track == "follow"
        self._stop = stop
        self._open: list[OpenClip] = []

    def list_jobs(self, clips: Iterator[OpenClip]) -> Iterator[Job]:
        """Batches are planned as the executor asks for them; no more of them once the run is to stop.

        The next clip is measured before this one is drawn, so that nobody waits in between.

        Args:
            clips: What is to be made.
        """
        waiting: _Planned | None = None
        for i, clip in enumerate(clips):
            planned = _Planned(clip, 3 * i)
            # Others are of no more concern, and each knows all of its frames.
            self._open = [other for other in self._open if not other.is_over]
            self._open.append(clip)
            for k in range(self._count_passes(clip)):
                planned.passes.append(_Pass(3 * i + 1 + k, Scenes.unknown(clip.plan.count)))
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

    def _measure(self, planned: _Planned) -> Iterator[Job]:
        known, current = planned.passes[:-1], planned.passes[-1]
        for frames, load in self._gather(planned.clip, is_drawn=False):
            if self._stop.number:
                return
            turn = Turn(current.line, current.parts)
            steps = self._measure_frames(planned, frames, turn, current.found)
            if known:
                steps = self._measure_when_told(planned, frames, turn)
            yield Job(load.bytes, steps, turn)
            current.parts += 1

    def _measure_when_told(self, planned: _Planned, frames: range, turn: Turn) -> Steps[None]:
        first, second = planned.passes
        yield _wait(Turn(first.line, first.parts))
        if planned.ups is None:
            planned.ups = self._steady_up(first.found, planned.clip.plan.starts_s)
        yield from self._measure_frames(planned, frames, turn, second.found)

    def _measure_frames(
        self, planned: _Planned, frames: range, turn: Turn, measured: Scenes, is_last_try: bool = False
    ) -> Steps[None]:
        sheets = [planned.clip.lay_out(k) for k in frames]
        is_full = False
        try:
            batch = make_batch(self._fits, sheets, self._framing, _cut(planned.ups, frames))
            found = yield from self._pipeline.measure(batch)
        # Of a single frame it is said when it is drawn.
        except FitFileError:
            pass
        except Exception as error:
            self._make_room(error)
            is_full = True
        else:
            for name in Scenes.SHAPES:
                getattr(measured, name)[frames.start : frames.stop] = getattr(found, name)
            return
        for part in _halve(frames):
            yield from self._measure_frames(planned, part, turn, measured)
        # A clip whose views are fitted without one of its frames would be another clip.
        if is_full and len(frames) == 1 and not is_last_try:
            yield _wait(turn)
            yield from self._measure_frames(planned, frames, turn, measured, is_last_try=True)

    def _make_room(self, error: Exception) -> None:
        """Lets go of what did not fit into memory; raises the error again if it is another."""
        if not is_out_of_memory(error):
            raise error
        let_go(error, self._bodies.device)
        release_cached(self._bodies.device)

    def _draw(self, planned: _Planned) -> Iterator[Job]:
        for number, (frames, load) in enumerate(self._gather(planned.clip, is_drawn=True)):
            if self._stop.number:
                return
            turn = Turn(planned.line, number)
            yield Job(load.bytes, self._draw_when_measured(planned, frames, turn), turn)

    def _draw_when_measured(self, planned: _Planned, frames: range, turn: Turn) -> Steps[None]:
        if planned.passes:
            last = planned.passes[-1]
            yield _wait(Turn(last.line, last.parts))
            # Whichever job comes first; others that come meanwhile find the same.
            if planned.scenes is None:
                planned.scenes = self._track(planned)
        yield from self._draw_frames(planned, frames, turn)

    def _track(self, planned: _Planned) -> Scenes:
        """What views look at, from what is in all frames."""
        measured, plan = planned.passes[-1].found, planned.clip.plan
        # None of its bodies could be posed, so none will be drawn.
        if np.isnan(measured.radius).all():
            return Scenes(*(np.nan_to_num(getattr(measured, name)) for name in Scenes.SHAPES))
        if self._is_in_world(plan.people.rows):
            measured = level_ground(measured)
        return follow_bodies(measured, plan.starts_s) if self._follows else stand_still(measured)

    def _steady_up(self, found: Scenes, starts_s: np.ndarray) -> Scenes:
        # None of its bodies could be posed.
        if np.isnan(found.up).all():
            return replace(found, up=np.zeros_like(found.up))
        return follow_up(found, starts_s) if self._follows else hold_up(found)

    def _count_passes(self, clip: OpenClip) -> int:
        # Views that lie over the photo have nothing to be fitted to.
        panels = clip.lay_out(0).panels
        if self._framing.fit != "bodies" or all(VIEWS.load(one.viewpoint.name).over_photo for one in panels):
            return 0
        # A world stands still, and so does the picture's vertical.
        return 1 if self._framing.up == "picture" or self._is_in_world(clip.plan.people.rows) else 2

    def _is_in_world(self, rows: np.ndarray) -> bool:
        """Whether all people of a clip are in one world, which stands still."""
        fits = self._fits
        is_known = np.isfinite(fits.world_m[rows]).all() and np.isfinite(fits.world_rotation[rows]).all()
        return self._framing.up == "world" and bool(is_known)

    def _draw_frames(
        self, planned: _Planned, frames: range, turn: Turn, is_last_try: bool = False
    ) -> Steps[None]:
        """Draws frames; in halves where they cannot be drawn together, and one by one at the end."""
        clip = planned.clip
        sheets = [clip.lay_out(k) for k in frames]
        reason, is_full = None, False
        try:
            yield from self._pipeline.make(
                self._make_batch(planned, frames, sheets), frames.start, clip, turn
            )
            return
        # Of a file that is read when its body is drawn, which comes before any frame is encoded.
        except FitFileError as error:
            reason = str(error)
        except Exception as error:
            self._make_room(error)
            reason, is_full = "there is not enough memory to draw it; draw fewer or smaller panels", True
        if len(frames) > 1:
            for part in _halve(frames):
                yield from self._draw_frames(planned, part, turn)
        elif is_full and not is_last_try:
            # Others were under way and took memory too.
            yield _wait(turn)
            yield from self._draw_frames(planned, frames, turn, is_last_try=True)
        elif sheets[0].fits:
            clip.note(frames.start, f"{reason} The clip shows nobody there.")
            empty = [replace(sheets[0], fits=())]
            yield from self._pipeline.make(self._make_batch(planned, frames, empty), frames.start, clip, turn)
        else:
            yield Step("encode", [partial(clip.give_up, frames.start, reason)], turn)

    def _make_batch(self, planned: _Planned, frames: range, sheets: list[Sheet]) -> Batch:
        scenes = _cut(planned.scenes, frames)
        return make_batch(self._fits, sheets, self._framing, scenes, self._supersample)

    def _gather(self, clip: OpenClip, is_drawn: bool) -> Iterator[tuple[range, Load]]:
        """Frames that follow one another, of bodies of the same topologies."""
        begin, load, open_key = 0, Load(), None
        for k in range(clip.plan.count):
            sheet = clip.lay_out(k)
            key, cost = None, BodyCost(0, 0)
            if sheet.fits:
                key = self._bodies.find_key(self._fits.source[list(sheet.fits)])
                cost = BodyCost(*self._bodies.measure(key), self._has_rays)
            one = weigh_sheet(sheet if is_drawn else replace(sheet, panels=(), height=0), cost)
            is_other = key is not None and open_key is not None and key != open_key
            if k > begin and (is_other or not self._limit.allows(load.plus([one]))):
                yield range(begin, k), load
                begin, load, open_key = k, Load(), None
            load, open_key = load.plus([one]), key or open_key
        yield range(begin, clip.plan.count), load


def _wait(turn: Turn) -> Step:
    """For the jobs that come before it in their line."""
    return Step("schedule", [lambda: None], turn)


def _cut(scenes: Scenes | None, frames: range) -> Scenes | None:
    """What is told of some frames."""
    if scenes is None:
        return None
    part = slice(frames.start, frames.stop)
    return Scenes(*(getattr(scenes, name)[part] for name in Scenes.SHAPES))


def _halve(frames: range) -> tuple[range, ...]:
    middle = len(frames) // 2
    return (frames[:middle], frames[middle:]) if middle else ()
