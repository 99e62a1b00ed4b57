"""Standings and runs for tests of watchers."""

from dataclasses import replace
from pathlib import Path

from render.files.output_dir import OutputDir
from render.watch.standing import Standing
from render.watch.watcher import WatchedRun

BEGUN = Standing("sheet", 40, 0, 0, 0, 0.0, None, "running")
HALF = replace(BEGUN, done=12, kept=7, failed=1, elapsed_s=8.04, rate=1.50004)
ENDED = replace(HALF, done=32, elapsed_s=20.0, rate=1.6, state="finished")


def make_run(folder: Path, tag: str = "") -> WatchedRun:
    return WatchedRun(str(folder), tag, "overlay", "demo", lambda: OutputDir(folder, tag))
