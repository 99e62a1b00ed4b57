"""Fixtures of the small set, whole and in shards."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.small_runs import draw, out, small
from tests.helpers.small_set import SmallSet, make_small_set

__all__ = ["draw", "out", "small"]


@pytest.fixture(scope="session")
def hurt(demo_set, tmp_path_factory) -> SmallSet:
    """21 people: rows that are no fits, photos that are missing, and one that is damaged."""
    made = make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("hurt"), 21)
    made.entries[3]["parm_pose"] = None
    made.entries[11]["bbox_scale"] = "wide, with a comma\nand a line"
    made.entries[12]["imageName"] = "../outside.jpg"
    made.save()
    (made.image_dir / "part0" / "demo_000005.jpg").unlink()
    (made.image_dir / "part0" / "demo_000010.jpg").write_bytes(b"<html>")
    damaged = made.image_dir / "part0" / "demo_000000.jpg"
    damaged.write_bytes(damaged.read_bytes()[:-1200])
    return made


@pytest.fixture(scope="session")
def whole(hurt, tmp_path_factory) -> dict[str, bytes]:
    """What a run without shards writes."""
    out = tmp_path_factory.mktemp("whole")
    run(*hurt.settings, f"output.dir={out}")
    return files_below(out)


@pytest.fixture
def draw_shard(hurt, out) -> Callable:
    """Draws one shard into `out`."""

    def draw_shard(shard: str, *overrides: str, into: Path = out):
        return run(*hurt.settings, f"output.dir={into}", f"shard={shard}", *overrides)

    return draw_shard


@pytest.fixture
def draw_all(draw_shard) -> Callable:
    """Draws all shards, of so many."""

    def draw_all(count: int, *overrides: str) -> None:
        for number in range(1, count + 1):
            draw_shard(f"{number}/{count}", *overrides)

    return draw_all
