"""Workers that are processes of this machine."""

import os
import signal
import time
from pathlib import Path

import pytest

from render.fits.rows.shards import Shard
from render.run.engines.crew import Ended, Event, Lost, Ready, Said
from render.run.engines.local.processes import ProcessCrew, describe_end
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE
from tests.helpers.runs import configure, run

# Nothing here takes as long unless it is stuck.
PATIENCE_S = 120


@pytest.mark.slow
def test_a_process_gives_the_bytes_of_this_one(small, draw, out, tmp_path):
    draw(into=tmp_path / "whole")
    report = run(*small.settings, f"output.dir={out}", "executor=processes", "workers=1", "threads=1")
    assert (report.rendered, report.failed, report.is_finished) == (PEOPLE, [], True)
    assert files_below(out) == files_below(tmp_path / "whole")


def hear(crew: ProcessCrew, kind: type[Event]) -> tuple[Event, list[Event]]:
    """The first event of a kind, and those before it."""
    end, heard = time.monotonic() + PATIENCE_S, []
    while time.monotonic() < end:
        heard += crew.wait(1)
        found = [event for event in heard if isinstance(event, kind)]
        if found:
            return found[0], heard
    raise TimeoutError(f"no {kind.__name__}, heard {heard}")


@pytest.mark.slow
def test_a_process_draws_shards_until_it_is_lost_and_another_takes_its_place(small, out):
    # Other tests have children of their own, such as a server that forks.
    others = list_children()
    crew = ProcessCrew(configure(*small.settings, f"output.dir={out}", "executor=processes", "workers=1"))
    try:
        assert crew.hire() == 1
        ready, heard = hear(crew, Ready)
        assert any(isinstance(event, Said) and "device: cpu" in event.text for event in heard)
        crew.draw(ready.worker, Shard(1, 2))
        first, _ = hear(crew, Ended)
        assert (first.shard, first.is_finished) == (Shard(1, 2), True)
        # As the terminal sends it to all, and a cluster: these are the driver's.
        (pid,) = list_children() - others
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2):
            os.kill(pid, number)
        crew.draw(ready.worker, Shard(2, 2))
        second, _ = hear(crew, Ended)
        assert first.rendered + second.rendered == PEOPLE
        os.kill(pid, signal.SIGKILL)
        lost, _ = hear(crew, Lost)
        assert lost == Lost(1, "signal 9 (SIGKILL), which the system sends when memory runs out")
        # The place is free.
        assert crew.hire() == 2
    finally:
        crew.close()
    assert list_children() <= others


def list_children() -> set[int]:
    pid = os.getpid()
    return set(map(int, Path(f"/proc/self/task/{pid}/children").read_text().split()))


def test_what_cannot_be_started_is_lost(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("render.run.engines.local.processes.subprocess.Popen", refuse)
    crew = ProcessCrew(configure("executor=processes", "workers=1", "device=cpu", f"output.dir={tmp_path}"))
    number = crew.hire()
    assert crew.wait(1) == [Lost(number, "it cannot be started: Cannot allocate memory")]
    # Its place is free again.
    assert crew.hire() == number + 1
    crew.close()


@pytest.mark.parametrize(
    ("code", "last", "expected"),
    [
        (1, b"", "exit code 1"),
        (-9, b"", "signal 9 (SIGKILL), which the system sends when memory runs out"),
        (
            -11,
            b"\nFatal Python error\n  File x\n\n",
            "signal 11 (SIGSEGV); its last lines: Fatal Python error |",
        ),
        (1, b"\xff" * 3, "exit code 1; its last lines: \ufffd"),
        (-34, b"", "signal 34"),
    ],
)
def test_how_a_process_ended_is_said(code, last, expected):
    assert describe_end(code, last).startswith(expected)
