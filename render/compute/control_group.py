"""Limits of the control group that this process is in (cgroups of Linux, version 2 or 1).

Containers and batch systems give a process a share of a machine this way; what the machine has says nothing
then. Source: https://docs.kernel.org/admin-guide/cgroup-v2.html, and cgroup-v1/.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_MOUNT = "sys/fs/cgroup"


def read_core_quota(root: Path = Path("/")) -> float | None:
    """How many cores' time the group gets.

    Args:
        root: Where the file system with /proc and /sys begins.

    Returns:
        Cores, or fractions of one; None where there is no limit or no group.
    """
    quotas = []
    for folder in _list_folders(root, "cpu"):
        try:
            if (folder / "cpu.max").is_file():
                quota, period = (folder / "cpu.max").read_text().split()
            else:
                quota = (folder / "cpu.cfs_quota_us").read_text()
                period = (folder / "cpu.cfs_period_us").read_text()
            # "max" and -1 stand for no limit.
            if quota != "max" and int(quota) > 0:
                quotas.append(int(quota) / int(period))
        # A group need not have the controller's files; those around it may.
        except (OSError, ValueError, ZeroDivisionError):
            continue
    return min(quotas, default=None)


def read_free_bytes(root: Path = Path("/")) -> int | None:
    """What the group may still take of memory.

    Args:
        root: Where the file system with /proc and /sys begins.

    Returns:
        Bytes; None where there is no limit or no group.
    """
    free = []
    for folder in _list_folders(root, "memory"):
        # Version 2, then version 1.
        for most, taken in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            try:
                limit = (folder / most).read_text().strip()
                if limit != "max":
                    free.append(max(0, int(limit) - _read_taken(folder, taken)))
            except (OSError, ValueError):
                continue
    return min(free, default=None)


def _read_taken(folder: Path, name: str) -> int:
    """What the group has, less the pages of files that the kernel drops when memory is wanted."""
    taken = int((folder / name).read_text())
    try:
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return taken - int(stat.get("inactive_file", 0))
    except (OSError, ValueError):
        return taken


def _list_folders(root: Path, controller: str) -> Iterator[Path]:
    """The folders of the process's group and of those around it, whose limits hold for it too."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        # hierarchy:controllers:path; version 2 is 0::path.
        hierarchy, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if hierarchy == "0":
            mount = root / _MOUNT
        elif controller in controllers.split(","):
            # Version 1 mounts controllers that share a hierarchy in one folder, such as cpu,cpuacct.
            mount = root / _MOUNT / controllers
            mount = mount if mount.is_dir() else root / _MOUNT / controller
        else:
            continue
        group = mount / path.strip("/")
        # In a container the path may be that of the host, and the mount that of the group.
        yield from [folder for folder in (group, *group.parents) if folder.is_relative_to(mount)]
