"""What runs on a machine of the cluster: a worker, told what to do and heard by the driver's calls."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from render.config.schema import Config
from render.errors import ConfigError, RenderError
from render.fits.rows.shards import Shard
from render.run.engines.cluster.sharing import check_mark
from render.run.engines.crew import Advanced, Event, Refused

if TYPE_CHECKING:
    from render.run.engines.worker import Worker


@dataclass(frozen=True)
class Brief:
    """What a worker is told before all else.

    Attributes:
        config: The settings of the whole run, with whole paths.
        number: The worker's.
        station: What `Station` takes, which comes with torch: only to unpack one would take seconds.
        mark: See `check_mark`.
        folder: That the run was started in, which settings may name files below.
        version: Of the package on the driver's machine.
    """

    config: Config
    number: int
    station: Mapping[str, Any]
    mark: bytes
    folder: str
    version: str


def find_version() -> str:
    """The version of this package, where it is installed."""
    try:
        return version("smpl-render")
    except PackageNotFoundError:
        return ""


class Actor:
    """A worker as Ray has it; each method is called in a thread of its own, and `work` lasts.

    Args:
        brief: What it is told.
    """

    def __init__(self, brief: Brief) -> None:
        # Nothing that takes long: that it is there is how the driver knows that it has found a place.
        self._brief = brief
        self._node = socket.gethostname()
        self._shards: queue.SimpleQueue[Shard] = queue.SimpleQueue()
        self._worker: Worker | None = None
        self._stop_number = 0
        self._events: list[Event] = []
        self._has_news = False
        self._changed = threading.Condition()

    def work(self) -> None:
        """Opens the run, and draws what it is given, until it is ended."""
        with contextlib.suppress(OSError):
            os.chdir(self._brief.folder)
        try:
            self._check()
        except RenderError as error:
            self._tell(Refused(self._brief.number, str(error)))
            return
        # After the checks: it takes seconds.
        from render.run.engines.worker import Station, Worker

        station = Station(**self._brief.station)
        with self._changed:
            self._worker = Worker(self._brief.config, self._brief.number, station, self._tell)
            self._worker.stop(self._stop_number)
        self._worker.open()
        while True:
            self._worker.draw(self._shards.get())

    def draw(self, shard: Shard) -> None:
        """Gives it a shard, and returns at once."""
        self._shards.put(shard)

    def stop(self, number: int) -> None:
        """Lets it finish what is under way, and begin nothing new.

        Args:
            number: Of the signal that came.
        """
        with self._changed:
            self._stop_number = number
            if self._worker is not None:
                self._worker.stop(number)

    def listen(self, turn_s: float) -> tuple[str, list[Event]]:
        """Its machine, and what it has said since the last call.

        Args:
            turn_s: How long it waits for news; how far it has come is none.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._has_news, turn_s)
            events, self._events, self._has_news = self._events, [], False
        return self._node, events

    def _check(self) -> None:
        here, there = find_version(), self._brief.version
        if here != there:
            raise ConfigError(
                f"executor: expected smpl-render {there or 'of a folder'}, as where the run was started, "
                f"found {here or 'one of a folder'}; install the same on all machines"
            )
        check_mark(self._brief.config.output.dir, self._brief.mark)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Refused):
            event = replace(event, reason=f"{event.reason} (on {self._node})")
        with self._changed:
            self._events.append(event)
            if not isinstance(event, Advanced):
                self._has_news = True
                self._changed.notify()
