"""The cluster, people to draw on it, and what a run of them in one process writes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cluster.ray.cluster import Command, RayCluster, run_cluster
from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set

PEOPLE = 400


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[RayCluster]:
    pytest.importorskip("ray", reason="needs Ray: pip install -r requirements-dev.txt")
    with run_cluster(tmp_path_factory.mktemp("home")) as running:
        yield running


class People(NamedTuple):
    """Settings that draw them, and the files of a whole run, by name."""

    settings: list[str]
    expected: dict[str, bytes]


@pytest.fixture(scope="session")
def people(demo_set, tmp_path_factory) -> People:
    folder = tmp_path_factory.mktemp("people")
    made = make_small_set(demo_set.fit_file, folder / "set", PEOPLE)
    # One of the photos is missing, so that there is a failure to be merged.
    (made.image_dir / "part0" / "demo_000001.jpg").unlink()
    settings = [word for word in made.settings if not word.startswith("threads=")]
    run(*settings, "threads=1", "executor=threads", f"output.dir={folder}/out")
    return People(settings, files_below(folder / "out"))


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
