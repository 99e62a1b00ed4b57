"""What workers say, in the log of one run: each line once, and not too many."""

from __future__ import annotations

import logging
from collections import Counter

from render.record.failures import failures_name
from render.run.engines.crew import Said
from render.run.outcomes import MOST_LOGGED, ONLY_LISTED

log = logging.getLogger("render")

# Different ones that are of no row.
MOST_LINES = 100


class Voice:
    """Says it."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._rows: Counter[str] = Counter()

    def say(self, line: Said) -> None:
        """Says a line of a worker, if it is new and there are few so far."""
        if line.outcome:
            self._say_row(line)
        elif line.text not in self._said and len(self._said) <= MOST_LINES:
            if len(self._said) < MOST_LINES:
                log.log(line.level, "%s", line.text)
            else:
                log.warning("what else workers have to say is left out from here on")
            self._said.add(line.text)

    def _say_row(self, line: Said) -> None:
        self._rows[line.outcome] += 1
        if self._rows[line.outcome] <= MOST_LOGGED:
            log.log(line.level, "%s", line.text)
        if self._rows[line.outcome] == MOST_LOGGED:
            log.warning(ONLY_LISTED, line.outcome, failures_name(""))
