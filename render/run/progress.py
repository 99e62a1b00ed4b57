"""How far work has come: a bar on a terminal, a line every half minute in the logs of jobs."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Protocol

from tqdm import tqdm

from render.watch.standing import Pace, Settled

log = logging.getLogger("render")


class Progress(Protocol):
    """Is told how far work has come, by one thread at a time."""

    def advance(self, outcome: Settled = "done") -> None:
        """One more is settled."""

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""

    def close(self) -> None:
        """There is nothing more to tell."""


# Given how much there is to do, and what is counted, one of it.
OpenProgress = Callable[[int, str], Progress]

EVERY_S = 30.0


class ProgressBar:
    """The bar of a terminal, which is drawn over itself.

    Args:
        total: How much there is to do.
        unit: What is counted, one of it.
    """

    def __init__(self, total: int, unit: str) -> None:
        self._bar = tqdm(total=total, unit=unit)

    def advance(self, outcome: Settled = "done") -> None:
        """One more is settled."""
        bar = self._bar
        if outcome != "kept":
            bar.update()
            return
        # As if the bar had begun there: the speed is that of what is made.
        bar.initial += 1
        bar.n += 1
        bar.last_print_n += 1
        now_s = time.time()
        if now_s - bar.last_print_t >= bar.mininterval:
            bar.last_print_t = now_s
            bar.refresh()

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""
        self._bar.total = (self._bar.total or 0) + more

    def close(self) -> None:
        """Ends the bar."""
        self._bar.close()


class ProgressLines:
    """A line of the log every half minute, where nothing can be drawn over.

    Args:
        total: How much there is to do.
        unit: What is counted, one of it.
        clock: Tells the seconds.
    """

    def __init__(self, total: int, unit: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = Pace(total, unit, clock)
        self._clock = clock
        self._said_s = clock()

    def advance(self, outcome: Settled = "done") -> None:
        """One more is settled."""
        self._pace.advance(outcome)
        now_s = self._clock()
        if now_s - self._said_s < EVERY_S:
            return
        standing = self._pace.look()
        # The closing line says it all.
        if standing.settled == standing.total:
            return
        self._said_s = now_s
        unit = f"{standing.unit}s"
        # Nothing is known of the speed while all that is found was there already.
        speed = ""
        if standing.rate is not None and standing.left_s is not None:
            left = tqdm.format_interval(standing.left_s)
            speed = f", {standing.rate:.3g} {unit}/s, {left} left"
        log.info("%d of %d %s%s", standing.settled, standing.total, unit, speed)

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""
        self._pace.expect(more)

    def close(self) -> None:
        """Nothing is left open."""


def open_progress(total: int, unit: str) -> Progress:
    """A bar where standard error is a terminal that can draw over a line, and lines elsewhere.

    Args:
        total: How much there is to do.
        unit: What is counted, one of it.
    """
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return ProgressBar(total, unit)
    return ProgressLines(total, unit)
