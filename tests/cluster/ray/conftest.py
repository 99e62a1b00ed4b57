"""The cluster, people to draw on it, and what a run of them in one process writes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.people import People, draw_people
from tests.cluster.ray.cluster import Command, RayCluster, run_cluster

PEOPLE = 400


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[RayCluster]:
    pytest.importorskip("ray", reason="needs Ray: pip install -r requirements-dev.txt")
    with run_cluster(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def people(demo_set, tmp_path_factory) -> People:
    return draw_people(demo_set.fit_file, tmp_path_factory.mktemp("people"), PEOPLE)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def start(cluster, people, out, tmp_path) -> Iterator[Callable[..., Command]]:
    """Starts a run of them on the cluster."""
    commands = []

    def start(*words: str) -> Command:
        address = f"executor.address={cluster.address}"
        command = Command(
            (*people.settings, f"output.dir={out}", "executor=ray", address, *words), tmp_path / "log"
        )
        commands.append(command)
        return command

    yield start
    for command in commands:
        command.process.kill()
        command.process.wait()
