"""How far a worker has come, said a few times a second."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from render.run.engines.crew import Advanced
from render.run.progress import Settled

# A message each would cost more than a small sheet.
EVERY_S = 0.2


class Advancing:
    """A `Progress` that tells what was settled since it last did.

    Args:
        worker: Its number.
        tell: Is given what there is to say.
        clock: Tells the seconds.
    """

    def __init__(
        self, worker: int, tell: Callable[[Advanced], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._worker = worker
        self._tell = tell
        self._clock = clock
        self._told_s = clock()
        self._counts: Counter[str] = Counter()

    def advance(self, outcome: Settled = "done") -> None:
        """One more is settled."""
        self._counts[outcome] += 1
        if self._clock() - self._told_s >= EVERY_S:
            self._flush()

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""
        self._counts["more"] += more

    def close(self) -> None:
        """Tells what is left to tell."""
        if any(self._counts.values()):
            self._flush()

    def _flush(self) -> None:
        self._tell(Advanced(self._worker, **self._counts))
        self._counts.clear()
        self._told_s = self._clock()
