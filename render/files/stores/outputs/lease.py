"""A lock on an object store: an object that its owner renews, and that others take when he does not.

Clocks of two machines are never compared. Whoever waits for a lock looks whether it changes, and takes it
when it has been the same for `STALE_S` of his own clock: by a swap that only one of several can win. Its
owner writes nothing when his last renewal was begun `HOLD_S` ago, but renews it first, and is told then where
it is not his any more. So there are `STALE_S - HOLD_S` seconds for what was under way to arrive.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from dataclasses import dataclass, field

from render.errors import InUseError, OutputError
from render.files.stores.outputs.objects import Objects, Version
from render.files.stores.outputs.owner import Owner, describe_process, format_owner, parse_owner

log = logging.getLogger("render")

# Between two renewals; how old the last one may be when something is written; how long a lock must stay as it
# is before others take it; and how often they look.
RENEW_S, HOLD_S, STALE_S, LOOK_S = 8.0, 18.0, 30.0, 2.0
_FREE = b'{"owner": null}'
# Time goes on while a machine sleeps, as it does for the others.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def refuse(place: str) -> InUseError:
    """What is raised where another run has the lock."""
    return InUseError(
        f"{place}: another run is writing the same sheets there. Wait until it has ended, or set output.dir "
        f"to a folder of its own."
    )


@dataclass
class Sightings:
    """Since when the locks of a place have been as they are, by the clock of this process."""

    _seen: dict[str, tuple[str, float]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    def note(self, name: str, tag: str) -> float:
        """Takes what a lock is now; returns for how many seconds it has been so."""
        before, since = self._seen.get(name, (tag, _read_clock()))
        if before != tag:
            self._changed.add(name)
            since = _read_clock()
        self._seen[name] = (tag, since)
        return _read_clock() - since

    def has_changed(self, name: str) -> bool:
        """Whether a lock was renewed while somebody looked."""
        return name in self._changed


class Lease:
    """A lock that is held until it is let go; a thread renews it.

    Args:
        objects: Where it is.
        name: Of its object.
        owner: This process.
        version: What it has written there.
        begun: When it began to do so.
    """

    def __init__(self, objects: Objects, name: str, owner: Owner, version: Version, begun: float) -> None:
        self._objects, self._name, self._owner = objects, name, owner
        self._version, self._renewed, self._beat = version, begun, 0
        self._is_lost = False
        self._lock = threading.Lock()
        self._ends = threading.Event()
        threading.Thread(target=self._keep, name="lock of an output", daemon=True).start()

    def check(self) -> None:
        """Makes sure that nobody else has it, before something is written.

        Raises:
            OutputError: Another run has taken it over, or it cannot be renewed.
        """
        if not self._is_lost and _read_clock() - self._renewed > HOLD_S:
            # Nothing, once it is let go.
            self._renew()
        if self._is_lost:
            raise OutputError(
                f"{self._objects.locate('')}: another run has taken over what this one was writing there, "
                f"for this one did not answer for {STALE_S:.0f} s. It stops here; what it has noted is not "
                f"lost."
            )

    def release(self) -> None:
        """Lets others have it; where that fails they have it a while later."""
        if self._ends.is_set():
            return
        self._ends.set()
        with self._lock, contextlib.suppress(OutputError):
            if not self._is_lost:
                self._objects.swap(self._name, _FREE, self._version)

    def remove(self) -> None:
        """Removes its object.

        Raises:
            OutputError: It cannot be removed, or is another's by now.
        """
        self.check()
        self._ends.set()
        with self._lock:
            self._objects.delete([self._name])

    def _keep(self) -> None:
        while not self._ends.wait(RENEW_S):
            # Whoever writes tries again, and is told why.
            with contextlib.suppress(OutputError):
                self._renew()

    def _renew(self) -> None:
        with self._lock:
            if self._is_lost or self._ends.is_set():
                return
            begun = _read_clock()
            content = format_owner(self._owner, self._beat + 1)
            version = self._objects.swap(self._name, content, self._version)
            if version is None:
                self._is_lost = True
            else:
                self._version, self._renewed, self._beat = version, begun, self._beat + 1


def take_lock(objects: Objects, name: str, sightings: Sightings, waits: bool) -> tuple[Lease, bool]:
    """Takes a lock, made if there is none.

    Args:
        objects: Where it is.
        name: Of its object.
        sightings: Of this place, for all of its locks: many that nobody renews cost the time of one.
        waits: For another run that has it.

    Returns:
        The lock, and whether its object was there before.

    Raises:
        OutputError: Another run has it, and `waits` is not set; or it cannot be written.
    """
    owner = describe_process(secrets.token_hex(8))
    mine = format_owner(owner, 0)
    while True:
        found = wait_until_free(objects, name, sightings, waits)
        begun = _read_clock()
        version = objects.create(name, mine) if found is None else objects.swap(name, mine, found)
        # Otherwise somebody else was faster.
        if version is not None:
            return Lease(objects, name, owner, version, begun), found is not None


def wait_until_free(objects: Objects, name: str, sightings: Sightings, waits: bool) -> Version | None:
    """The version of a lock that nobody has; None where there is no lock.

    Args:
        objects, name, sightings, waits: As `take_lock` takes them.

    Raises:
        OutputError: Another run has it, and `waits` is not set.
    """
    is_said = False
    while (found := objects.get(name)) is not None:
        content, version = found
        owner = parse_owner(content)
        age = sightings.note(name, version.get("e_tag", ""))
        is_there = None if owner is None else owner.find_state()
        if owner is None or is_there is False or (is_there is None and age >= STALE_S):
            return version
        if not waits and (is_there or sightings.has_changed(name)):
            raise refuse(objects.locate(""))
        if not is_said:
            log.info(
                "%s: a run of %s has not come to its end; looking for up to %.0f s whether it is still there",
                objects.locate(""),
                ascii(owner.machine)[:60],
                STALE_S,
            )
            is_said = True
        time.sleep(LOOK_S)
        # Journals are hidden, and nothing else is; all of them at once.
        for other, tag in objects.list_beginning(".").items():
            sightings.note(other, tag)
    return None


def _read_clock() -> float:
    return time.clock_gettime(_CLOCK)
