"""What became of several runs, in whichever process or on whichever machine they ran."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

from hydra.core.plugins import Plugins
from omegaconf import DictConfig

from render.config.several.launchers import watch_jobs

# Exit codes from here on are of runs that a signal ended.
FIRST_SIGNAL_CODE = 128


class EndedRun(NamedTuple):
    """One of several runs.

    Attributes:
        code: Its exit code.
        settings: With which it ran, not yet checked; None where nothing is known of it any more.
    """

    code: int
    settings: DictConfig | None


@contextmanager
def collect_runs() -> Iterator[list[EndedRun]]:
    """Gathers what the runs of a --multirun return.

    Hydra's main function drops it, and its sweepers give it to nobody else.

    Yields:
        The runs; they are there when the sweep is over.
    """
    ended: list[EndedRun] = []
    plugins = Plugins.instance()
    make = plugins.instantiate_sweeper

    def make_observed(**arguments: Any) -> Any:
        sweeper = make(**arguments)
        launcher: Any = sweeper.launcher
        launch = launcher.launch

        def launch_observed(*args: Any, **kwargs: Any) -> Any:
            with watch_jobs(launcher):
                returns = launch(*args, **kwargs)
            ended.extend(
                EndedRun(job.return_value, job.cfg) for job in returns if isinstance(job.return_value, int)
            )
            return returns

        launcher.launch = launch_observed
        return sweeper

    with mock.patch.object(plugins, "instantiate_sweeper", make_observed):
        yield ended


def worst(codes: list[int]) -> int:
    """The exit code of several runs: a signal's before that of a run that could not go on, and so on.

    Args:
        codes: Of the runs; of none where Hydra had only to print something, such as completions.
    """
    order = (128 + signal.SIGTERM, 128 + signal.SIGINT, 1, 2)
    found = [code for code in codes if code]
    return min(found, key=lambda code: order.index(code) if code in order else -1) if found else 0
