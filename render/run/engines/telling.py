"""What a worker logs, told to the driver."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from render.run.engines.crew import Said
from render.run.outcomes import LISTED, OUTCOME

_LOGGER = logging.getLogger("render")


class _Teller(logging.Handler):
    def __init__(self, worker: int, tell: Callable[[Said], None]) -> None:
        super().__init__()
        self._worker = worker
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        outcome = getattr(record, OUTCOME, "")
        # The driver has a list of its own.
        if outcome != LISTED:
            self._tell(Said(self._worker, record.levelno, record.getMessage(), outcome))


@contextmanager
def tell_logs(worker: int, tell: Callable[[Said], None], tells_all: bool = False) -> Iterator[None]:
    """As long as it lasts, what the program logs is told, and said nowhere else.

    Args:
        worker: Who says so.
        tell: Is given each line.
        tells_all: Lines that are no warnings too.
    """
    teller, level, propagates = _Teller(worker, tell), _LOGGER.level, _LOGGER.propagate
    _LOGGER.addHandler(teller)
    _LOGGER.setLevel(logging.INFO if tells_all else logging.WARNING)
    _LOGGER.propagate = False
    try:
        yield
    finally:
        _LOGGER.propagate = propagates
        _LOGGER.setLevel(level)
        _LOGGER.removeHandler(teller)
