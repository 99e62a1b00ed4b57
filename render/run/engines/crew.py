"""What a driver and its workers say to each other, and what a crew of workers is asked for.

A worker opens the run once and then draws one shard after the other; whatever becomes of it, the shard's own
manifest and journal hold what is done. So nothing that is said here need be remembered: a worker that is lost
costs its unfinished sheets, and another one goes on with its shard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from render.fits.rows.shards import Shard


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has opened the run, and waits for a shard.

    Attributes:
        worker: Its number.
        settings: Hash of the settings and files that shape what is made; workers that differ in it would make
            different things of the same shards.
    """

    worker: int
    settings: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """More of a shard is settled.

    Attributes:
        worker: Who says so.
        done: How many more products, or frames of clips, are made.
        kept: How many more were there already.
        failed: How many more are not to be made.
        more: How much more there is to do than was known; less where it is negative.
    """

    worker: int
    done: int = 0
    kept: int = 0
    failed: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the log.

    Attributes:
        worker: Who says so.
        level: Of the log.
        text: The line.
        outcome: Where it is of a row, what became of that: skipped, failed or damaged.
    """

    worker: int
    level: int
    text: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A shard is drawn as far as it can be; its lists are written.

    Attributes:
        worker: Who drew it.
        shard: Its number and how many there are.
        rendered: Products that are made.
        kept: Those that were there already.
        frames: Of the clips, those that are made; None in a run of sheets.
        is_finished: Whether it came to its end; else it was told to stop.
    """

    worker: int
    shard: Shard
    rendered: int
    kept: int
    frames: int | None
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing can be done: what a run in one process would raise as a RenderError.

    Attributes:
        worker: Who says so.
        reason: The message.
    """

    worker: int
    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker is gone, with whatever it drew.

    Attributes:
        worker: Its number.
        reason: What is known of it, such as the signal that ended it.
    """

    worker: int
    reason: str


Event = Ready | Advanced | Said | Ended | Refused | Lost


class Crew(Protocol):
    """Workers, wherever they are."""

    @property
    def size(self) -> int:
        """How many may work at the same time, which may change."""

    def hire(self) -> int:
        """Starts a worker, and returns its number; `Ready`, `Refused` or `Lost` comes of it."""

    def draw(self, worker: int, shard: Shard) -> None:
        """Gives a worker that is ready a shard; `Ended`, `Refused` or `Lost` comes of it."""

    def wait(self, timeout_s: float) -> list[Event]:
        """What was said since, in order; returns at the latest after some seconds."""

    def stop(self, number: int) -> None:
        """Tells all workers to finish what is under way, and to begin nothing new.

        Args:
            number: Of the signal that came.
        """

    def close(self) -> None:
        """Ends all workers at once, and lets go of what they are on; nothing of them is left."""
