"""Opens whoever is told how far a run is: the terminal, and the watchers of the settings."""

from __future__ import annotations

from types import TracebackType

from render.config.schema import Config
from render.files.stores.output import open_output
from render.fits.rows.shards import parse_shard
from render.run.progress import OpenProgress, Progress, open_progress
from render.run.stop import Stop
from render.watch.standing import Pace, Settled, State
from render.watch.teller import Teller
from render.watch.watcher import WATCHERS, WatchedRun, Watcher


class Watched:
    """Progress that watchers are told of, too; see `Progress`.

    Args:
        shown: Is told what this one is told.
        pace: Counts it.
    """

    def __init__(self, shown: Progress, pace: Pace) -> None:
        self._shown = shown
        self._pace = pace

    def advance(self, outcome: Settled = "done") -> None:
        """One more is settled."""
        self._shown.advance(outcome)
        self._pace.advance(outcome)

    def expect(self, more: int) -> None:
        """There is more to do than was known, or less where it is negative."""
        self._shown.expect(more)
        self._pace.expect(more)

    def close(self) -> None:
        """Ends the bar; watchers are told the end when the run's lists are written."""
        self._shown.close()


class Watch:
    """An `OpenProgress`, entered around a run: watchers are told at the end how it ended.

    Args:
        watchers: By name.
        stop: The wish to end that the run heeds.
        show: Opens what is shown here.
    """

    def __init__(self, watchers: dict[str, Watcher], stop: Stop, show: OpenProgress) -> None:
        self._watchers = watchers
        self._stop = stop
        self._show = show
        self._pace: Pace | None = None
        self._tellers: list[Teller] = []

    def __call__(self, total: int, unit: str) -> Progress:
        """Progress for the one thing that the run counts.

        Args:
            total: How much there is to do.
            unit: What is counted, one of it.
        """
        shown = self._show(total, unit)
        if not self._watchers:
            return shown
        pace = self._pace = Pace(total, unit)
        self._tellers += [Teller(name, watcher, pace.look) for name, watcher in self._watchers.items()]
        return Watched(shown, pace)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if self._pace is None:
            return
        # Now, for watchers may still be at their beginning.
        last = self._pace.look(self._find_state(kind, self._pace))
        for teller in self._tellers:
            teller.end(last)

    def _find_state(self, kind: type[BaseException] | None, pace: Pace) -> State:
        if kind is not None:
            return "stopped" if issubclass(kind, KeyboardInterrupt) else "failed"
        now = pace.look()
        # A signal may have come when there was nothing left to do.
        return "stopped" if self._stop.number and now.settled < now.total else "finished"


def open_watch(config: Config, stop: Stop, show: OpenProgress = open_progress) -> Watch:
    """The watchers of the settings, before anything is drawn; nothing is written yet.

    Args:
        config: The settings.
        stop: As `Watch` takes it.
        show: As `Watch` takes it.

    Raises:
        ConfigError: What a watcher needs is not installed.
    """
    tag = parse_shard(config.shard).tag
    run = WatchedRun(
        config.output.dir,
        tag,
        config.job.name,
        config.dataset.name,
        # Temporary files of its own: this thread is not the one that writes the sheets.
        lambda: open_output(config.output.dir, tag),
    )
    return Watch({name: WATCHERS.load(name)(run) for name in dict.fromkeys(config.progress)}, stop, show)
