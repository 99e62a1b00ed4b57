"""Nodes, workers and drivers that are lost: all is there afterwards, once, and nothing else."""

import signal
import tempfile
from pathlib import Path

import pytest

from tests.cluster.ray.cluster import CLIENT_PORT
from tests.helpers.folders import files_below

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(500)]
# A run of photos that are missing.
FAILED = 2
KILLS = 10


def count_sheets(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.jpg"))


def test_a_node_that_vanishes_costs_its_unfinished_sheets_and_a_new_one_is_used(cluster, people, start, out):
    run = start()
    run.wait_until(lambda: len(cluster.find_workers()) == 2 and count_sheets(out) > 60)
    cluster.lose_node()
    run.wait_until(lambda: "is lost" in run.said())
    lost_at = count_sheets(out)
    cluster.add_node()
    assert run.wait() == FAILED, run.said()
    assert lost_at < len(people.expected) - 20, "it was lost too late to say anything"
    assert "Traceback" not in run.said()
    assert files_below(out) == people.expected


def test_workers_that_are_killed_ten_times(cluster, people, start, out):
    run = start()
    for kill in range(1, KILLS + 1):
        run.wait_until(lambda kill=kill: count_sheets(out) >= 32 * kill)
        run.wait_until(cluster.kill_worker)
    assert run.wait() == FAILED, run.said()
    assert run.said().count("is lost") + run.said().count("before it was ready") >= KILLS
    assert files_below(out) == people.expected


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_driver_that_is_ended_and_started_again(cluster, people, start, out, number, code):
    first = start()
    first.wait_until(lambda: count_sheets(out) > 100)
    assert first.end(number) == code
    assert count_sheets(out) < len(people.expected) - 20
    again = start()
    assert again.wait() == FAILED, again.said()
    assert files_below(out) == people.expected
    again.log.unlink()
    # And once more there is nothing to do.
    third = start()
    assert third.wait() == FAILED
    assert "0 rendered" in third.said()


def test_ray_client_joins_from_elsewhere(people, start, out):
    pytest.importorskip("grpc", reason="needs grpcio: pip install 'ray[client]'")
    run = start(f"executor.address=ray://127.0.0.1:{CLIENT_PORT}", "samples=0:40")
    assert run.wait() == FAILED, run.said()
    sheets = {name: content for name, content in files_below(out).items() if name.endswith(".jpg")}
    assert sheets == {name: people.expected[name] for name in sheets}
    assert len(sheets) > 30


def test_a_cluster_of_one_command_leaves_nothing(people, start, out):
    before = set(Path(tempfile.gettempdir()).glob("ray-*"))
    run = start("executor.address=null", "samples=0:40", "executor.cpus=1")
    assert run.wait() == FAILED, run.said()
    assert set(Path(tempfile.gettempdir()).glob("ray-*")) <= before
    assert not (Path.home() / ".ray").exists()
    assert ".workers" not in files_below(out)
