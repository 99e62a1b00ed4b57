"""A Ray cluster whose nodes are all on this machine, each with one CPU, and commands that are run on it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.runs import ROOT

# Nothing here takes as long unless it is stuck.
PATIENCE_S = 200
_STORE_BYTES = 80_000_000
# Below those that Ray gives to its workers.
CLIENT_PORT = 9871


class Command:
    """A command under way.

    Args:
        words: Of the command line.
        log: What it says goes to the end of this file.
    """

    def __init__(self, words: tuple[object, ...], log: Path) -> None:
        self.log = log
        with log.open("a") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "render", *map(str, words)],
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                # Else Ctrl-C of whoever runs the tests would be this command's too.
                process_group=0,
            )

    def wait(self) -> int:
        """The exit code, or the negative number of the signal that ended it."""
        return self.process.wait(PATIENCE_S)

    def end(self, number: int) -> int:
        """Sends a signal, and waits."""
        self.process.send_signal(number)
        return self.wait()

    def said(self) -> str:
        return self.log.read_text()

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Until it holds; the command must not end before."""
        end_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end_s, self.said()
            time.sleep(0.02)


class RayCluster:
    """The cluster.

    Attributes:
        address: Where a command on this machine joins it.
    """

    def __init__(self, folder: str) -> None:
        from ray.cluster_utils import Cluster

        # Ports of Ray Client are for tests of that.
        self._cluster = Cluster(
            initialize_head=True,
            connect=False,
            head_node_args={
                "num_cpus": 1,
                "include_dashboard": False,
                "object_store_memory": _STORE_BYTES,
                "temp_dir": folder,
                # Which takes what the test of it asks for.
                "ray_client_server_port": CLIENT_PORT if find_spec("grpc") else None,
            },
        )
        self._nodes: list[Any] = [self._cluster.head_node]
        self.address: str = self._cluster.address
        self.add_node()

    def add_node(self) -> None:
        self._nodes.append(self._cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES))

    def lose_node(self) -> None:
        """Ends the last node, as a machine that is switched off."""
        self._cluster.remove_node(self._nodes.pop(), allow_graceful=False)

    def find_workers(self) -> list[int]:
        """The processes of our workers on all nodes."""
        raylets = {node.all_processes["raylet"][0].process.pid for node in self._nodes}
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                is_ours = parent in raylets and (path / "cmdline").read_bytes().startswith(b"ray::Actor")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if is_ours:
                found.append(int(path.name))
        return found

    def kill_worker(self) -> bool:
        """Ends the process of one of our workers, if there is one."""
        workers = self.find_workers()
        if workers:
            os.kill(min(workers), signal.SIGKILL)
        return bool(workers)

    def close(self) -> None:
        self._cluster.shutdown()


@contextmanager
def run_cluster(home: Path) -> Iterator[RayCluster]:
    """As long as it lasts, there is one.

    Args:
        home: A folder for what Ray writes into that of the user.
    """
    # Names of sockets are short.
    folder = tempfile.mkdtemp(prefix="ray-")
    with pytest.MonkeyPatch.context() as patch:
        # Kernels that are compiled stay where they are.
        patch.setenv("XDG_CACHE_HOME", os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")))
        patch.setenv("HOME", str(home))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.delenv("RAY_ADDRESS", raising=False)
        cluster = RayCluster(folder)
        try:
            yield cluster
        finally:
            cluster.close()
            shutil.rmtree(folder, ignore_errors=True)
