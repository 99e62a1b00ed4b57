"""Runs the steps one after the other, each for so long and no longer, and keeps what they find.

Only Python's own library is needed here: what a step lacks costs that step alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.results import REPOSITORY, print_table, write_json
from tools.gpu.plan import Step

# Less is not worth a start.
LEAST_S = 10
# Between being asked to end and being ended.
GRACE_S = 5
SHOWN_LINES = 12
TOOL_FOLDERS = ("/usr/local/cuda/bin", "/opt/cuda/bin")
# Of the pack, for machines without them.
PACKED_TOOLS = "nvidia/**/compute-sanitizer/compute-sanitizer"


class Ended(NamedTuple):
    """How a step ended. state: ok, failed, too long, left out."""

    step: Step
    state: str
    seconds: float
    limit_s: float


def make_environment(held: Path, is_packed: bool, is_dry: bool, out: Path) -> dict[str, str]:
    """What the steps find in their environment.

    Args:
        held: Where the pack is unpacked.
        is_packed: Whether there is one; without, what is installed is used.
        is_dry: Whether there need be no GPU.
        out: Where benchmarks of the project write their results.
    """
    paths = [str(held / "site")] if is_packed else []
    paths += [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    packed = (held / "site").glob(PACKED_TOOLS) if is_packed else ()
    tools = [os.environ.get("PATH", os.defpath), *TOOL_FOLDERS, *(str(path.parent) for path in packed)]
    added = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PATH": os.pathsep.join(tools),
        "PYTHONUNBUFFERED": "1",
        "RENDER_RESULTS_DIR": str(out),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(held / "hypothesis"),
    }
    if is_packed:
        added |= {"WARP_CACHE_PATH": str(held / "kernels"), "XDG_CACHE_HOME": str(held / "cache")}
    if not is_dry:
        added["REQUIRE_CUDA"] = "1"
    return os.environ | added


def run_step(step: Step, limit_s: float, out: Path, environment: dict[str, str]) -> Ended:
    """Runs a step; what it says goes to NAME.txt, what it finds to NAME.json.

    Args:
        step: It.
        limit_s: Seconds that it may take, at most its own limit.
        out: The folder of these files.
        environment: Of its process.
    """
    limit_s = min(step.limit_s, limit_s)
    if limit_s < LEAST_S and limit_s < step.limit_s:
        return Ended(step, "left out: no time", 0.0, limit_s)
    if step.tool is not None and shutil.which(step.tool, path=environment["PATH"]) is None:
        return Ended(step, f"left out: no {step.tool}", 0.0, limit_s)
    command = [sys.executable, *step.words, f"--notes={out / step.name}.json"]
    began = time.monotonic()
    with (
        (out / f"{step.name}.txt").open("wb") as said,
        subprocess.Popen(
            # A session of its own, so that what it has started ends with it.
            command,
            cwd=REPOSITORY,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            code = process.wait(limit_s)
            state = "ok" if code == 0 else f"failed ({code})"
        except subprocess.TimeoutExpired:
            state = "too long"
        finally:
            _end(process)
    return Ended(step, state, time.monotonic() - began, limit_s)


def _end(process: subprocess.Popen) -> None:
    """Ends all that the process has started and that is still there."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)


def run_all(
    steps: list[Step], limit_s: float, out: Path, environment: dict[str, str], info: dict
) -> list[Ended]:
    """Runs steps, and writes OUT/gpu.json anew after each.

    Args:
        steps: In their order.
        limit_s: Seconds for all of them.
        out: The folder of what they leave.
        environment: Of their processes.
        info: What the file says besides.
    """
    out.mkdir(parents=True, exist_ok=True)
    ends, ended = time.monotonic() + limit_s, []
    for step in steps:
        (out / f"{step.name}.json").unlink(missing_ok=True)
        one = run_step(step, ends - time.monotonic(), out, environment)
        ended.append(one)
        print(f"{one.step.name}: {one.state}, {one.seconds:.1f} s of {one.limit_s:.0f}", flush=True)
        if one.state.startswith("failed"):
            print(_read_end(out / f"{step.name}.txt"), flush=True)
        for line in read_notes(out, step.name)["lines"]:
            print(f"    {line}", flush=True)
        write_summary(ended, out, info)
    return ended


def _read_end(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-SHOWN_LINES:])


def read_notes(out: Path, name: str) -> dict:
    """What a step has noted, nothing if it did not come so far."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((out / f"{name}.json").read_text())
    return {"found": {}, "lines": []}


def write_summary(ended: list[Ended], out: Path, info: dict) -> Path:
    """Writes gpu.json, which has the machine, and of each step how it ended and what it found."""
    steps = {
        one.step.name: {
            "state": one.state,
            "seconds": round(one.seconds, 1),
            "limit_s": round(one.limit_s),
            "found": read_notes(out, one.step.name)["found"],
        }
        for one in ended
    }
    return write_json("gpu", info | {"steps": steps}, out)


def show_summary(ended: list[Ended], out: Path) -> None:
    """Prints a table: a row a step, and one for each line that it has for it."""
    rows = []
    for one in ended:
        first, *others = read_notes(out, one.step.name)["lines"] or [""]
        rows.append([one.step.name, one.state, f"{one.seconds:.1f}", f"{one.limit_s:.0f}", first])
        rows += [["", "", "", "", line] for line in others]
    # The last column is text, and so to the left, unlike numbers.
    widest = max(len(row[-1]) for row in rows)
    print_table(
        "what was found",
        ["step", "state", "s", "limit", "found"],
        [[*row[:-1], row[-1].ljust(widest)] for row in rows],
    )
