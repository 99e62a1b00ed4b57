"""People to draw on a cluster, and what a run of them in one process on this machine writes."""

from pathlib import Path
from typing import NamedTuple

from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set


class People(NamedTuple):
    """Settings that draw them, and the files of a whole run, by name."""

    settings: list[str]
    expected: dict[str, bytes]


def draw_people(fit_file: Path, folder: Path, count: int) -> People:
    """Makes a set of so many people, one of whom has no photo, so that there is a failure to be merged."""
    made = make_small_set(fit_file, folder / "set", count)
    (made.image_dir / "part0" / "demo_000001.jpg").unlink()
    # Workers have as many threads as they are given.
    settings = [word for word in made.settings if not word.startswith("threads=")]
    run(*settings, "threads=1", "executor=threads", f"output.dir={folder}/out")
    return People(settings, files_below(folder / "out"))
