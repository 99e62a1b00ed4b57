"""The processes of one peer: ours is one with threads, the others are one for each core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.peers.peer import PEERS, MissingPeerError
from benchmarks.peers.worker import BODIES
from benchmarks.results import REPOSITORY

# Of each process one thread, also of the libraries below; llvmpipe draws in the caller's with 0.
ONE_THREAD = {"LP_NUM_THREADS": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Turn(NamedTuple):
    """What drawing took. seconds: until the last process was done. processor_seconds: of all."""

    sheets: int
    seconds: float
    processor_seconds: float


class Crew:
    """Processes that have one peer open and draw together.

    Args:
        name: Of PEERS.
        settings: Of `worker.open_peer`, but for the name and the threads.
        threads: How many work side by side.
        folder: For their sheets, which are gone after each turn, and for what they print.

    Attributes:
        about: As in `Opened`.

    Raises:
        MissingPeerError: The peer is not there.
        RuntimeError: A process failed.
    """

    def __init__(self, name: str, settings: dict[str, Any], threads: int, folder: Path) -> None:
        is_ours = PEERS[name].module == "ours"
        self._folder, self._name = folder, name
        # A pipe that nobody reads would stop them.
        self._log = (folder / f"{name}_{threads}.log").open("w+")
        self._workers = [self._start() for _ in range(1 if is_ours else threads)]
        try:
            for worker in self._workers:
                self._tell(worker, settings | {"name": name, "threads": threads if is_ours else 1})
            answers = [self._hear(worker) for worker in self._workers]
            if missing := next((answer["missing"] for answer in answers if "missing" in answer), None):
                raise MissingPeerError(missing)
        except BaseException:
            self.close()
            raise
        self.about: str = answers[0]["about"]

    def draw(self, rows: range) -> Turn:
        """Draws these people, each process its share of them."""
        shares = [rows[k :: len(self._workers)] for k in range(len(self._workers))]
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            busy = [(worker, share) for worker, share in zip(self._workers, shares, strict=True) if share]
            for number, (worker, share) in enumerate(busy):
                own = Path(folder) / str(number)
                own.mkdir()
                self._tell(worker, _make_task("draw", share, own))
            answers = [self._hear(worker) for worker, _ in busy]
            found = len(list(Path(folder).rglob("*.jpg")))
        if found != len(rows):
            raise RuntimeError(f"{self._name} wrote {found} sheets, expected {len(rows)}")
        return Turn(
            len(rows),
            max(answer["seconds"] for answer in answers),
            sum(answer["processor_seconds"] for answer in answers),
        )

    def find_bodies(self, rows: range) -> np.ndarray:
        """Where sheets show a body, (N, H, W) bool."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            self._tell(self._workers[0], _make_task("find_bodies", rows, Path(folder)))
            self._hear(self._workers[0])
            return np.load(Path(folder) / BODIES)

    def close(self) -> None:
        """Ends the processes."""
        for worker in self._workers:
            worker.kill()
            worker.communicate()
        self._log.close()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.worker"],
            cwd=REPOSITORY,
            env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def _tell(self, worker: subprocess.Popen[str], message: dict[str, Any]) -> None:
        assert worker.stdin is not None
        try:
            worker.stdin.write(json.dumps(message) + "\n")
            worker.stdin.flush()
        except BrokenPipeError as error:
            raise self._explain() from error

    def _hear(self, worker: subprocess.Popen[str]) -> dict[str, Any]:
        assert worker.stdout is not None
        line = worker.stdout.readline()
        if not line:
            raise self._explain()
        return json.loads(line)

    def _explain(self) -> RuntimeError:
        self._log.seek(0)
        return RuntimeError(f"{self._name} failed:\n{self._log.read()[-3000:]}")


def _make_task(kind: str, rows: range, folder: Path) -> dict[str, Any]:
    return {"kind": kind, "rows": [rows.start, rows.stop, rows.step], "folder": str(folder)}
