"""Several runs from one command line: what became of them, and where Hydra keeps its notes on them."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from hydra.core.plugins import Plugins

from render.resources import find_cache_dir

# Exit codes from here on are of runs that a signal ended.
FIRST_SIGNAL_CODE = 128


@contextmanager
def collect_codes() -> Iterator[list[int]]:
    """Gathers what the runs of a --multirun return, in whichever process or on whichever machine they ran.

    Hydra's main function drops it, and its sweepers give it to nobody else.

    Yields:
        The exit codes; they are there when the sweep is over.
    """
    codes: list[int] = []
    plugins = Plugins.instance()
    make = plugins.instantiate_sweeper

    def make_observed(**arguments: Any) -> Any:
        sweeper = make(**arguments)
        launcher: Any = sweeper.launcher
        launch = launcher.launch

        def launch_observed(*args: Any, **kwargs: Any) -> Any:
            returns = launch(*args, **kwargs)
            codes.extend(job.return_value for job in returns if isinstance(job.return_value, int))
            return returns

        launcher.launch = launch_observed
        return sweeper

    with mock.patch.object(plugins, "instantiate_sweeper", make_observed):
        yield codes


def keep_notes_away(words: list[str]) -> list[str]:
    """The words, with Hydra's notes on several runs going to the cache folder: the current one is the user's.

    It writes multirun.yaml, and launchers for clusters the logs of their jobs, below hydra.sweep.dir.

    Args:
        words: As Hydra reads them.
    """
    if any(word.lstrip("+").startswith("hydra.sweep.dir=") for word in words):
        return words
    try:
        notes = str(find_cache_dir() / "multirun")
    except OSError:
        notes = tempfile.mkdtemp(prefix="smpl-render-")
    folder = notes.replace("\\", "\\\\").replace("'", "\\'")
    # Beside another setting: Hydra takes them in one piece, before or behind its own options.
    place = next((i for i, word in enumerate(words) if "=" in word and word[0] != "-"), len(words))
    return [*words[:place], f"hydra.sweep.dir='{folder}'", *words[place:]]


def worst(codes: list[int]) -> int:
    """The exit code of several runs: a signal's before that of a run that could not go on, and so on.

    Args:
        codes: Of the runs; of none where Hydra had only to print something, such as completions.
    """
    order = (128 + signal.SIGTERM, 128 + signal.SIGINT, 1, 2)
    found = [code for code in codes if code]
    return min(found, key=lambda code: order.index(code) if code in order else -1) if found else 0
