"""Whoever tells a watcher: what goes wrong there is said once, and costs nothing else."""

import threading

import pytest

from render.errors import OutputError
from render.watch.standing import Standing
from render.watch.teller import Teller
from tests.helpers.watched import BEGUN, ENDED


class Noting:
    """A watcher that notes what it is told, or fails."""

    every_s = 3600.0

    def __init__(self, *faults: BaseException | None) -> None:
        self.faults = list(faults)
        self.told: list[str] = []
        self.has_told = threading.Event()

    def begin(self) -> None:
        self._fail()

    def tell(self, standing: Standing) -> None:
        self.has_told.set()
        self._fail()
        self.told.append(standing.state)

    def close(self) -> None:
        self._fail()
        self.told.append("closed")

    def _fail(self) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault


def test_it_is_told_at_the_beginning_and_at_the_end(caplog):
    watcher = Noting()
    Teller("noting", watcher, lambda: BEGUN).end(ENDED)
    assert watcher.told == ["running", "finished", "closed"]
    assert caplog.messages == []


def test_it_is_told_meanwhile():
    watcher = Noting()
    watcher.every_s = 0.001
    seen = threading.Event()
    looks = []

    def look() -> Standing:
        looks.append(BEGUN)
        if len(looks) == 5:
            seen.set()
        return BEGUN

    teller = Teller("noting", watcher, look)
    assert seen.wait(60)
    teller.end(ENDED)
    assert watcher.told[:4] == ["running"] * 4
    assert watcher.told[-2:] == ["finished", "closed"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OutputError("progress.jsonl: the disk is full."), "progress.jsonl: the disk is full."),
        (ValueError("no route to host"), "ValueError: no route to host"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_what_goes_wrong_is_said_once_and_tried_again(caplog, fault, said):
    watcher = Noting(None, fault, fault)
    Teller("noting", watcher, lambda: BEGUN).end(ENDED)
    assert caplog.messages == [f"progress=noting: {said} The run goes on."]
    assert watcher.told == ["closed"]
    # Whatever was wrong is over.
    watcher = Noting(None, fault)
    Teller("noting", watcher, lambda: BEGUN).end(ENDED)
    assert watcher.told == ["finished", "closed"]


def test_what_cannot_begin_is_told_nothing(caplog):
    watcher = Noting(OutputError("a pipe is in the way."))
    Teller("noting", watcher, lambda: BEGUN).end(ENDED)
    assert watcher.told == []
    assert caplog.messages == ["progress=noting: a pipe is in the way. The run goes on."]


def test_who_hangs_does_not_keep_the_run(caplog):
    go = threading.Event()
    watcher = Noting()
    watcher.begin = lambda: go.wait(60)
    teller = Teller("noting", watcher, lambda: BEGUN)
    teller.end(ENDED, longest_s=0.0)
    assert caplog.messages == ["progress=noting: not told to the end in 0 s"]
    go.set()
