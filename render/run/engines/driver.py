"""The driver: shards are given to workers until all are drawn, and those of lost workers to others."""

from __future__ import annotations

import logging
import signal
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from render.errors import RenderError
from render.fits.rows.shards import Shard
from render.run.engines.crew import Advanced, Crew, Ended, Event, Lost, Ready, Refused, Said
from render.run.engines.tally import Tally
from render.run.engines.voice import Voice
from render.run.stop import Stop

log = logging.getLogger("render")

# How soon a signal is heeded where nothing else happens.
POLL_S = 0.5
# So often in a row something is lost before it is given up.
MOST_LOSSES = 5


class Driver:
    """Gives shards to the workers of a crew, and heeds what they say.

    Args:
        crew: The workers.
        shards: Which are to be drawn.
        stop: Once it has a number, what is under way is finished, and nothing new is begun.
        tally: Is told what is settled.
        count_noted: How many products of a shard its worker noted before it was lost.
        stops_on_error: Whether the first shard that is given up ends the run.

    Attributes:
        settings: The hash that all workers have; None before one was ready.
        seconds: How long it took, from when the first worker was ready.
    """

    def __init__(
        self,
        crew: Crew,
        shards: Iterable[Shard],
        stop: Stop,
        tally: Tally,
        count_noted: Callable[[Shard], int],
        stops_on_error: bool = False,
    ) -> None:
        self.settings: str | None = None
        self.seconds = 0.0
        self._begun_s: float | None = None
        self._crew = crew
        self._waiting = deque(shards)
        self._left = set(self._waiting)
        self._stop = stop
        self._tally = tally
        self._count_noted = count_noted
        self._stops_on_error = stops_on_error
        self._voice = Voice()
        self._opening: set[int] = set()
        self._idle: set[int] = set()
        self._drawing: dict[int, Shard] = {}
        # Why workers were lost, as long as there was no better news between.
        self._lost_opening: list[str] = []
        self._lost_drawing: defaultdict[Shard, list[str]] = defaultdict(list)
        self._noted: dict[Shard, int] = {}
        self._refusal: str | None = None
        self._given_up: list[str] = []
        self._is_told = False

    @property
    def is_finished(self) -> bool:
        """Whether all shards came to their end."""
        return not self._left

    def run(self) -> None:
        """Returns when all shards are drawn, or when a signal came and nothing is under way any more.

        Raises:
            RenderError: What a worker refused to do, or why some shards are given up; nothing is under way.
        """
        try:
            while not self._is_over():
                if self._is_stopping:
                    self._tell_to_stop()
                else:
                    self._staff()
                for event in self._crew.wait(POLL_S):
                    self._heed(event)
        finally:
            if self._begun_s is not None:
                self.seconds = time.monotonic() - self._begun_s
        if self._refusal is not None:
            raise RenderError(self._refusal)
        if self._given_up:
            raise RenderError(" ".join(self._given_up))

    @property
    def _is_stopping(self) -> bool:
        return bool(self._stop.number or self._refusal is not None)

    def _is_over(self) -> bool:
        return not self._drawing and (self._is_stopping or not self._waiting)

    def _tell_to_stop(self) -> None:
        if not self._is_told:
            # Where no signal has come a worker has refused, and nobody need come to the end of his shard.
            self._crew.stop(self._stop.number or signal.SIGTERM)
            self._is_told = True

    def _staff(self) -> None:
        """Gives those who wait a shard, and hires as many as there is work for."""
        while self._waiting and self._idle:
            worker, shard = self._idle.pop(), self._waiting.popleft()
            self._drawing[worker] = shard
            self._crew.draw(worker, shard)
        wanted = min(self._crew.size, len(self._waiting) + len(self._drawing))
        while len(self._opening) + len(self._idle) + len(self._drawing) < wanted:
            if len(self._lost_opening) >= MOST_LOSSES:
                self._go_on_with_fewer()
                return
            self._opening.add(self._crew.hire())

    def _go_on_with_fewer(self) -> None:
        if not (self._opening or self._idle or self._drawing):
            self._refuse(
                f"executor: {MOST_LOSSES} workers in a row ended before they were ready: "
                f"{_list_reasons(self._lost_opening)}. Fewer workers need less memory: set workers=, or "
                f"executor=threads for one process"
            )

    def _heed(self, event: Event) -> None:
        if isinstance(event, Said):
            self._voice.say(event)
        elif isinstance(event, Advanced):
            if event.worker in self._drawing:
                self._tally.advance(self._drawing[event.worker], event)
        elif isinstance(event, Ready):
            self._welcome(event)
        elif isinstance(event, Ended):
            self._end(event)
        elif isinstance(event, Refused):
            self._opening.discard(event.worker)
            self._drawing.pop(event.worker, None)
            self._refuse(event.reason)
        else:
            self._lose(event)

    def _welcome(self, event: Ready) -> None:
        self._opening.discard(event.worker)
        self._lost_opening.clear()
        if self._begun_s is None:
            self._begun_s = time.monotonic()
            self._tally.begin()
        self.settings = self.settings or event.settings
        if event.settings != self.settings:
            self._refuse(
                "executor: workers have opened different things by the same settings, such as a body model "
                "of another version, or another rasterizer. Give all machines the same files and packages"
            )
            return
        self._idle.add(event.worker)

    def _end(self, event: Ended) -> None:
        self._drawing.pop(event.worker, None)
        self._idle.add(event.worker)
        self._tally.end(event)
        # There may be room for another one meanwhile.
        del self._lost_opening[:1]
        if event.is_finished:
            self._left.discard(event.shard)
        else:
            self._waiting.append(event.shard)

    def _lose(self, event: Lost) -> None:
        self._idle.discard(event.worker)
        if event.worker in self._opening:
            self._opening.discard(event.worker)
            self._lost_opening.append(event.reason)
            log.warning("worker %d ended before it was ready: %s", event.worker, event.reason)
        shard = self._drawing.pop(event.worker, None)
        if shard is not None:
            self._tally.lose(shard)
            # One that was ready shows that another can be.
            self._lost_opening.clear()
            self._take_back(shard, event)

    def _take_back(self, shard: Shard, event: Lost) -> None:
        noted, reasons = self._count_noted(shard), self._lost_drawing[shard]
        if noted > self._noted.get(shard, 0):
            reasons.clear()
        self._noted[shard] = noted
        reasons.append(event.reason)
        if len(reasons) < MOST_LOSSES:
            log.warning(
                "worker %d is lost: %s; shard %d/%d goes on from its %d products with another",
                *(event.worker, event.reason, shard.number, shard.count, noted),
            )
            self._waiting.appendleft(shard)
            return
        given_up = (
            f"executor: shard {shard.number}/{shard.count} lost its worker {MOST_LOSSES} times in a row and "
            f"got no further: {_list_reasons(reasons)}. The same command goes on from here; "
            f"executor=threads shard={shard.number}/{shard.count} draws it alone, in one process."
        )
        log.error("%s", given_up)
        self._given_up.append(given_up)
        if self._stops_on_error:
            self._refuse(given_up)

    def _refuse(self, reason: str) -> None:
        # What comes later may be of the first.
        if self._refusal is None:
            self._refusal = reason


def _list_reasons(reasons: list[str]) -> str:
    """Each once, in their order."""
    return "; ".join(dict.fromkeys(reasons))
