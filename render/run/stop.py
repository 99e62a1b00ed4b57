"""Signals as a wish: what is under way is finished, and nothing new is begun."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any, Protocol

log = logging.getLogger("render")


class Stop(Protocol):
    """A wish to end in good order.

    Attributes:
        number: Of the signal that came; 0 while there is none.
    """

    number: int


class StopSignal:
    """While it is entered, the first signal is noted, a second one interrupts at once, and more do nothing.

    These are SIGINT, SIGTERM, and SIGUSR2, by which clusters tell a job that its time is soon over. That one
    never interrupts, for a cluster that takes a job away may send it beside SIGTERM.

    Signals reach the main thread only, so elsewhere nothing is ever noted.

    Attributes:
        number: Of the signal that came; 0 while there is none.
    """

    def __init__(self) -> None:
        self.number = 0
        self._has_interrupted = False
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        # Python refuses to set handlers in any other thread.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2):
                self._handlers[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self._has_interrupted:
            # What is done is being noted.
            return
        if number == signal.SIGUSR2:
            self.number = number
            log.warning("SIGUSR2: time is soon over; finishing the sheets that are under way")
            return
        if self.number:
            self._has_interrupted = True
            raise KeyboardInterrupt(number)
        self.number = number
        log.warning(
            "%s: finishing the sheets that are under way; once more to stop at once",
            signal.Signals(number).name,
        )
