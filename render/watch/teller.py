"""Tells a watcher how far a run is, on a thread of its own, so that nothing there hinders the run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from render.errors import RenderError, list_causes
from render.watch.standing import Standing
from render.watch.watcher import Watcher

log = logging.getLogger("render")

# What is sent at the end may have to wait for a network.
LONGEST_END_S = 60.0


class Teller:
    """Tells one watcher from now on until `end`.

    Args:
        name: Of the watcher.
        watcher: Is told.
        look: How far it is now.
    """

    def __init__(self, name: str, watcher: Watcher, look: Callable[[], Standing]) -> None:
        self._name = name
        self._watcher = watcher
        self._look = look
        self._last: Standing | None = None
        self._is_ended = threading.Event()
        self._has_complained = False
        # A watcher that hangs does not keep the program from its end.
        self._thread = threading.Thread(target=self._run, name=f"progress of {name}", daemon=True)
        self._thread.start()

    def end(self, last: Standing, longest_s: float = LONGEST_END_S) -> None:
        """Tells the last of it.

        Args:
            last: How far it was when it ended.
            longest_s: How long the run waits for that.
        """
        self._last = last
        self._is_ended.set()
        self._thread.join(longest_s)
        if self._thread.is_alive():
            log.warning("progress=%s: not told to the end in %g s", self._name, longest_s)

    def _run(self) -> None:
        if not self._try(self._watcher.begin):
            return
        self._tell(self._look())
        while not self._is_ended.wait(self._watcher.every_s):
            self._tell(self._look())
        assert self._last is not None
        self._tell(self._last)
        self._try(self._watcher.close)

    def _tell(self, standing: Standing) -> None:
        # A disk that is full now may have room again later, and a network may come back.
        self._try(lambda: self._watcher.tell(standing))

    def _try(self, act: Callable[[], None]) -> bool:
        """Whether it went well; the first time that something does not is said."""
        try:
            act()
        # Libraries of other people and networks are at work here. Some call `exit`.
        except (Exception, SystemExit) as error:
            if not self._has_complained:
                self._has_complained = True
                reason = str(error) if isinstance(error, RenderError) else list_causes(error)
                log.warning("progress=%s: %s The run goes on.", self._name, reason)
            return False
        return True
