"""What the driver hears of a worker, without Ray."""

import socket
import threading

import pytest

from render.fits.rows.shards import Shard
from render.run.engines.cluster.actor import Actor, Brief, find_version
from render.run.engines.cluster.sharing import mark_output
from render.run.engines.crew import Advanced, Ready, Refused
from tests.helpers.runs import configure


class Over(Exception):
    """Ends the work, which lasts until then."""


@pytest.fixture
def make_actor(tmp_path, monkeypatch):
    # Which the work sets.
    monkeypatch.chdir(tmp_path)

    def make(mark: bytes = b"", version: str | None = None) -> Actor:
        config = configure(f"output.dir={tmp_path}/out")
        version = find_version() if version is None else version
        return Actor(Brief(config, 3, {"device": "cpu", "threads": 1}, mark, str(tmp_path), version))

    return make


def test_news_are_told_at_once_and_how_far_it_has_come_with_them(make_actor):
    actor, heard = make_actor(), []
    listening = threading.Thread(target=lambda: heard.append(actor.listen(60)))
    listening.start()
    actor._tell(Advanced(3, done=2))
    actor._tell(Ready(3, "abc"))
    listening.join(30)
    assert heard == [(socket.gethostname(), [Advanced(3, done=2), Ready(3, "abc")])]


def test_how_far_it_has_come_is_told_in_time(make_actor):
    actor = make_actor()
    assert actor.listen(0.01)[1] == []
    actor._tell(Advanced(3, done=2))
    assert actor.listen(0.01)[1] == [Advanced(3, done=2)]
    assert actor.listen(0.01)[1] == []


@pytest.mark.parametrize(
    ("mark", "version", "message"),
    [
        (b"x", None, r"output.dir: .*/out is another folder here"),
        (b"", "0.0.1", r"executor: expected smpl-render 0.0.1, as where the run was started, found"),
    ],
)
def test_a_machine_that_is_not_as_the_driver_is_refuses(make_actor, monkeypatch, mark, version, message):
    monkeypatch.setattr("render.run.engines.cluster.sharing.PATIENCE_S", 0)
    actor = make_actor(mark, version)
    actor.work()
    _, (refused,) = actor.listen(0.01)
    assert isinstance(refused, Refused)
    with pytest.raises(ValueError, match=rf"{message}.* \(on {socket.gethostname()}\)"):
        raise ValueError(refused.reason)


def test_shards_are_drawn_in_the_thread_that_opened_the_run_and_a_stop_is_never_late(make_actor, monkeypatch):
    said = []

    class FakeWorker:
        def __init__(self, config, number, station, tell):
            said.append(number)

        def open(self):
            said.append(threading.get_ident())

        def stop(self, number):
            said.append(("stop", number))

        def draw(self, shard):
            said.append((shard, threading.get_ident()))
            raise Over

    monkeypatch.setattr("render.run.engines.worker.Worker", FakeWorker)
    actor = make_actor()
    with mark_output(actor._brief.config.output.dir) as mark:
        actor = make_actor(mark)
        # Both before it has begun.
        actor.stop(15)
        actor.draw(Shard(2, 5))
        with pytest.raises(Over):
            actor.work()
    actor.stop(2)
    here = threading.get_ident()
    assert said == [3, ("stop", 15), here, (Shard(2, 5), here), ("stop", 2)]
