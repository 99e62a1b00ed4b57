"""Fixtures that draw the small set of eight people; see conftest.py where they are used."""

from pathlib import Path

import pytest

from render.run.report import Report
from tests.helpers.manifests import PEOPLE
from tests.helpers.runs import run
from tests.helpers.small_set import SmallSet, make_small_set


@pytest.fixture
def small(demo_set, tmp_path) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path / "set", PEOPLE)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def draw(small, out):
    """Draws the set into `out`, or another folder, and returns the report."""

    def draw(*overrides: str, into: Path = out) -> Report:
        return run(*small.settings, f"output.dir={into}", *overrides)

    return draw
