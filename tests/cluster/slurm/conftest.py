"""The cluster, people to draw on it, and what a run of them on this machine alone writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.people import People, draw_people
from tests.cluster.slurm.cluster import Slurm, is_there, run_slurm
from tests.helpers.services import require

PEOPLE = 240


@pytest.fixture(scope="session")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    require(is_there(), "SLURM, or not as root: tests/cluster/slurm/install.sh")
    with run_slurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


@pytest.fixture(scope="session")
def people(demo_set, tmp_path_factory) -> People:
    found = draw_people(demo_set.fit_file, tmp_path_factory.mktemp("people"), PEOPLE)
    return found._replace(settings=[*found.settings, "executor=threads"])


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"
