"""Work as steps of tasks, for whoever runs them: one after the other, or many jobs side by side."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class Turn(NamedTuple):
    """A place in a line of jobs.

    Attributes:
        line: Which line.
        number: The place in it, 0, 1, ...; jobs come in that order.
    """

    line: int
    number: int


class Step(NamedTuple):
    """Tasks that may run at the same time; the job goes on when all are done.

    Attributes:
        stage: Under which name their time is counted.
        tasks: What to call.
        after: It waits until all jobs before this turn have ended.
    """

    stage: str
    tasks: list[Callable[[], Any]]
    after: Turn | None = None


# Yields steps and is sent the results of their tasks. If one raises, it is raised where the step was yielded.
Steps = Generator[Step, list[Any], Result]


def run_steps(steps: Steps[Result]) -> Result:
    """Runs one job in the calling thread, one task after the other.

    Returns:
        What the job returns.
    """
    resume: Callable[[], Step] = partial(next, steps)
    while True:
        try:
            step = resume()
        except StopIteration as end:
            return end.value
        try:
            resume = partial(steps.send, [task() for task in step.tasks])
        # The job may know what to do about it; otherwise it comes out of the next `resume`.
        except Exception as error:
            resume = partial(steps.throw, error)
