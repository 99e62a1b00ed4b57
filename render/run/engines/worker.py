"""A worker: it opens the run once, and draws one shard after the other."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from render.compute.memory import plan_memory
from render.config.groups import ExecutorConfig
from render.config.schema import Config
from render.errors import InUseError, RenderError
from render.files.stores.output import open_readable
from render.fits.rows.shards import Shard
from render.run.engines.advancing import Advancing
from render.run.engines.crew import Ended, Event, Ready, Refused
from render.run.engines.known import KnownRecords
from render.run.engines.telling import tell_logs
from render.run.opening.run import OpenedRun, Share, open_run
from render.run.progress import Progress
from render.run.report import Report
from render.run.share import render_share

# A worker that is lost may still be ending somewhere, and has its shard until then; on an object store it
# has it for half a minute more.
PATIENCE_S = 45.0
POLL_S = 0.2


@dataclass(frozen=True)
class Station:
    """Where a worker works.

    Attributes:
        device: As the setting `device` has it.
        threads: How many work side by side, as the setting has it.
        sharers: How many workers share the device's memory, or the machine's, this one among them.
        on_host: How many share the machine's, whichever GPU is theirs; None where these are all.
        compilers: How many threads compile kernels while all other workers wait for them.
        tells_opening: Whether it says what a run says when it opens; one of all workers does.
        patience_s: How long it waits for a shard that a lost worker still has.
    """

    device: str
    threads: int
    sharers: int = 1
    on_host: int | None = None
    compilers: int | None = None
    tells_opening: bool = False
    patience_s: float = PATIENCE_S


@dataclass
class _Told:
    """A `Stop` that the driver sets."""

    number: int = 0


class Worker:
    """Draws shards; `open` is called first, and in its thread `draw` for each of them.

    Args:
        config: The settings of the whole run.
        number: Its own, among the workers.
        station: Where it works.
        tell: Is given what it says, from any thread.
    """

    def __init__(self, config: Config, number: int, station: Station, tell: Callable[[Event], None]) -> None:
        self._stop = _Told()
        self._config = configure_worker(config, station)
        self._worker = number
        self._station = station
        self._tell = tell
        self._run: OpenedRun | None = None

    def open(self) -> None:
        """Opens the run, and says that it is ready, or why it cannot be."""
        try:
            with tell_logs(self._worker, self._tell, self._station.tells_opening):
                self._run = open_run(self._config, self._station.compilers)
                self._known = KnownRecords(open_readable(self._config.output.dir))
        except RenderError as error:
            self._tell(Refused(self._worker, str(error)))
            return
        hardware = self._run.inputs.hardware
        # Once: what this worker keeps for later would make it seem less each time.
        self._memory = plan_memory(
            hardware.device,
            hardware.threads,
            self._station.sharers,
            self._station.on_host,
            self._config.batch,
        )
        # What is opened stays until the process ends; to look at it after each shard would take 0.2 s.
        gc.freeze()
        self._tell(Ready(self._worker, self._run.fingerprint.settings))

    def draw(self, shard: Shard) -> None:
        """Draws a shard as far as that can be, and says what became of it."""
        assert self._run is not None
        share = self._run.take(shard)
        try:
            with tell_logs(self._worker, self._tell):
                report = self._render(share)
        except RenderError as error:
            self._tell(Refused(self._worker, str(error)))
            return
        # Objects that refer to each other may hold large buffers, and Python seldom looks for them.
        gc.collect()
        self._tell(
            Ended(
                self._worker,
                shard,
                rendered=report.rendered,
                kept=report.kept,
                frames=report.frames,
                is_finished=report.is_finished,
            )
        )

    def stop(self, number: int) -> None:
        """Lets it finish what is under way, and begin nothing new; from any thread.

        Args:
            number: Of the signal that came.
        """
        self._stop.number = number

    def _render(self, share: Share) -> Report:
        assert self._run is not None
        end_s = time.monotonic() + self._station.patience_s
        while True:
            try:
                known = self._known.pick(share.fits.row.tolist())
                return render_share(self._run, share, self._stop, self._watch, known, self._memory)
            except InUseError:
                if self._stop.number or time.monotonic() > end_s:
                    raise
            time.sleep(POLL_S)

    def _watch(self, _total: int, _unit: str) -> Progress:
        return Advancing(self._worker, self._tell)


def configure_worker(config: Config, station: Station) -> Config:
    """The settings of a run as a worker opens it: in one process, and of everything."""
    return replace(
        config,
        executor=ExecutorConfig("threads"),
        workers=0,
        devices=[],
        shard="1/1",
        device=station.device,
        threads=station.threads,
        # These are of the whole run.
        page=False,
        progress=[],
    )
