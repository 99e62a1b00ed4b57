"""How far work is: what is counted, how fast it goes, and how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# What became of one of what is counted: made, there already, or not to be made.
Settled = Literal["done", "kept", "failed"]
State = Literal["running", "finished", "stopped", "failed"]


@dataclass(frozen=True)
class Standing:
    """How far work is at one moment.

    Attributes:
        unit: What is counted, one of it.
        total: How much there is to do, as far as it is known.
        done: How much is made.
        kept: How much was there already.
        failed: How much is not to be made.
        elapsed_s: Seconds since it began.
        rate: How much is made a second; None as long as nothing is.
        state: Whether it goes on, and if not how it ended: finished, stopped by a signal, or failed as a
            whole.
    """

    unit: str
    total: int
    done: int
    kept: int
    failed: int
    elapsed_s: float
    rate: float | None
    state: State

    @property
    def settled(self) -> int:
        """How much it is known of what became of it."""
        return self.done + self.kept + self.failed

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest takes if all of it is to be made; None as long as nothing is made."""
        return None if self.rate is None else max(0, self.total - self.settled) / self.rate


class Pace:
    """Counts what is settled, told by one thread at a time; any other may look.

    The rate is that of what is made: what was there already is settled a thousand times as fast, and would
    promise too much of the rest. What is settled before the first one is made takes none of its time.

    Args:
        total: How much there is to do.
        unit: What is counted, one of it.
        clock: Tells the seconds.
    """

    def __init__(self, total: int, unit: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._unit = unit
        self._total = total
        self._clock = clock
        self._counts: dict[Settled, int] = {"done": 0, "kept": 0, "failed": 0}
        self._begun_s = self._making_since_s = clock()

    def advance(self, outcome: Settled) -> None:
        """One more is settled."""
        if outcome != "done" and not self._counts["done"]:
            self._making_since_s = self._clock()
        self._counts[outcome] += 1

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""
        self._total += more

    def look(self, state: State = "running") -> Standing:
        """How far it is now."""
        now_s, done = self._clock(), self._counts["done"]
        making_s = now_s - self._making_since_s
        return Standing(
            self._unit,
            self._total,
            done,
            self._counts["kept"],
            self._counts["failed"],
            now_s - self._begun_s,
            done / making_s if done and making_s > 0 else None,
            state,
        )
