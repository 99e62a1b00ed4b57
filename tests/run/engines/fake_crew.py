"""A crew whose workers do what a test tells them, in no process at all."""

from collections import deque
from collections.abc import Callable, Iterator

from render.fits.rows.shards import Shard
from render.run.engines.crew import Advanced, Ended, Event, Lost, Ready

# What a worker says of a shard, given its number and the shard.
Course = Callable[[int, Shard], Iterator[Event]]
PRODUCTS = 4


def draw_all(worker: int, shard: Shard) -> Iterator[Event]:
    """All products of a shard, one after the other."""
    for _ in range(PRODUCTS):
        yield Advanced(worker, done=1)
    yield Ended(worker, shard, rendered=PRODUCTS, kept=0, frames=None, is_finished=True)


class FakeCrew:
    """Each `wait` gives the next event of each worker that has something to say.

    Args:
        size: How many may work at the same time.
        draw: What a worker says of a shard.
        open: What a worker says when it is hired, given its number.
    """

    def __init__(
        self,
        size: int = 2,
        draw: Course = draw_all,
        open: Callable[[int], list[Event]] = lambda worker: [Ready(worker, "settings")],
    ) -> None:
        self.size = size
        self.hired: list[int] = []
        self.drawn: list[tuple[int, Shard]] = []
        self.told: list[int] = []
        self.is_closed = False
        self._draw = draw
        self._open = open
        self._to_say: dict[int, deque[Event]] = {}
        self._under_way: dict[int, Iterator[Event]] = {}

    def hire(self) -> int:
        number = len(self.hired) + 1
        self.hired.append(number)
        self._to_say[number] = deque(self._open(number))
        assert len(self._to_say) <= self.size
        return number

    def draw(self, worker: int, shard: Shard) -> None:
        assert worker in self._to_say
        assert worker not in self._under_way, "it has a shard already"
        self.drawn.append((worker, shard))
        self._under_way[worker] = self._draw(worker, shard)

    def wait(self, timeout_s: float) -> list[Event]:
        events: list[Event] = []
        for worker in [*self._to_say]:
            if self._to_say[worker]:
                events.append(self._to_say[worker].popleft())
            elif worker in self._under_way:
                event = next(self._under_way[worker], None)
                if event is None or isinstance(event, Ended):
                    del self._under_way[worker]
                events += [] if event is None else [event]
            else:
                continue
            if events and isinstance(events[-1], Lost):
                del self._to_say[worker]
                self._under_way.pop(worker, None)
        return events

    def stop(self, number: int) -> None:
        self.told.append(number)

    def close(self) -> None:
        self.is_closed = True
