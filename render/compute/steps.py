"""Work as steps of tasks, for whoever runs them: one after the other, or many jobs side by side."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class Step(NamedTuple):
    """Tasks that may run at the same time; the job goes on when all are done.

    stage: under which name their time is counted.
    """

    stage: str
    tasks: list[Callable[[], Any]]


# Yields steps and is sent the results of their tasks. If one raises, it is raised where the step was yielded.
Steps = Generator[Step, list[Any], Result]


def run_steps(steps: Steps[Result]) -> Result:
    """Runs one job in the calling thread and returns what it returns."""
    resume: Callable[[], Step] = partial(next, steps)
    while True:
        try:
            step = resume()
        except StopIteration as end:
            return end.value
        try:
            resume = partial(steps.send, [task() for task in step.tasks])
        except Exception as error:
            resume = partial(steps.throw, error)
