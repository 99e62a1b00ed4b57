"""Lines of a journal that wait for others, so that one write takes many of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from render.errors import OutputError


class HeldLines:
    """Lines in the order in which they were added, which a thread of their own writes together.

    Args:
        write: Writes lines; it raises OutputError where that cannot be.
        most_s: For how long the first of them waits.
        most_bytes: They wait no longer when there are so many.

    Attributes:
        fault: Why the thread could not write; whoever adds the next line is to be told.
    """

    def __init__(self, write: Callable[[bytes], None], most_s: float, most_bytes: int) -> None:
        self._write, self._most_s, self._most_bytes = write, most_s, most_bytes
        self.fault: OutputError | None = None
        self._lines = bytearray()
        self._lock, self._flushing = threading.Lock(), threading.Lock()
        self._wakes, self._ends = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """How many bytes wait."""
        return len(self._lines)

    def add(self, lines: bytes) -> None:
        """Adds a line, or several.

        Raises:
            OutputError: Lines before it could not be written.
        """
        if self.fault is not None:
            raise self.fault
        with self._lock:
            self._lines += lines
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="journal", daemon=True)
                self._thread.start()
            if len(self._lines) >= self._most_bytes:
                self._wakes.set()

    def flush(self) -> None:
        """Returns when all lines are written; threads that wait for it at the same time share a write.

        Raises:
            OutputError: They cannot be written; they go on waiting.
        """
        with self._flushing:
            with self._lock:
                lines = bytes(self._lines)
            if lines:
                self._write(lines)
                with self._lock:
                    del self._lines[: len(lines)]

    def clear(self, empty: Callable[[], None]) -> None:
        """Forgets all lines, and empties what those before were written to, while none is written."""
        with self._flushing, self._lock:
            self._lines.clear()
            empty()

    def end(self) -> None:
        """Has the thread end; what waits is written no more."""
        self._ends.set()
        self._wakes.set()

    def _write_on(self) -> None:
        while not self._ends.is_set():
            self._wakes.wait(self._most_s)
            self._wakes.clear()
            if self._ends.is_set():
                return
            try:
                self.flush()
            except OutputError as error:
                self.fault = error
