"""Fixtures that draw the small set of eight people; see conftest.py where they are used."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.run.report import Report
from tests.helpers.kept_runs import KeptRuns
from tests.helpers.small_set import SmallSet


@pytest.fixture
def small(kept_runs: KeptRuns, tmp_path) -> SmallSet:
    return kept_runs.copy_set(tmp_path / "set")


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def draw(small, out, kept_runs, request):
    """Draws the set into `out`, or another folder, and returns the report."""

    def draw(*overrides: str, into: Path = out) -> Report:
        return kept_runs.run(request, small, into, *overrides)

    return draw


@pytest.fixture
def bent(small) -> Path:
    """Fits of the same people, whose left knees are bent by 0.7 rad."""
    entries = copy.deepcopy(small.entries)
    for entry in entries:
        pose = np.array(entry["parm_pose"]).reshape(24, 3, 3)
        pose[4] = pose[4] @ Rotation.from_rotvec([0.7, 0, 0]).as_matrix()
        entry["parm_pose"] = pose.tolist()
    return save_others(small, entries)


def save_others(small: SmallSet, entries: list[dict], name: str = "bent.json") -> Path:
    """A fit file beside that of a small set."""
    path = small.fit_file.with_name(name)
    path.write_text(json.dumps({"ver": 0.1, "data": entries}))
    return path
