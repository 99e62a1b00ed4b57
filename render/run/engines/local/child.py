"""The process of a worker on this machine."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection

from render.fits.rows.shards import Shard
from render.run.engines.crew import Event

# Of prctl(2).
_PR_SET_PDEATHSIG = 1


def main(handle: int, parent: int) -> None:
    """Opens a run and draws shards of it, as the driver asks for, until it is ended or the driver is gone.

    Args:
        handle: Of the connection to the driver: what `Worker` takes comes first, then shards, or the number
            of a signal.
        parent: The driver's process.
    """
    _die_with(parent)
    # These are the driver's, also where they are sent to all processes of a job.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    # What a crash says is all that there is to be said of it.
    faulthandler.enable()
    connection = Connection(handle)
    given = connection.recv()
    # After the above: it takes seconds.
    from render.run.engines.worker import Worker

    lock = threading.Lock()

    def tell(event: Event) -> None:
        with lock:
            try:
                connection.send(event)
            except OSError:
                os._exit(1)

    config, number, station = given
    worker = Worker(config, number, station, tell)
    shards: queue.SimpleQueue[Shard] = queue.SimpleQueue()

    def listen() -> None:
        while True:
            try:
                asked = connection.recv()
            # The driver is gone; what is done is noted, and the rest is of no use.
            except (EOFError, OSError):
                os._exit(1)
            if isinstance(asked, Shard):
                shards.put(asked)
            else:
                worker.stop(asked)

    threading.Thread(target=listen, name="listen", daemon=True).start()
    worker.open()
    while True:
        worker.draw(shards.get())


def _die_with(parent: int) -> None:
    """Ends this process when its parent ends, however that is; where the system has no such thing, the end of
    the connection does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
