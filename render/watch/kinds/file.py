"""Lines of JSON in progress.jsonl beside the manifest; of a shard in progress.3of64.jsonl.

A run adds its lines to those of the runs before it, with a number of its own. On the disk each is added in
one piece, so that only the last one can be cut; in a store the file is put anew, with the latest lines.
Readers pass over a line that is no JSON.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque

from render.files.output import Journal, Output
from render.files.output_dir import OutputDir
from render.watch.standing import Standing
from render.watch.watcher import WatchedRun

EVERY_S = 10.0
# Each puts all lines anew.
STORE_EVERY_S = 30.0
MOST_STORED = 5000
_LONGEST_LINE = 1000


def progress_name(tag: str) -> str:
    """The file.

    Args:
        tag: Of a shard, such as `3of64`, nothing for the whole.
    """
    return f"progress.{tag}.jsonl" if tag else "progress.jsonl"


class FileWatcher:
    """Adds a line every some seconds; see `Watcher`.

    Args:
        run: The run that is watched.

    Attributes:
        every_s: Seconds between lines.
    """

    def __init__(self, run: WatchedRun) -> None:
        self.every_s = STORE_EVERY_S if "://" in run.output_dir else EVERY_S
        self._run = run
        self._name = progress_name(run.tag)
        self._number = 1
        self._output: Output | None = None
        self._journal: Journal | None = None
        self._lines: deque[bytes] = deque(maxlen=MOST_STORED)

    def begin(self) -> None:
        """Opens the file, or reads what a store has of it.

        Raises:
            OutputError: A link, a folder or a pipe has its name, or it cannot be written.
        """
        output = self._output = self._run.open_output()
        if isinstance(output, OutputDir):
            # A link or a pipe of that name is refused there.
            self._journal = output.open_journal(self._name)
            end = output.read_end(self._name, _LONGEST_LINE)
            if end and not end.endswith(b"\n"):
                self._journal.append(b"\n")
            self._number = _find_number(end) + 1
            return
        with contextlib.suppress(OSError):
            self._lines.extend(output.read_lines(self._name, _LONGEST_LINE))
        self._number = max(map(_find_number, self._lines), default=0) + 1

    def tell(self, standing: Standing) -> None:
        """Adds a line; it raises what `begin` does."""
        line = f"{json.dumps(self._describe(standing))}\n".encode()
        if self._journal is not None:
            self._journal.append(line)
            # Somebody may look on.
            self._journal.flush()
            return
        assert self._output is not None
        self._lines.append(line)
        self._output.write(self._name, b"".join(self._lines))

    def close(self) -> None:
        """Lets the file go."""
        if self._journal is not None:
            self._journal.close()

    def _describe(self, standing: Standing) -> dict[str, object]:
        left_s = standing.left_s
        return {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "run": self._number,
            "state": standing.state,
            "unit": standing.unit,
            "total": standing.total,
            "done": standing.done,
            "kept": standing.kept,
            "failed": standing.failed,
            "rate": None if standing.rate is None else float(f"{standing.rate:.4g}"),
            "left_s": None if left_s is None else round(left_s, 1),
            "elapsed_s": round(standing.elapsed_s, 1),
        }


def _find_number(lines: bytes) -> int:
    """The largest number of a run among lines, some of which may be none of ours."""
    found = 0
    for line in lines.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            number = entry.get("run") if isinstance(entry, dict) else None
            # JSON's true is a whole number to Python.
            if type(number) is int and 0 < number < 1 << 31:
                found = max(found, number)
    return found


WATCHER = FileWatcher
