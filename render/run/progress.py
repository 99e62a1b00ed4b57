"""How far work has come: a bar on a terminal, a line every half minute in the logs of jobs."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Literal, Protocol

from tqdm import tqdm

log = logging.getLogger("render")

# What became of one of what is counted: made, there already, or not to be made.
Settled = Literal["done", "kept", "failed"]


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
        self._bar.update()

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
        self._total = total
        self._unit = f"{unit}s"
        self._clock = clock
        self._begun_s = self._said_s = clock()
        self._done = 0

    def advance(self, outcome: Settled = "done") -> None:
        """One more is settled."""
        self._done += 1
        now_s = self._clock()
        # The closing line says it all.
        if now_s - self._said_s < EVERY_S or self._done == self._total:
            return
        self._said_s = now_s
        speed = self._done / (now_s - self._begun_s)
        log.info(
            "%d of %d %s, %.3g %s/s, %s left",
            self._done,
            self._total,
            self._unit,
            speed,
            self._unit,
            tqdm.format_interval((self._total - self._done) / speed),
        )

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""
        self._total += more

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
