"""A crew of processes on this machine.

They are started as programs of their own: a process that has loaded torch and Warp cannot be forked, and
`multiprocessing` would run the user's own script again in each of them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import replace
from heapq import heapify, heappop, heappush
from multiprocessing import Pipe
from multiprocessing.connection import wait

from render.config.schema import Config
from render.fits.rows.shards import Shard
from render.run.engines.crew import Event, Lost
from render.run.engines.local.places import Place, find_places

# Of what a process wrote before it ended.
MOST_LAST_BYTES = 4000
MOST_LAST_LINES = 12
# A process that lets go of its connection is ending.
PATIENCE_S = 5.0


class _Process:
    """A worker.

    Args:
        config: The settings of the whole run.
        number: Of the worker.
        place: Where it works, and the number of that.
        tells_opening: Whether it says what a run says when it opens.
    """

    def __init__(self, config: Config, number: int, place: tuple[int, Place], tells_opening: bool) -> None:
        self.number = number
        self.place = place
        self.connection, theirs = Pipe()
        handle = theirs.fileno()
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; from render.run.engines.local.child import main; "
            f"main({handle}, {os.getpid()})"
        )
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(handle,),
                env={**os.environ, **place[1].environment},
                # Of a group of its own: Ctrl-C is the driver's.
                process_group=0,
            )
        finally:
            theirs.close()
        assert self._popen.stdout is not None
        self.output = self._popen.stdout.fileno()
        self.is_mute = False
        self._last = b""
        station = replace(place[1].station, tells_opening=tells_opening)
        # Where it has ended already, that is heard in a moment, with what it said.
        with contextlib.suppress(OSError):
            self.connection.send((config, number, station))

    def read_output(self) -> bool:
        """Takes what it has written, which keeps it from waiting; False at the end."""
        text = os.read(self.output, 1 << 16)
        self._last = (self._last + text)[-MOST_LAST_BYTES:]
        return bool(text)

    def kill(self) -> None:
        """Ends it, with all that it has started."""
        # It need not be there any more; numbers are given again only when all others have been.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)

    def end(self, patience_s: float = 0.0) -> str:
        """Waits for its end, or makes one, and says how it ended.

        Args:
            patience_s: How long it may take to end by itself.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(patience_s)
        self.kill()
        code = self._popen.wait()
        while wait([self.output], 0) and self.read_output():
            pass
        assert self._popen.stdout is not None
        self._popen.stdout.close()
        self.connection.close()
        return describe_end(code, self._last)


class ProcessCrew:
    """A `Crew` of such workers.

    Args:
        config: The settings of the run.

    Attributes:
        size: How many may work at the same time.

    Raises:
        ConfigError: A GPU that is asked for is not there.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        places = find_places(config)
        self.size = len(places)
        self._free = list(enumerate(places))
        heapify(self._free)
        self._count = 0
        self._processes: dict[int, _Process] = {}
        self._lost: list[Event] = []

    def hire(self) -> int:
        """Starts a worker where none is, and returns its number."""
        self._count += 1
        number, place = self._count, heappop(self._free)
        try:
            self._processes[number] = _Process(self._config, number, place, tells_opening=number == 1)
        # No memory for another process, or no more of them.
        except OSError as error:
            heappush(self._free, place)
            self._lost.append(Lost(number, f"it cannot be started: {error.strerror}"))
        return number

    def draw(self, worker: int, shard: Shard) -> None:
        """Gives a worker a shard."""
        self._send(worker, shard)

    def stop(self, number: int) -> None:
        """Tells all workers to finish what is under way, and to begin nothing new."""
        for worker in self._processes:
            self._send(worker, number)

    def wait(self, timeout_s: float) -> list[Event]:
        """What was said since, in order; returns at the latest after so many seconds."""
        events, self._lost = self._lost, []
        sources: dict[object, _Process] = {}
        for process in self._processes.values():
            sources[process.connection] = process
            if not process.is_mute:
                sources[process.output] = process
        # Connections and descriptors, of which typeshed has a list of one kind.
        for source in wait(list(sources), 0 if events else timeout_s):  # type: ignore[arg-type]
            process = sources[source]
            if source is process.connection:
                events += self._hear(process)
            elif process.number in self._processes:
                process.is_mute = not process.read_output()
        return events

    def close(self) -> None:
        """Ends all workers at once."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.end()
        self._processes.clear()

    def _send(self, worker: int, asked: Shard | int) -> None:
        # That it is lost is heard in a moment.
        with contextlib.suppress(OSError):
            self._processes[worker].connection.send(asked)

    def _hear(self, process: _Process) -> list[Event]:
        events: list[Event] = []
        try:
            while process.connection.poll():
                events.append(process.connection.recv())
        except (EOFError, OSError):
            reason = process.end(PATIENCE_S)
            del self._processes[process.number]
            heappush(self._free, process.place)
            events.append(Lost(process.number, reason))
        return events


def describe_end(code: int, last: bytes) -> str:
    """How a process ended.

    Args:
        code: Its exit code, or a negative number for a signal's.
        last: What it has written to the end.
    """
    said = [line for line in last.decode(errors="replace").splitlines() if line.strip()][-MOST_LAST_LINES:]
    how = f"exit code {code}"
    if code < 0:
        # Those of real time have no names.
        names = {int(known): f" ({known.name})" for known in signal.Signals}
        how = f"signal {-code}{names.get(-code, '')}"
    if -code == signal.SIGKILL:
        how += ", which the system sends when memory runs out"
    return f"{how}; its last lines: {' | '.join(said)}" if said else how
