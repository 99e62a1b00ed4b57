"""Runs of labels that are killed again and again: python -m benchmarks.kills

A run over photos of COCO's entropy is started, killed by SIGKILL when it has noted so many products, and
started again, as often as asked for; then it may come to its end. How many and at which moment is drawn by
chance. Prints what each kill met, and whether the files are, byte for byte, those of a run that was never
killed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.end_to_end import SHEET_BYTES
from benchmarks.results import REPOSITORY, print_table
from benchmarks.workspace import open_workspace
from render.files.readable_dir import ReadableDir
from render.record.manifest import journal_name, read_records
from render.record.records import Record
from render.record.stored import has_content

SETS, KILLS = 400, 20
# Nothing here takes as long unless it is stuck.
PATIENCE_S = 600


def start(data: CocoLike, output_dir: Path, words: list[str]) -> subprocess.Popen[bytes]:
    """Starts a run of labels."""
    settings = [
        *("dataset=eft", f"dataset.fit_file={data.fit_file}", f"dataset.image_dir={data.image_dir}"),
        *("body=demo", "job=labels", f"output.dir={output_dir}", "batch=16", *words),
    ]
    command = [sys.executable, "-m", "render", *settings]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finish(data: CocoLike, output_dir: Path, words: list[str]) -> None:
    """Runs to the end. Raises RuntimeError if it fails."""
    code = start(data, output_dir, words).wait(PATIENCE_S)
    if code:
        raise RuntimeError(f"{output_dir}: the run ended with code {code}")


def look_into(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_noted(output_dir: Path) -> dict[str, list[Record]]:
    """What the journal has of each product; nothing where there is none."""
    found: dict[str, list[Record]] = {}
    for record in read_records(ReadableDir(output_dir), journal_name("")):
        found.setdefault(record.product, []).append(record)
    return found


def count_noted(output_dir: Path) -> int:
    """How many products are noted: all where the run has come to its end."""
    is_done = (output_dir / "manifest.jsonl").exists() and not (output_dir / journal_name("")).exists()
    return SETS if is_done else len(read_noted(output_dir))


def check_noted(output_dir: Path) -> None:
    """Raises AssertionError unless each product that is noted is there, whole; nobody may be writing."""
    for product, records in read_noted(output_dir).items():
        # What is about to be in a tar is noted before, beside where it is until then.
        is_whole = [
            all(has_content(ReadableDir(output_dir), file) for file in record.files) for record in records
        ]
        assert any(is_whole), f"{output_dir}: {product} is noted, and not whole"


def name_stage(output_dir: Path, noted_before: int) -> str:
    """What a run that was killed just now was doing."""
    if (output_dir / "annotations.json").exists():
        return "writing the manifest, or done"
    noted = count_noted(output_dir)
    if noted == SETS:
        return "writing the annotations"
    if not output_dir.exists() or noted == noted_before:
        return "opening"
    is_writing = any(path.name.endswith(".tmp") for path in output_dir.rglob(".*"))
    return "writing a file" if is_writing else "between files"


def main() -> None:
    """Kills, goes on, compares, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("words", nargs="*", help="further settings")
    given = parser.parse_args()
    rng, stages = random.Random(given.seed), Counter()
    with open_workspace(4 * SETS * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", SETS)
        whole, broken = folder / "whole", folder / "broken"
        finish(data, whole, given.words)
        # The first kills come before anything is drawn, and the last when all is.
        targets = sorted([*rng.choices(range(SETS + 1), k=given.kills - 2), 0, SETS])
        for target in targets:
            noted = count_noted(broken)
            process = start(data, broken, given.words)
            while process.poll() is None and count_noted(broken) < target:
                time.sleep(0.001)
            # Before anything is noted there are seconds, and between two products milliseconds.
            time.sleep(rng.uniform(0, 0.02 if target else 2))
            process.kill()
            process.wait()
            check_noted(broken)
            stages[name_stage(broken, noted)] += 1
        finish(data, broken, given.words)
        expected, found = look_into(whole), look_into(broken)
    differing = [name for name in sorted(expected | found) if expected.get(name) != found.get(name)]
    print_table(
        f"{given.kills} kills of a run of {SETS} label sets",
        ["while it was", "kills"],
        [[stage, str(count)] for stage, count in stages.most_common()],
    )
    if differing:
        raise SystemExit(f"{len(differing)} of {len(expected)} files differ, the first is {differing[0]}")
    print(f"\nall {len(expected)} files are those of a run that was never killed")


if __name__ == "__main__":
    main()
