"""Curves for TensorBoard, read back by the protobufs of its own files."""

import struct
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from render.errors import ConfigError
from render.watch.watcher import WATCHERS
from tests.helpers.watched import BEGUN, ENDED, HALF, make_run


def read_scalars(file: Path) -> list[tuple[str, int, float]]:
    """The points of an event file: records with their length before, and checksums between."""
    from tensorboardX.proto.event_pb2 import Event

    data, place, found = file.read_bytes(), 0, []
    while place < len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        event = Event.FromString(data[place + 12 : place + 12 + length])
        place += 12 + length + 4
        found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
    return found


def test_points_stand_over_the_count_of_what_is_settled(tmp_path):
    for _ in range(2):
        watcher = WATCHERS.load("tensorboard")(make_run(tmp_path))
        watcher.begin()
        for standing in (BEGUN, HALF, ENDED):
            watcher.tell(standing)
        watcher.close()
    files = sorted((tmp_path / "tensorboard").rglob("events*"))
    assert [file.parent.name for file in files] == ["run1", "run2"]
    points = read_scalars(files[1])
    assert [point for point in points if point[0] == "sheets/done"] == [
        ("sheets/done", 0, 0.0),
        ("sheets/done", 20, 12.0),
        ("sheets/done", 40, 32.0),
    ]
    # Nothing is known of the speed before something is made.
    assert [point[1:] for point in points if point[0] == "sheets/per_s"] == [
        (20, pytest.approx(1.50004)),
        (40, pytest.approx(1.6)),
    ]
    assert {point[0] for point in points} == {
        "sheets/done",
        "sheets/kept",
        "sheets/failed",
        "sheets/per_s",
        "left_s",
    }


def test_a_shard_is_named(tmp_path):
    watcher = WATCHERS.load("tensorboard")(make_run(tmp_path, "2of8"))
    watcher.begin()
    watcher.close()
    assert [path.name for path in (tmp_path / "tensorboard").iterdir()] == ["run1.2of8"]


def test_without_the_package_it_is_refused_and_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ConfigError, match="pip install tensorboardX"):
        WATCHERS.load("tensorboard")(make_run(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_links_and_places_that_are_no_folder_are_refused(tmp_path):
    (tmp_path / "tensorboard").symlink_to(tmp_path.parent)
    with pytest.raises(ConfigError, match="symbolic link"):
        WATCHERS.load("tensorboard")(make_run(tmp_path))
    with pytest.raises(ConfigError, match=r"output\.dir is s3://bucket/out"):
        WATCHERS.load("tensorboard")(replace(make_run(tmp_path), output_dir="s3://bucket/out"))
