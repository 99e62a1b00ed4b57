"""A crew whose workers are real, one after the other in this process."""

from collections import deque
from collections.abc import Callable

from render.config.schema import Config
from render.fits.rows.shards import Shard
from render.run.engines.crew import Advanced, Event, Lost
from render.run.engines.drive import Engine, drive
from render.run.engines.plan import make_plan
from render.run.engines.worker import Station, Worker
from render.run.report import Report
from tests.helpers.runs import configure


class InlineCrew:
    """Does all that is asked for in `wait`.

    hook: called with each event before it is heard; what it raises ends the worker, as a crash would.
    """

    def __init__(self, config: Config, size: int, hook: Callable[[Event], None] = lambda event: None) -> None:
        self.size = size
        self.workers: dict[int, Worker] = {}
        self.is_closed = False
        self._config = config
        self._hook = hook
        self._asked: deque[tuple[int, Callable[[], None]]] = deque()
        self._events: list[Event] = []

    def hire(self) -> int:
        number = len(self.workers) + 1
        worker = Worker(self._config, number, Station("cpu", 2, tells_opening=number == 1), self._hear)
        self.workers[number] = worker
        self._asked.append((number, worker.open))
        return number

    def draw(self, worker: int, shard: Shard) -> None:
        self._asked.append((worker, lambda: self.workers[worker].draw(shard)))

    def wait(self, timeout_s: float) -> list[Event]:
        if self._asked:
            number, do = self._asked.popleft()
            try:
                do()
            except Crash as crash:
                self._events.append(Lost(number, str(crash)))
        events, self._events = self._events, []
        return events

    def stop(self, number: int) -> None:
        for worker in self.workers.values():
            worker.stop(number)

    def close(self) -> None:
        self.is_closed = True

    def _hear(self, event: Event) -> None:
        self._events.append(event)
        if isinstance(event, Advanced):
            self._hook(event)


class Crash(Exception):
    """Ends a worker, where a process would be gone."""


class Wish:
    """A `Stop`."""

    def __init__(self) -> None:
        self.number = 0


def drive_inline(
    *words: str, hook: Callable[[Event], None] = lambda event: None, stop: Wish | None = None, **options
) -> Report:
    """What `smpl-render` does with these settings by two workers that take turns."""
    config = configure(*words)
    engine = Engine(make_plan(config, on_gpu=False), lambda: InlineCrew(config, 2, hook))
    return drive(config, engine, stop or Wish(), **options)
