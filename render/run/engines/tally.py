"""What became of each shard so far, and the bar of all of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from render.fits.rows.shards import Shard
from render.run.engines.crew import Advanced, Ended
from render.run.progress import OpenProgress, Progress, Settled


@dataclass
class _Course:
    """Of a shard.

    shown: what the bar has of it. now: what the worker that has it has said. more: what it expects beyond
    what was known. made: by this worker, and made_before by those that it had before. ended: as the last one
    said.
    """

    shown: int = 0
    now: int = 0
    more: int = 0
    made: int = 0
    made_before: int = 0
    ended: Ended | None = None


class Tally:
    """Counts what is settled once, however often its shard is begun again.

    Args:
        watch: Opens the bar.
        total: How much there is to do.
        unit: What is counted, one of it.
    """

    def __init__(self, watch: OpenProgress, total: int, unit: str) -> None:
        self._open = lambda: watch(total, unit)
        self._progress: Progress | None = None
        self._counts_frames = unit == "frame"
        self._courses: defaultdict[Shard, _Course] = defaultdict(_Course)

    def begin(self) -> None:
        """Opens the bar, from when on its speed is counted."""
        if self._progress is None:
            self._progress = self._open()

    def close(self) -> None:
        """Ends the bar."""
        if self._progress is not None:
            self._progress.close()

    def advance(self, shard: Shard, event: Advanced) -> None:
        """Notes that more of a shard is settled."""
        assert self._progress is not None
        course, progress = self._courses[shard], self._progress
        if event.more:
            course.more += event.more
            self._expect(event.more)
        outcomes: tuple[tuple[Settled, int], ...] = (
            ("done", event.done),
            ("kept", event.kept),
            ("failed", event.failed),
        )
        course.made += event.done
        course.now += sum(count for _, count in outcomes)
        # Of a shard that goes on the beginning is settled again.
        new = course.now - course.shown
        for outcome, count in outcomes:
            for _ in range(min(count, new)):
                progress.advance(outcome)
                course.shown += 1
                new -= 1

    def lose(self, shard: Shard) -> None:
        """Notes that the worker which had a shard is gone."""
        course = self._courses[shard]
        self._expect(-course.more)
        course.made_before += course.made
        course.now = course.more = course.made = 0

    def end(self, event: Ended) -> None:
        """Notes what a worker says at the end of a shard."""
        self._courses[event.shard].ended = event

    def _expect(self, more: int) -> None:
        if more and self._progress is not None:
            self._progress.expect(more)

    @property
    def rendered(self) -> int:
        """How many products this run has made; of shards that never ended, about so many."""
        return sum(map(self._count_rendered, self._courses.values()))

    @property
    def kept(self) -> int:
        """How many were there before this run."""
        courses = [course for course in self._courses.values() if course.ended is not None]
        kept = sum(course.ended.kept for course in courses if course.ended is not None)
        return kept - sum(map(self._count_recovered, courses))

    @property
    def frames(self) -> int | None:
        """How many frames of clips are made; None in a run of sheets."""
        if not self._counts_frames:
            return None
        return sum(map(_count_frames, self._courses.values()))

    def _count_rendered(self, course: _Course) -> int:
        if course.ended is None:
            return 0 if self._counts_frames else course.made + course.made_before
        return course.ended.rendered + self._count_recovered(course)

    def _count_recovered(self, course: _Course) -> int:
        """What a lost worker of this run has made, and the next one has found."""
        if self._counts_frames or course.ended is None:
            return 0
        return min(course.made_before, course.ended.kept)


def _count_frames(course: _Course) -> int:
    return course.made + course.made_before if course.ended is None else course.ended.frames or 0
