"""Runs the commands of README and documentation as a new user: python -m tools.docs.commands [PAGE ...]

Each page has a clone of its own, in which the demo set is there and nothing else was made, and its commands
run in their order. With --fresh all packages are installed anew from the network. The exit code is 1 where
one failed or nothing came of it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.docs.known import CANNOT, SERVES, Expected, find_expected, find_reason
from tools.docs.pages import EXAMPLES, PAGES, README, list_lines, name_page, strip_comment
from tools.docs.scratch import clone, install_packages, lend_packages, make_environment, share_packages
from tools.docs.stand_ins import DEMO, make_needed, place

TRIED = [README, *PAGES, EXAMPLES]
LIMIT_S = 600.0
LAST_LINES = 8


@dataclass(frozen=True)
class Tried:
    """What became of a command.

    Args:
        command: As the page has it.
        seconds: That it took.
        fault: What was wrong; empty where it does what the page says.
    """

    command: str
    seconds: float
    fault: str = ""


def list_commands(page: Path) -> list[str]:
    """The commands of a page, without what they say behind a #."""
    return [strip_comment(line).strip() for line in list_lines(page)]


def list_faults(commands: Iterable[str]) -> list[str]:
    """What `known` does not say of the commands of all pages, and what it says of none of them."""
    commands = list(commands)
    faults = [
        f"{command}: EXPECTED in tools/docs/known.py does not say what comes of it"
        for command in commands
        if not find_reason(command) and not find_expected(command)
    ]
    gone = [pattern for pattern in CANNOT if not any(re.search(pattern, command) for command in commands)]
    return faults + [f"{pattern}: no page has such a command; remove it from CANNOT" for pattern in gone]


def try_command(command: str, folder: Path, expected: Expected, limit_s: float = LIMIT_S) -> Tried:
    """Runs it in a folder, and looks for what is to come of it."""
    make_needed(command, folder)
    log = folder.parent / "said.txt"
    begin = time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen(
            # What is started in the background ignores Ctrl-C, and hands that on.
            ["env", "--default-signal=INT", "bash", "-c", place(command, folder)],
            cwd=folder,
            env=make_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        serves = re.search(SERVES, command) is not None
        code = _wait(process, limit_s, log if serves else None, expected.says)
    text = log.read_text(errors="replace")
    return Tried(command, time.monotonic() - begin, _find_fault(code, text, folder, expected))


def _wait(process: subprocess.Popen, limit_s: float, log: Path | None, says: str) -> int | None:
    """Its exit code, None after the limit; one that serves is stopped when it has said so, as by Ctrl-C."""
    end, is_stopped = time.monotonic() + limit_s, False
    while process.poll() is None and time.monotonic() < end:
        if log is not None and re.search(says, log.read_text(errors="replace")):
            os.killpg(process.pid, signal.SIGINT)
            log, is_stopped = None, True
        time.sleep(0.1)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None
    # 130 is that of who was stopped by Ctrl-C.
    return 0 if is_stopped and process.returncode in (130, -signal.SIGINT) else process.returncode


def _find_fault(code: int | None, said: str, folder: Path, expected: Expected) -> str:
    last = "\n".join(said.splitlines()[-LAST_LINES:])
    if code is None:
        return f"it did not end in time\n{last}"
    if code:
        return f"exit code {code}\n{last}"
    if expected.says and not re.search(expected.says, said):
        return f"it does not say {expected.says}\n{last}"
    for pattern in expected.files:
        found = [path for path in folder.glob(pattern) if path.is_file()]
        if not found:
            return f"there is no {pattern}\n{last}"
        if empty := [path for path in found if not path.stat().st_size]:
            return f"{empty[0].relative_to(folder)} is empty\n{last}"
    return ""


def try_page(page: Path, folder: Path) -> list[Tried]:
    """Runs the commands of a page one after the other, and says what became of each."""
    results = []
    for command in list_commands(page):
        if find_reason(command):
            continue
        expected = find_expected(command)
        assert expected is not None
        tried = try_command(command, folder, expected)
        results.append(tried)
        print(f"  {'FAILED' if tried.fault else 'ran':7}{tried.seconds:6.1f} s  {command}", flush=True)
        if tried.fault:
            print("      " + tried.fault.replace("\n", "\n      "), flush=True)
    return results


def prepare(folder: Path, is_fresh: bool) -> None:
    """The clone from which those of pages have their packages and the demo set."""
    clone(folder)
    (install_packages if is_fresh else lend_packages)(folder)
    subprocess.run(["make", "--quiet", "demo"], cwd=folder, env=make_environment(folder), check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--fresh", action="store_true", help="install all packages from the network first")
    options = parser.parse_args()
    if unknown := set(options.pages) - set(map(name_page, TRIED)):
        parser.error(f"there is no page {', '.join(sorted(unknown))}")
    if faults := list_faults(command for page in TRIED for command in list_commands(page)):
        parser.error("\n".join(faults))
    pages = [page for page in TRIED if not options.pages or name_page(page) in options.pages]
    results: list[Tried] = []
    with tempfile.TemporaryDirectory() as name:
        first = Path(name) / "first"
        prepare(first, options.fresh)
        for page in pages:
            print(name_page(page), flush=True)
            folder = Path(name) / "page"
            # Not of what was committed since.
            clone(folder, first)
            share_packages(first, folder)
            shutil.copytree(first / DEMO, folder / DEMO)
            results += try_page(page, folder)
            shutil.rmtree(folder)
    print_summary(pages, results)
    return int(any(tried.fault for tried in results))


def print_summary(pages: list[Path], results: list[Tried]) -> None:
    """What cannot run here and why, and how many ran and failed."""
    commands = [command for page in pages for command in list_commands(page)]
    for reason in CANNOT.values():
        kept = [command for command in commands if find_reason(command) == reason]
        if kept:
            print(f"\nCannot run here, {reason}:")
            print("\n".join(f"  {command}" for command in kept))
    failed = sum(bool(tried.fault) for tried in results)
    seconds = sum(tried.seconds for tried in results)
    print(f"\n{len(results) - failed} commands ran, {failed} failed, in {seconds / 60:.1f} minutes")


if __name__ == "__main__":
    sys.exit(main())
