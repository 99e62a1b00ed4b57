"""Two small sequences, and a run over them: drawn once, and copied for each test that goes on from there."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from render.run.report import Report
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import run
from tests.helpers.small_set import SmallSet

# Exact, and small.
WEBP = ("job=video", "output=webp", "panels=[camera/geo, side/geo]")
SEQUENCES = {"walk": (5, range(1, 4)), "run": (2, range(2))}


class Drawn(NamedTuple):
    """A set, and the folder into which it was drawn."""

    made: SmallSet
    out: Path
    report: Report


@pytest.fixture(scope="session")
def drawn_clips(demo_set, tmp_path_factory) -> Drawn:
    folder = tmp_path_factory.mktemp("clips")
    made = make_motion_set(demo_set.fit_file, folder / "set", SEQUENCES)
    return Drawn(made, folder / "out", run(*made.settings, *WEBP, f"output.dir={folder / 'out'}"))


@pytest.fixture
def small(drawn_clips, tmp_path) -> SmallSet:
    """A copy of the set, which may be changed."""
    made, source = drawn_clips.made, drawn_clips.made.fit_file.parent
    folder = tmp_path / "set"
    shutil.copytree(source, folder)
    settings = [word.replace(str(source), str(folder)) for word in made.settings]
    entries = json.loads(json.dumps(made.entries))
    return SmallSet(folder / "fits.json", folder / "images", entries, settings)


@pytest.fixture
def again(drawn_clips, tmp_path) -> None:
    """The set is drawn already."""
    shutil.copytree(drawn_clips.out, tmp_path / "out")


@pytest.fixture
def draw(small, tmp_path) -> Callable[..., Report]:
    def draw(*words: str, into: str = "out") -> Report:
        return run(*small.settings, *WEBP, f"output.dir={tmp_path / into}", *words)

    return draw
