"""Sweeps over shards: when all of one run have come to their end, they are merged."""

import signal

import pytest

from render.errors import OutputError
from render.run.command import _end_by
from tests.helpers.commands import call


@pytest.fixture
def sweep(monkeypatch, tmp_path):
    """Sweeps without drawing: gives the exit code, and which folders were merged."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    merged: list[str] = []

    def merge(place: str) -> int:
        merged.append(place)
        if place == "elsewhere":
            raise OutputError("elsewhere: expected the manifests of shards, found none.")
        return 2

    monkeypatch.setattr("render.record.merge.merge_shards", merge)

    def call_sweep(codes: dict[str, int], *words: str) -> tuple[int, list[str]]:
        monkeypatch.setattr("render.run.command._render", lambda composed: codes.get(composed.shard, 0))
        return call("--multirun", "output.dir=here", *words).code, merged

    return call_sweep


@pytest.mark.parametrize(
    ("codes", "words", "code", "merged"),
    [
        ({}, ["shard=1/2,2/2"], 0, ["here"]),
        ({"2/2": 2}, ["shard=1/2,2/2"], 2, ["here"]),
        ({"2/2": 1}, ["shard=1/2,2/2"], 1, []),
        ({"1/2": 143}, ["shard=1/2,2/2"], 143, []),
        ({}, ["shard=1/3,2/3"], 0, []),
        ({}, ["shard=1/2,2/3"], 0, []),
        ({}, ["batch=1,2"], 0, []),
        ({}, ["shard=1/2,2/2", "dry_run=true"], 0, []),
        ({}, ["shard=1/2,2/2", "output.dir=here,there"], 0, ["here", "there"]),
        # Such as a disk that only the nodes share.
        ({}, ["shard=1/2,2/2", "output.dir=elsewhere"], 1, ["elsewhere"]),
    ],
)
def test_shards_are_merged_when_all_of_them_are_there(sweep, codes, words, code, merged):
    assert sweep(codes, *words) == (code, merged)


def test_a_launcher_is_told_that_time_is_over(monkeypatch, caplog):
    """It queues the job again, or raises where it has done so often enough."""
    told = []

    def tell(number: int, _frame: object) -> None:
        told.append(number)
        raise RuntimeError("timed-out too many times")

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2)
    before = [signal.getsignal(number) for number in numbers]
    try:
        signal.signal(signal.SIGUSR2, tell)
        assert _end_by(signal.SIGUSR2) == 140
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    assert told == [signal.SIGUSR2]
    assert "timed-out too many times" in caplog.text
