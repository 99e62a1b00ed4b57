"""What a worker takes of a cluster, and how many there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from render.config.schema import Config
from render.errors import ConfigError
from render.run.engines.local.places import CORES_EACH
from render.run.engines.worker import Station

# Of the CPUs of a cluster, what workers of one size may leave idle.
MOST_IDLE = 0.1
# Network file systems keep the locks of a machine that is gone until its lease ends, which is after 90 s in
# NFS 4 of Linux, by default (/proc/fs/nfsd/nfsv4leasetime).
PATIENCE_S = 150.0
# In messages.
_MOST_NAMED = 6


@dataclass(frozen=True)
class Node:
    """A machine of the cluster.

    Attributes:
        name: Of the machine.
        cpus: How many Ray gives away there.
        gpus: The same.
    """

    name: str
    cpus: int
    gpus: float


@dataclass(frozen=True)
class Demand:
    """What each worker takes of its node; all take the same, so that any can go where another one was.

    Attributes:
        cpus: CPUs.
        gpus: GPUs, or a part of one.
    """

    cpus: int
    gpus: float

    def count(self, node: Node) -> int:
        """How many workers there is room for on a node that has nothing else to do."""
        by_cpus = node.cpus // self.cpus
        # Ray counts in ten thousandths.
        return min(by_cpus, round(node.gpus * 10_000) // round(self.gpus * 10_000)) if self.gpus else by_cpus

    def describe(self) -> str:
        """In words."""
        return f"{self.cpus} CPUs" + (f" and {self.gpus:g} GPUs" if self.gpus else "")


def list_nodes(found: Iterable[Mapping[str, Any]]) -> list[Node]:
    """The machines that are there.

    Args:
        found: What `ray.nodes()` returns.
    """
    return [
        Node(
            str(node["NodeManagerHostname"]),
            int(node["Resources"].get("CPU", 0)),
            float(node["Resources"].get("GPU", 0)),
        )
        for node in found
        if node["Alive"]
    ]


def choose_demand(config: Config, nodes: Sequence[Node]) -> Demand:
    """What each worker takes: as the settings have it, else a GPU, or so many CPUs that few are left idle.

    Args:
        config: The settings.
        nodes: That are there now.

    Raises:
        ConfigError: The settings contradict each other, or what Ray does.
    """
    executor = config.executor
    if config.device.startswith("cuda:"):
        raise ConfigError(
            f"device: Ray says which GPU is whose; expected auto, cpu or cuda with executor=ray, found "
            f"{config.device}; executor.gpus= says how many a worker takes"
        )
    if config.device == "cpu" and executor.gpus:
        raise ConfigError(f"executor.gpus: expected 0 with device=cpu, found {executor.gpus:g}")
    has_gpus = any(node.gpus for node in nodes)
    takes_one = config.device == "cuda" or (config.device == "auto" and has_gpus)
    gpus = executor.gpus or float(takes_one)
    cpus = executor.cpus or config.threads or _choose_cpus(nodes, gpus, config.workers)
    return Demand(cpus, gpus)


def count_places(demand: Demand, nodes: Iterable[Node]) -> int:
    """How many workers there is room for, if nobody else has work for the cluster."""
    return sum(map(demand.count, nodes))


def make_station(config: Config, demand: Demand, nodes: Iterable[Node], tells_opening: bool) -> Station:
    """Where a worker works.

    Args:
        config: The settings.
        demand: What it takes of its node.
        nodes: That are there now.
        tells_opening: Whether it says what a run says when it opens.
    """
    # Whose workers need not be these: most of all.
    on_host = max([demand.count(node) for node in nodes] + [1])
    sharers = max(int(1 / demand.gpus), 1) if demand.gpus else on_host
    return Station(
        # Ray lets a worker see its own GPUs only.
        "cuda" if demand.gpus else "cpu",
        config.threads or demand.cpus,
        sharers,
        on_host,
        tells_opening=tells_opening,
        patience_s=PATIENCE_S,
    )


def explain_waiting(demand: Demand, nodes: Sequence[Node], wait_s: float) -> str:
    """Why a worker may not have begun.

    Args:
        demand: What it takes.
        nodes: That are there now.
        wait_s: How long it has waited.
    """
    named = ", ".join(f"{node.name} ({node.cpus} CPUs, {node.gpus:g} GPUs)" for node in nodes[:_MOST_NAMED])
    more = f" and {len(nodes) - _MOST_NAMED} more" if len(nodes) > _MOST_NAMED else ""
    why = "all are busy, or about to start it" if count_places(demand, nodes) else "none has as much"
    return (
        f"a worker waits for a place since {wait_s:.0f} s: it takes {demand.describe()}, and the nodes "
        f"{named}{more}: {why}. It begins when there is room; executor.cpus= and executor.gpus= ask for less"
    )


def _choose_cpus(nodes: Sequence[Node], gpus: float, workers: int) -> int:
    """The most CPUs a worker with which `workers` have a place, or few CPUs are left idle."""
    if gpus:
        shares = [int(node.cpus * gpus / node.gpus) for node in nodes if node.gpus >= gpus]
        return max(min(shares, default=1), 1)
    has = [node.cpus for node in nodes]
    sizes = range(min(max(has, default=1), CORES_EACH), 0, -1)
    for size in sizes:
        places = sum(cpus // size for cpus in has)
        if places >= workers > 0 or (not workers and places * size >= (1 - MOST_IDLE) * sum(has)):
            return size
    # More are asked for than there are CPUs, of a cluster that grows.
    return _choose_cpus(nodes, gpus, 0) if workers else 1
