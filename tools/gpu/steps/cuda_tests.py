"""The tests of the project that need a GPU, by themselves or under compute-sanitizer."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from benchmarks.results import REPOSITORY
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words

# A test that asks for a GPU names this variable; see CONTRIBUTING.md.
MARK = "REQUIRE_CUDA"


def list_files() -> list[str]:
    """The files with tests for a GPU."""
    paths = sorted((REPOSITORY / "tests").rglob("test_*.py"))
    found = [
        path.relative_to(REPOSITORY) for path in paths if MARK in path.read_text() or "cuda" in path.stem
    ]
    return [str(path) for path in found if "tools" not in path.parts]


def make_command(tool: str, only: str, is_dry: bool, report: Path) -> list[str]:
    """What runs them; a dry run of some of them only looks whether they are there."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        *list_files(),
        "-v",
        "--durations=10",
        "-p",
        "no:cacheprovider",
    ]
    command += [f"--junitxml={report}", "--timeout=120"]
    command += ["-k", only] if only else []
    if is_dry:
        return [*command, "--collect-only"]
    return ["compute-sanitizer", f"--tool={tool}", "--error-exitcode=9", *command] if tool else command


def read_report(report: Path) -> dict:
    """Counts of a JUnit file, and how the first test failed that did."""
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    bad = [case for case in cases for kind in ("failure", "error") if case.find(kind) is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    first = bad[0] if bad else None
    fault = (
        None
        if first is None
        else (first.find("failure") if first.find("failure") is not None else first.find("error"))
    )
    return {
        "passed": len(cases) - len(bad) - len(skipped),
        "failed": [case.get("name") for case in bad],
        "skipped": [case.get("name") for case in skipped],
        "first_fault": None if fault is None else (fault.get("message") or "")[:2000],
    }


def main(words: list[str] | None = None) -> None:
    """Runs them, and notes how they ended."""
    given = read_words(words=words)
    notes, report = Notes(given.notes), given.notes.with_suffix(".xml")
    command = make_command(given.tool, given.only, given.dry_run, report)
    done = subprocess.run(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout)
    if report.is_file():
        found = read_report(report)
        line = f"{found['passed']} passed, {len(found['failed'])} failed, {len(found['skipped'])} skipped"
        notes.add("tests", found, line)
    for summary in re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", done.stdout):
        notes.add("sanitizer", summary, summary)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
