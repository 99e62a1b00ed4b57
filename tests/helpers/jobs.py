"""Jobs for the executor."""

import random
import threading
import time
from collections.abc import Callable

from render.compute.steps import Step, Steps
from render.run.executor import Job, ThreadExecutor

# Nothing here takes as long unless it is stuck.
PATIENCE_S = 20


class Gauge:
    """What is under way, and the most that was at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = self.most = 0

    def add(self, amount: int) -> None:
        with self._lock:
            self.now += amount
            self.most = max(self.most, self.now)


def run(*jobs: Steps, threads: int = 2, capacity: int = 100, weight: int = 1) -> ThreadExecutor:
    executor = ThreadExecutor(threads, capacity)
    executor.run(Job(weight, steps) for steps in jobs)
    return executor


def collect(found: list, *steps: Step) -> Steps[None]:
    """A job that keeps what its steps return."""
    for step in steps:
        found.append((yield step))


def returns(value: object, seconds: float = 0.0) -> Callable[[], object]:
    def task() -> object:
        time.sleep(seconds)
        return value

    return task


def fails(error: BaseException) -> Callable[[], object]:
    def task() -> object:
        raise error

    return task


def endless(closed: list | None = None, begun: threading.Event | None = None) -> Steps[None]:
    """A job that never ends by itself."""
    try:
        while True:
            yield Step("endless", [returns(None, 0.001)])
            if begun is not None:
                begun.set()
    finally:
        if closed is not None:
            closed.append(threading.current_thread())


def random_job(seed: int, running: set[int] | None = None) -> Steps[int]:
    """Steps of all sizes, some with tasks that fail; returns a number that all results go into."""
    rng, total = random.Random(seed), seed
    for _ in range(rng.randint(0, 6)):
        # It is an error if another thread is in here.
        if running is not None:
            assert seed not in running
            running.add(seed)
            time.sleep(rng.choice([0, 0, 1e-4]))
            running.remove(seed)
        values = [rng.randint(0, 1000) for _ in range(rng.choice([0, 1, 2, 9]))]
        tasks = [returns(value, rng.choice([0, 0, 0, 1e-4])) for value in values]
        if values and rng.random() < 0.2:
            tasks[rng.randrange(len(tasks))] = fails(LookupError(str(values[0])))
            try:
                yield Step("fail", tasks)
            except LookupError as error:
                total = total * 31 + int(str(error))
        else:
            for result in (yield Step("work", tasks)):
                total = total * 31 + result
    return total


def keep(found: dict[int, int], seed: int, running: set[int] | None = None) -> Steps[None]:
    found[seed] = yield from random_job(seed, running)
