"""What runs of the small set leave behind, and how tests change what they are made from."""

import csv
import hashlib
import json
import os
from pathlib import Path

import cv2
import numpy as np

from render.record.manifest import UNFINISHED
from render.run.report import Report
from tests.helpers.folders import files_below, sheets_below
from tests.helpers.small_set import SmallSet

PEOPLE = 8


# Two on the first photo, two on the second, one on the third, three on the fourth.
PHOTO_ROWS = {0: [0, 1], 1: [2, 3], 2: [4], 3: [5, 6, 7]}


def counts(report: Report) -> tuple[int, int, int]:
    return report.rendered, report.kept, len(report.failed)


def photo(small: SmallSet, number: int) -> Path:
    return small.image_dir / f"part0/demo_{number:06d}.jpg"


def sheet(out: Path, row: int, extension: str = "jpg") -> Path:
    return next(out.glob(f"part0/*_{row}.{extension}"))


def read_manifest(out: Path, name: str = "manifest.jsonl") -> list[dict]:
    """Its records, without the line that an unfinished one ends with."""
    lines = (out / name).read_text().removesuffix(UNFINISHED).splitlines()
    return [json.loads(line) for line in lines]


def drawn(out: Path) -> set[str]:
    """The names of all sheets."""
    return {name for name in files_below(out) if name.endswith((".jpg", ".png"))}


def rows_of(out: Path) -> list[int]:
    return [row for entry in read_manifest(out) for row in entry["rows"]]


def read_failures(out: Path) -> list[dict]:
    with (out / "failures.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def look(out: Path) -> dict[str, tuple[int, int, bytes]]:
    """Of each sheet when and where it was written, and what is in it."""
    found = {}
    for name, data in sheets_below(out).items():
        status = (out / name).stat()
        found[name] = (status.st_mtime_ns, status.st_ino, data)
    return found


def redrawn(out: Path, before: dict[str, tuple[int, int, bytes]]) -> list[int]:
    """The rows of the sheets that were written since."""
    now = look(out)
    return sorted(int(name.split("_")[-1].split(".")[0]) for name in now if now[name] != before.get(name))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_true(out: Path) -> None:
    """Every line of the manifest is of a file that is there; no temporary file is."""
    for entry in read_manifest(out):
        assert entry["file"] == {
            "bytes": (out / entry["sheet"]).stat().st_size,
            "sha256": sha256(out / entry["sheet"]),
        }
    assert [name for name in files_below(out) if name.endswith(".tmp")] == []


def repaint(path: Path, seed: int = 0) -> None:
    """Another picture of the same size in pixels."""
    picture = cv2.imread(str(path))
    noise = np.random.default_rng(seed).integers(0, 256, picture.shape, dtype=np.uint8)
    cv2.imwrite(str(path), cv2.blur(noise, (9, 9)))


def as_bitmap(path: Path, grey: int) -> None:
    """A picture of one colour in a file whose length does not tell the colour."""
    hw = cv2.imread(str(path)).shape[:2]
    path.write_bytes(cv2.imencode(".bmp", np.full((*hw, 3), grey, np.uint8))[1].tobytes())


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1200])


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def turn(entry: dict) -> None:
    """By a quarter about the picture's axis."""
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    entry["parm_pose"][0] = (quarter @ np.array(entry["parm_pose"][0])).tolist()
