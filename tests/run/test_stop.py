"""Signals end a run in good order, and the next one goes on."""

import os
import signal
from pathlib import Path

import pytest

from render.record.ledger import Ledger
from render.record.manifest import UNFINISHED
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE, assert_true, counts, drawn, read_manifest
from tests.helpers.processes import start, wait_for

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

SIGNALS = {
    "SIGINT": ([signal.SIGINT], {130}),
    "SIGTERM twice": ([signal.SIGTERM] * 2, {143}),
    "SIGUSR2": ([signal.SIGUSR2], {140}),
    # As clusters may send both when they take a job away.
    "SIGTERM, then SIGUSR2": ([signal.SIGTERM, signal.SIGUSR2], {140}),
    "many": ([signal.SIGINT, signal.SIGTERM] * 3, {130, 143}),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_signals_end_a_run_in_good_order(small, draw, out, tmp_path, name):
    log = tmp_path / "log"
    signals, codes = SIGNALS[name]
    process = start(*small.settings, f"output.dir={out}", log=log, hold_at=3)
    process.wait_until_held()
    process.send(signals[0])
    wait_for(lambda: "finishing the sheets that are under way" in log.read_text(), process)
    for number in signals[1:]:
        process.send(number)
    process.go.set()
    assert process.wait() in codes
    said = log.read_text()
    assert "Traceback" not in said
    assert "the same command goes on from" in said
    hidden = {name for name in files_below(out) if Path(name).name.startswith(".")}
    assert hidden <= {".manifest.journal"}
    assert_true(out)
    done = {entry["sheet"] for entry in read_manifest(out)}
    assert done == drawn(out)
    assert 3 <= len(done) <= 5
    assert counts(draw()) == (PEOPLE - len(done), len(done), 0)
    draw(into=tmp_path / "whole")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_a_signal_while_earlier_sheets_are_looked_at_loses_nothing(small, draw, out, monkeypatch):
    draw()
    expected = files_below(out)
    is_whole = Ledger.is_whole

    def interrupted(self, record):
        os.kill(os.getpid(), signal.SIGINT)
        return is_whole(self, record)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "is_whole", interrupted)
        with pytest.raises(KeyboardInterrupt):
            draw()
    now = files_below(out)
    assert now.pop(".manifest.journal") == b""
    assert now.pop("manifest.jsonl") == expected["manifest.jsonl"] + UNFINISHED.encode()
    assert now.items() < expected.items()
    assert counts(draw()) == (0, PEOPLE, 0)
    assert files_below(out) == expected


def test_handlers_of_signals_are_given_back(draw):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    draw("samples=0")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
