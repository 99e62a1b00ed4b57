"""First runs over a set as it was made: drawn once in a session, and copied with their times for others.

Most tests of what a second run does begin with the same first one, which takes a hundred times as long as a
copy of its files.
"""

import copy
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from render.files.output_dir import OutputDir
from render.run.report import Report
from tests.helpers.runs import run
from tests.helpers.small_set import SmallSet

# A test with one of these may have a run do something else, or look at how it goes.
WATCHERS = {"monkeypatch", "caplog", "capsys", "capfd"}

Stamp = tuple[tuple[str, int, int], ...]


class KeptRuns:
    """The runs over copies of one set, by their words."""

    def __init__(self, folder: Path, made: SmallSet) -> None:
        self._folder = folder
        self._made = made
        self._stamp = _stamp(made)
        self._reports: dict[tuple[str, ...], tuple[Path, Report]] = {}

    def copy_set(self, folder: Path) -> SmallSet:
        """A copy of the set that may be changed, of files with the same times."""
        source = self._made.fit_file.parent
        shutil.copytree(source, folder)
        settings = [word.replace(str(source), str(folder)) for word in self._made.settings]
        entries = copy.deepcopy(self._made.entries)
        return SmallSet(folder / self._made.fit_file.name, folder / "images", entries, settings)

    def run(self, request: pytest.FixtureRequest, small: SmallSet, into: Path, *words: str) -> Report:
        """Runs with the settings of a copy of the set and these words, or copies what such a run has left.

        request: of the test. into: the folder of outputs. Whatever a run may find other than when the set was
        made is a run of its own: files that are there, a set that was changed, words with files of the test,
        and one that is watched.
        """
        folder = str(small.fit_file.parent.parent)
        is_first = not into.exists() and WATCHERS.isdisjoint(request.fixturenames)
        if not is_first or any(folder in word for word in words) or _stamp(small) != self._stamp:
            return run(*small.settings, f"output.dir={into}", *words)
        if words not in self._reports:
            report = run(*small.settings, f"output.dir={into}", *words)
            kept = self._folder / str(len(self._reports))
            shutil.copytree(into, kept)
            self._reports[words] = (kept, report)
            return report
        kept, report = self._reports[words]
        shutil.copytree(kept, into)
        return replace(report, output=OutputDir(into, report.tag))


def _stamp(made: SmallSet) -> Stamp:
    """What tells whether a file was changed, of all of a set."""
    folder = made.fit_file.parent
    found = []
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if not path.is_dir():
            found.append((str(path.relative_to(folder)), status.st_size, status.st_mtime_ns))
    return tuple(found)
