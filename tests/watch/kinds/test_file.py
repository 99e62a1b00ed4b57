"""progress.jsonl: what its lines say, whose they are, and what is in its way."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.watch.kinds.file import MOST_STORED, FileWatcher
from tests.helpers.in_the_way import limit_seconds
from tests.helpers.watched import BEGUN, ENDED, HALF, make_run


def tell(folder: Path, tag: str = "") -> None:
    watcher = FileWatcher(make_run(folder, tag))
    watcher.begin()
    for standing in (BEGUN, HALF, ENDED):
        watcher.tell(standing)
    watcher.close()


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_lines_say_how_far_it_is(tmp_path):
    tell(tmp_path)
    lines = read(tmp_path / "progress.jsonl")
    age = datetime.now(UTC) - datetime.fromisoformat(lines[0].pop("time"))
    assert timedelta(0) <= age < timedelta(hours=1)
    assert lines[0] == {
        "run": 1,
        "state": "running",
        "unit": "sheet",
        "total": 40,
        "done": 0,
        "kept": 0,
        "failed": 0,
        "rate": None,
        "left_s": None,
        "elapsed_s": 0.0,
    }
    assert (lines[1]["rate"], lines[1]["left_s"], lines[1]["elapsed_s"]) == (1.5, 13.3, 8.0)
    assert (lines[2]["state"], lines[2]["left_s"]) == ("finished", 0.0)


def test_a_shard_has_a_file_of_its_own_and_runs_have_numbers(tmp_path):
    for _ in range(2):
        tell(tmp_path, "3of64")
    tell(tmp_path)
    assert [line["run"] for line in read(tmp_path / "progress.3of64.jsonl")] == [1, 1, 1, 2, 2, 2]
    assert [line["run"] for line in read(tmp_path / "progress.jsonl")] == [1, 1, 1]
    assert {path.name for path in tmp_path.iterdir()} == {"progress.3of64.jsonl", "progress.jsonl"}


@pytest.mark.parametrize(
    "end",
    [b'{"run": 4}\n{"run": 4, "st', b'{"run": 4}\n\xff\n[1]\n{"run": true}\n', b'{"run": 4}\n' + b"[" * 9999],
)
def test_what_is_no_line_is_passed_over(tmp_path, end):
    """The last lines of a run that was killed, or of a stranger, stay as they are."""
    path = tmp_path / "progress.jsonl"
    path.write_bytes(end)
    tell(tmp_path)
    assert path.read_bytes().startswith(end)
    # The end alone is looked at: of a line that never ends nothing is known.
    expected = 1 if end.endswith(b"[[") else 5
    assert [json.loads(line)["run"] for line in path.read_bytes().splitlines()[-3:]] == [expected] * 3


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.symlink_to(path.with_name("elsewhere")), "a symbolic link is in the way"),
        (Path.mkdir, "a folder of that name is in the way"),
        (os.mkfifo, "a pipe, a socket or a device is in the way"),
    ],
    ids=["link", "folder", "pipe"],
)
def test_what_is_no_file_is_left_alone(tmp_path, make, said):
    make(tmp_path / "progress.jsonl")
    before = os.lstat(tmp_path / "progress.jsonl")
    with limit_seconds(), pytest.raises(OutputError, match=said):
        FileWatcher(make_run(tmp_path)).begin()
    assert os.lstat(tmp_path / "progress.jsonl") == before
    assert not (tmp_path / "elsewhere").exists()


class Store:
    """An output that is no folder, of which only whole files are put."""

    def __init__(self, folder: Path) -> None:
        self._dir = OutputDir(folder)
        self.read_lines = self._dir.read_lines
        self.puts = 0

    def write(self, name: str, data: bytes) -> None:
        self.puts += 1
        self._dir.write(name, data)


def test_in_a_store_the_file_is_put_anew(tmp_path):
    store = Store(tmp_path)
    run = replace(make_run(tmp_path), output_dir="s3://bucket/out", open_output=lambda: store)
    for _ in range(2):
        watcher = FileWatcher(run)
        watcher.begin()
        for standing in (BEGUN, ENDED):
            watcher.tell(standing)
        watcher.close()
    assert store.puts == 4
    assert [(line["run"], line["state"]) for line in read(tmp_path / "progress.jsonl")] == [
        (1, "running"),
        (1, "finished"),
        (2, "running"),
        (2, "finished"),
    ]


def test_in_a_store_no_more_lines_are_held_than_can_be_put(tmp_path):
    (tmp_path / "progress.jsonl").write_bytes(b'{"run": 9}\n' * (MOST_STORED + 5))
    store = Store(tmp_path)
    watcher = FileWatcher(replace(make_run(tmp_path), output_dir="s3://a", open_output=lambda: store))
    watcher.begin()
    watcher.tell(BEGUN)
    lines = read(tmp_path / "progress.jsonl")
    assert len(lines) == MOST_STORED
    assert lines[-1]["run"] == 10
