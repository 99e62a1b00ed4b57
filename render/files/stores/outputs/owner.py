"""Who has a lock: a process of a machine, and whether that is still there."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Owner:
    """A process, and one of its locks.

    Attributes:
        machine: Name of the machine.
        boot: What it was given when it was started; empty where systems do not tell.
        space: The numbers of which processes; two containers of a machine may both have a process 7.
        process: Its number.
        started: When it was started, in the machine's own count; numbers are given again.
        token: Of this lock alone.
    """

    machine: str
    boot: str
    space: str
    process: int
    started: str
    token: str

    def find_state(self) -> bool | None:
        """Whether the process is there; None where it is of another machine, or this one does not tell."""
        here = describe_process(self.token)
        if not here.boot or (self.machine, self.boot, self.space) != (here.machine, here.boot, here.space):
            return None
        return _find_start(self.process) == self.started


def describe_process(token: str) -> Owner:
    """This process as the owner of a lock."""
    try:
        boot, space = _BOOT.read_text().strip(), os.readlink("/proc/self/ns/pid")
    except OSError:
        boot = space = ""
    return Owner(socket.gethostname(), boot, space, os.getpid(), _find_start(os.getpid()), token)


def format_owner(owner: Owner, beat: int) -> bytes:
    """What stands in a lock.

    Args:
        owner: Whose it is.
        beat: Another number at each renewal.
    """
    return json.dumps({"owner": asdict(owner), "beat": beat}).encode()


def parse_owner(content: bytes) -> Owner | None:
    """Whose a lock is; None where it is free, or what stands there is of no run."""
    try:
        told: Any = json.loads(content)["owner"]
        owner = Owner(**told)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return owner if type(owner.process) is int and owner.process > 0 else None


def _find_start(process: int) -> str:
    """When a process was started; empty where it is not there."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(errors="replace")
    except OSError:
        return ""
    # The second field is a name in brackets, which may hold any.
    fields = told.rpartition(")")[2].split()
    # One that has ended and was not asked for yet holds nothing any more.
    return fields[19] if len(fields) > 19 and fields[0] not in "ZX" else ""
