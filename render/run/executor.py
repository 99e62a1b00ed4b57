"""Jobs side by side on a few threads, with a bound on what is under way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from render.compute.steps import Step, Steps, Turn

# Of a step, for each thread: enough for all threads to end at about the same time.
MOST_TASKS = 8


class Job(NamedTuple):
    """Work for the executor.

    Attributes:
        weight: Of what the job holds while it is under way, in the unit of the executor's capacity.
        steps: What it does.
        turn: Its place in a line, None where no other waits for it.
    """

    weight: int
    steps: Steps[Any]
    turn: Turn | None = None


class ThreadExecutor:
    """Runs jobs whose tasks release the interpreter lock.

    Tasks of older jobs go first, so that jobs are finished before others are begun. What a job does between
    its steps is counted as the stage `schedule`.

    Args:
        threads: How many tasks run at the same time.
        capacity: The weight that jobs under way may have together; one that alone weighs more runs by itself.
        most_jobs: How many may be under way, None for as many as weigh no more.
        settle: Called before those are closed that did not end well, and let go of what they hold.
    """

    def __init__(
        self,
        threads: int,
        capacity: int,
        most_jobs: int | None = None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._threads = threads
        self._capacity = capacity
        self._most_jobs = most_jobs
        self._settle = settle
        self._lock = threading.Lock()
        self._has_task = threading.Condition(self._lock)
        self._has_room = threading.Condition(self._lock)
        # A heap by the job's number. Among tasks of one job a second number decides: functions have no order.
        self._tasks: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = count()
        self._under_way: dict[int, Job] = {}
        # Of each line whose turn it is, those behind that have ended, and what those do that wait.
        self._turns: dict[int, int] = defaultdict(int)
        self._ended: set[Turn] = set()
        self._parked: dict[Turn, list[Callable[[], None]]] = defaultdict(list)
        self._error: BaseException | None = None
        self._is_closing = False
        self._seconds: dict[str, float] = defaultdict(float)

    @property
    def seconds(self) -> dict[str, float]:
        """How long the tasks of each stage took, summed over the threads."""
        return dict(self._seconds)

    def run(self, jobs: Iterable[Job]) -> None:
        """Runs all jobs, in about their order; takes the next one when there is room for it.

        Jobs that were not finished are closed.

        Args:
            jobs: Made in the calling thread, as there is room for them.

        Raises:
            BaseException: What a job raised, when the tasks that were running then have ended; so it does
                when the caller is interrupted.
        """
        self._error, self._is_closing = None, False
        self._tasks.clear()
        self._under_way.clear()
        self._turns.clear()
        self._ended.clear()
        self._parked.clear()
        workers = [threading.Thread(target=self._work, name=f"render-{i}") for i in range(self._threads)]
        try:
            for worker in workers:
                worker.start()
            for number, job in enumerate(jobs):
                if not self._admit(number, job):
                    job.steps.close()
                    break
            with self._lock:
                while self._under_way and self._error is None:
                    self._has_room.wait()
        finally:
            with self._lock:
                self._is_closing = True
                self._has_task.notify_all()
            for worker in workers:
                # The system may not have given all that were asked for.
                if worker.ident is not None:
                    worker.join()
            if self._under_way or self._error is not None:
                with contextlib.suppress(Exception):
                    self._settle()
            for job in self._under_way.values():
                # What one does at its end must not keep the others open, nor hide why all ended.
                with contextlib.suppress(Exception):
                    job.steps.close()
        if self._error is not None:
            raise self._error

    def _admit(self, number: int, job: Job) -> bool:
        """Begins a job as soon as there is room for it; False if another has failed."""
        with self._lock:
            while self._error is None and not self._has_room_for(job):
                self._has_room.wait()
            if self._error is not None:
                return False
            self._under_way[number] = job
            self._push(number, lambda: self._advance(number, job.steps, lambda: next(job.steps)))
        return True

    def _has_room_for(self, job: Job) -> bool:
        if self._most_jobs is not None and len(self._under_way) >= self._most_jobs:
            return False
        weight = sum(other.weight for other in self._under_way.values())
        return not self._under_way or weight + job.weight <= self._capacity

    def _push(self, number: int, task: Callable[[], None]) -> None:
        heappush(self._tasks, (number, next(self._sequence), task))
        self._has_task.notify()

    def _work(self) -> None:
        while True:
            with self._lock:
                while not self._tasks and not self._is_closing:
                    self._has_task.wait()
                if self._is_closing:
                    return
                task = heappop(self._tasks)[2]
            try:
                task()
            # No task of ours raises; if one did, nobody would ever be told of it.
            except BaseException as error:
                with self._lock:
                    self._error = self._error or error
                    self._has_room.notify_all()
            # Or its results would be held until there is another.
            del task

    def _advance(self, number: int, steps: Steps[Any], resume: Callable[[], Step]) -> None:
        """Takes a job to its next step, and hands out the step's tasks."""
        begin = time.perf_counter()
        try:
            step = resume()
            # Without a task nobody would take the job on.
            while not step.tasks:
                step = steps.send([])
        # Whatever it is, it must reach the caller of `run`, and other threads must not wait for this one.
        except BaseException as error:
            with self._lock:
                if not isinstance(error, StopIteration) and self._error is None:
                    self._error = error
                self._end(number)
                self._seconds["schedule"] += time.perf_counter() - begin
                self._has_room.notify_all()
            return
        running = _RunningStep(step)
        with self._lock:
            self._seconds["schedule"] += time.perf_counter() - begin
            after = step.after
            if after is not None and self._turns[after.line] < after.number:
                self._parked[after].append(partial(self._hand_out, number, steps, running))
                return
            self._hand_out(number, steps, running)

    def _hand_out(self, number: int, steps: Steps[Any], running: _RunningStep) -> None:
        count = len(running.tasks)
        # To hand out a task costs as much as small ones take, so one of many is several of the step's.
        length = max(1, count // (MOST_TASKS * self._threads))
        starts = range(0, count, length)
        running.missing = len(starts)
        for start in starts:
            some = range(start, min(start + length, count))
            self._push(number, partial(self._perform, number, steps, running, some))

    def _end(self, number: int) -> None:
        """Forgets a job; whoever is next in its line goes on."""
        turn = self._under_way.pop(number).turn
        if turn is None:
            return
        # One may end before those that it would have waited for.
        self._ended.add(turn)
        while (now := Turn(turn.line, self._turns[turn.line])) in self._ended:
            self._ended.remove(now)
            self._turns[turn.line] += 1
            for go_on in self._parked.pop(Turn(turn.line, self._turns[turn.line]), []):
                go_on()

    def _perform(self, number: int, steps: Steps[Any], running: _RunningStep, some: range) -> None:
        """Performs some of a step's tasks, whatever becomes of each; the last of them takes the job on."""
        begin = time.perf_counter()
        error = None
        for i in some:
            # Another job has failed, and nobody waits for the rest.
            if self._is_closing:
                return
            task = running.tasks[i]
            # Each is taken once.
            assert task is not None
            try:
                running.results[i] = task()
            except BaseException as raised:
                error = error or raised
            # What the task was given must not be held while the job goes on.
            running.tasks[i] = task = None
        with self._lock:
            self._seconds[running.stage] += time.perf_counter() - begin
            running.error = running.error or error
            running.missing -= 1
            # Whoever does the last task takes the job on.
            if running.missing or self._is_closing:
                return
        if running.error is not None:
            self._advance(number, steps, partial(steps.throw, running.error))
        else:
            self._advance(number, steps, partial(steps.send, running.results))


class _RunningStep:
    """A step, and what its tasks returned so far."""

    def __init__(self, step: Step) -> None:
        self.stage = step.stage
        self.tasks: list[Callable[[], Any] | None] = list(step.tasks)
        self.results: list[Any] = [None] * len(step.tasks)
        self.missing = 0
        self.error: BaseException | None = None
