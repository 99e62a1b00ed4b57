"""The cluster, people to draw on it, and what a run of them on this machine alone writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cluster.slurm.cluster import Slurm, is_there, run_slurm
from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.services import require
from tests.helpers.small_set import make_small_set

PEOPLE = 240


@pytest.fixture(scope="session")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    require(is_there(), "SLURM, or not as root: tests/cluster/slurm/install.sh")
    with run_slurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


class People(NamedTuple):
    """Settings that draw them on as many threads as there are cores, and a whole run's files by name."""

    settings: list[str]
    expected: dict[str, bytes]


@pytest.fixture(scope="session")
def people(demo_set, tmp_path_factory) -> People:
    folder = tmp_path_factory.mktemp("people")
    made = make_small_set(demo_set.fit_file, folder / "set", PEOPLE)
    # One of the photos is missing, so that there is a failure to be merged.
    missing = made.image_dir / "part0" / "demo_000001.jpg"
    missing.unlink()
    settings = [word for word in made.settings if not word.startswith("threads=")]
    settings += ["executor=threads"]
    run(*settings, f"output.dir={folder}/out")
    return People(settings, files_below(folder / "out"))


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"
