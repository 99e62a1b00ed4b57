"""Runs in processes of their own that tests stop: started in a moment, and held where a test wants them.

They are forked from one that has loaded torch, instead of loading it each. What they run is the command line
itself, with signals and exit codes of its own.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

# Nothing here takes as long unless it is stuck.
PATIENCE_S = 60
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["pytest.__main__", "render.__main__", "render.run.command", "tests.helpers.warm", __name__]
)


@dataclass(frozen=True)
class Running:
    """A command under way.

    is_held: it has noted as many sheets as it was to, and goes no further. go: lets it go on.
    """

    process: BaseProcess
    is_held: Event
    go: Event

    def send(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.send(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL

    def wait_until_held(self) -> None:
        assert self.is_held.wait(PATIENCE_S), "it did not come so far"

    def wait(self) -> int:
        """The exit code, or the negative number of the signal that ended it."""
        self.process.join(PATIENCE_S)
        assert self.process.exitcode is not None, "it does not end"
        return self.process.exitcode


def start(*words: str, log: Path, hold_at: int | None = None) -> Running:
    """Starts `smpl-render` with these words.

    log: what it says goes to the end of this file. hold_at: it makes one sheet after the other, and waits
    when it has noted so many.
    """
    is_held, go = _CONTEXT.Event(), _CONTEXT.Event()
    process = _CONTEXT.Process(target=_run, args=(words, log, hold_at, is_held, go), daemon=True)
    process.start()
    return Running(process, is_held, go)


def finish(*words: str, log: Path) -> int:
    """Runs it to its end and returns its exit code."""
    return start(*words, log=log).wait()


def wait_for(condition: Callable[[], bool], running: Running) -> None:
    """Until it holds or the process has ended."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if condition() or running.process.exitcode is not None:
            return
        time.sleep(0.0005)
    raise TimeoutError("the process neither came so far nor ended")


def _run(words: tuple[str, ...], log: Path, hold_at: int | None, is_held: Event, go: Event) -> None:
    from render.__main__ import main

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    if hold_at is not None:
        _hold(hold_at, is_held, go)
    sys.argv[:] = ["smpl-render", *words]
    main()


def _hold(count: int, is_held: Event, go: Event) -> None:
    """Lets the ledger wait, once, when it has noted so many sheets."""
    from render.compute.memory import MemoryPlan
    from render.record.ledger import Ledger
    from render.run import share

    share.plan_memory = lambda *_, **__: MemoryPlan(1, 1)
    add, noted = Ledger.add, []

    def add_and_wait(self: Ledger, record: object) -> None:
        add(self, record)
        noted.append(record)
        if len(noted) == count:
            # Or it would be held a second later.
            self._journals.own.flush()
            is_held.set()
            go.wait(PATIENCE_S)

    Ledger.add = add_and_wait
