"""What all benchmarks share: on which machine they ran, how times spread, a table, a file of results."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import secrets
import statistics
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
# The kit for GPU machines has results written beside its own.
RESULTS_DIR = Path(os.environ.get("RENDER_RESULTS_DIR", REPOSITORY / "benchmarks" / "results"))
# OpenCV has a wheel with windows and one without.
PACKAGES = {
    "torch": ("torch",),
    "warp-lang": ("warp-lang",),
    "pytorch3d": ("pytorch3d",),
    "smplx": ("smplx",),
    "numpy": ("numpy",),
    "opencv": ("opencv-python-headless", "opencv-python"),
    "nvimgcodec": ("nvidia-nvimgcodec-cu13", "nvidia-nvimgcodec-cu12"),
}


def machine() -> dict:
    """Where a benchmark runs: processor, memory in GB (1e9 bytes), GPUs, versions, commit, and when.

    What cannot be found is None; without an NVIDIA GPU the list of GPUs is empty.
    """
    return {
        "cpu": _find_cpu(),
        "cores_available": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "gpus": _find_gpus(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: _find_version(wheels) for name, wheels in PACKAGES.items()},
        "commit": _run("git", "rev-parse", "HEAD"),
        "is_dirty": _is_dirty(),
        "date_utc": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def spread(samples: list[float]) -> dict:
    """Median, least and greatest of `samples` in their own unit, and n, how many they are.

    Raises statistics.StatisticsError where there is none.
    """
    return {
        "median": statistics.median(samples),
        "least": min(samples),
        "greatest": max(samples),
        "n": len(samples),
    }


def show_spread(found: dict, digits: int = 3) -> str:
    """A spread for a table, `median (least to greatest)`, with `digits` decimals."""
    median, least, greatest = (f"{found[key]:.{digits}f}" for key in ("median", "least", "greatest"))
    return f"{median} ({least} to {greatest})"


def print_table(title: str, headers: list[str], rows: list[list[str]]) -> None:
    """Prints columns as wide as their widest cell: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    print(f"\n{title}\n")
    for cells in (headers, ["-" * width for width in widths], *rows):
        first, *others = zip(cells, widths, strict=True)
        shown = [first[0].ljust(first[1])] + [cell.rjust(width) for cell, width in others]
        print("  ".join(shown).rstrip())


def write_json(name: str, payload: dict, folder: Path = RESULTS_DIR) -> Path:
    """Writes `payload` with machine() under "machine" to <name>.json in `folder` and returns its path.

    The file is there whole or not at all. Raises ValueError or TypeError for what JSON cannot hold, NaN too.
    """
    text = json.dumps(payload | {"machine": machine()}, indent=1, sort_keys=True, allow_nan=False) + "\n"
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_text(text)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def _find_cpu() -> str | None:
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        if found:
            return found[1].strip()
    # ARM kernels name no model.
    return platform.processor() or platform.machine() or None


def _find_gpus() -> list[dict]:
    query = ("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
    keys = ("name", "memory", "driver")
    lines = (_run("nvidia-smi", *query) or "").splitlines()
    # A driver without a device prints a sentence instead.
    return [dict(zip(keys, line.rsplit(", ", 2), strict=True)) for line in lines if line.count(", ") >= 2]


def _find_version(wheels: tuple[str, ...]) -> str | None:
    for wheel in wheels:
        with contextlib.suppress(PackageNotFoundError):
            return version(wheel)
    return None


def _is_dirty() -> bool | None:
    # Results of earlier benchmarks change nothing that is measured.
    changed = _run("git", "status", "--porcelain", "--", ".", ":!benchmarks/results")
    return None if changed is None else bool(changed)


def _run(*command: str) -> str | None:
    """What a command prints; None where there is no such command or it fails."""
    try:
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
