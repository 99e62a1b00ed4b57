"""A crew of Ray's actors.

Ray restarts none of them: the driver hires another one where there is room, and gives it the shard that the
lost one had, which goes on by its own records.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from render.config.schema import Config
from render.errors import ConfigError
from render.fits.rows.shards import Shard
from render.run.engines.cluster.actor import Actor, Brief, find_version
from render.run.engines.cluster.connect import INSTALL, find_address, join_cluster
from render.run.engines.cluster.losses import describe_loss, find_missing_package
from render.run.engines.cluster.paths import make_absolute
from render.run.engines.cluster.resources import (
    Node,
    choose_demand,
    count_places,
    explain_waiting,
    list_nodes,
    make_station,
)
from render.run.engines.cluster.sharing import mark_output
from render.run.engines.crew import Event, Lost, Refused
from render.run.engines.local.places import list_gpus

log = logging.getLogger("render")

# How often the cluster is asked what it has.
LOOK_S = 5.0
# Nodes that are there give a place in a second; those that have to be started say nothing for minutes.
WAITS_S = 60.0
# Each worker is heard a few times a second, but so often that all of them leave the driver time for more.
LEAST_TURN_S = 0.2
MOST_CALLS = 500
# Until all workers are ended.
PATIENCE_S = 10.0
# `work` lasts as long as the worker, and `listen` waits; `draw` and `stop` do neither.
_METHODS = 4


@dataclass
class _Hired:
    """A worker.

    handle: Ray's of it. work: what comes of its work, which is how it ended; None when it refuses to. heard:
    what comes of the call that listens to it. since_s: when it was hired. node: the machine that it is on,
    once it has a place.
    """

    handle: Any
    work: Any
    heard: Any
    since_s: float
    node: str = ""


def draws_on_gpus(config: Config) -> bool:
    """Whether workers will draw on GPUs.

    Args:
        config: The settings of the run.

    Raises:
        ConfigError: There is no cluster.
    """
    executor = config.executor
    if config.device != "auto" or executor.gpus:
        return config.device != "cpu"
    address = find_address(executor.address)
    if address is None:
        return bool(list_gpus(config))
    with join_cluster(address) as ray:
        return any(node.gpus for node in list_nodes(ray.nodes()))


class RayCrew:
    """A `Crew` of actors of a cluster.

    Args:
        config: The settings of the run.

    Raises:
        ConfigError: There is no cluster, or it cannot be what the settings ask for.
        OutputError: Nothing can be written to the output folder.
    """

    def __init__(self, config: Config) -> None:
        self._config = make_absolute(config)
        self._hired: dict[int, _Hired] = {}
        self._count = 0
        self._nodes: list[Node] = []
        self._looked_s = -math.inf
        self._has_said = False
        with ExitStack() as stack:
            self._ray = stack.enter_context(join_cluster(find_address(config.executor.address)))
            self._look()
            self._demand = choose_demand(config, self._nodes)
            self._mark = stack.enter_context(mark_output(config.output.dir))
            self._stack = stack.pop_all()
        self._actor = self._ray.remote(Actor).options(
            num_cpus=self._demand.cpus,
            num_gpus=self._demand.gpus,
            max_restarts=0,
            max_concurrency=_METHODS,
            runtime_env={"env_vars": _limit_arenas(self._demand.cpus)},
        )
        log.info(
            "ray: %d nodes with %d CPUs and %g GPUs; a worker takes %s",
            len(self._nodes),
            sum(node.cpus for node in self._nodes),
            sum(node.gpus for node in self._nodes),
            self._demand.describe(),
        )

    @property
    def size(self) -> int:
        """How many may work at the same time: as many as are asked for, or as there is room for now."""
        return self._config.workers or max(count_places(self._demand, self._look()), 1)

    def hire(self) -> int:
        """Starts a worker as soon as there is room, and returns its number."""
        self._count += 1
        number = self._count
        station = make_station(self._config, self._demand, self._look(), tells_opening=number == 1)
        brief = Brief(self._config, number, asdict(station), self._mark, os.getcwd(), find_version())
        try:
            handle = self._actor.remote(brief)
        # Ray Client's server, which unpacks what is handed to it.
        except ImportError as error:
            raise ConfigError(_explain_missing(str(error.name), "the head node")) from error
        self._hired[number] = _Hired(handle, handle.work.remote(), self._listen(handle), time.monotonic())
        return number

    def draw(self, worker: int, shard: Shard) -> None:
        """Gives a worker a shard."""
        self._hired[worker].handle.draw.remote(shard)

    def stop(self, number: int) -> None:
        """Tells all workers to finish what is under way, and to begin nothing new."""
        for hired in self._hired.values():
            hired.handle.stop.remote(number)

    def wait(self, timeout_s: float) -> list[Event]:
        """What was said since, in order; returns at the latest after so many seconds."""
        calls = {hired.heard: number for number, hired in self._hired.items()}
        # It may be over before it was ever heard.
        calls |= {hired.work: number for number, hired in self._hired.items() if hired.work is not None}
        if not calls:
            time.sleep(timeout_s)
            return []
        ready, _ = self._ray.wait(list(calls), num_returns=1, timeout=timeout_s)
        if ready:
            ready, _ = self._ray.wait(list(calls), num_returns=len(calls), timeout=0)
        events: list[Event] = []
        # What a worker said before it ended comes first.
        for call in sorted(ready, key=lambda call: call == self._hired[calls[call]].work):
            number = calls[call]
            if number in self._hired:
                events += self._hear(number, call)
        self._say_who_waits()
        return events

    def close(self) -> None:
        """Ends all workers at once, and leaves the cluster."""
        try:
            works = [hired.work for hired in self._hired.values() if hired.node and hired.work is not None]
            for number in list(self._hired):
                self._end(number)
            # They have locks on what they write until they are gone.
            if works:
                self._ray.wait(works, num_returns=len(works), timeout=PATIENCE_S)
        finally:
            self._stack.close()

    def _look(self) -> list[Node]:
        """The machines of the cluster, as they were a few seconds ago at most."""
        now_s = time.monotonic()
        if now_s - self._looked_s > LOOK_S:
            self._nodes, self._looked_s = list_nodes(self._ray.nodes()), now_s
        return self._nodes

    def _hear(self, number: int, call: Any) -> list[Event]:
        hired = self._hired[number]
        try:
            said = self._ray.get(call)
        # Of a worker, its node, or of what Ray does for it.
        except self._ray.exceptions.RayError as error:
            self._end(number)
            return [_explain_end(number, hired.node, error)]
        if call == hired.work:
            # It has refused, and is still to be heard.
            hired.work = None
            return []
        hired.node, events = said
        hired.heard = self._listen(hired.handle)
        return list(events)

    def _listen(self, handle: Any) -> Any:
        return handle.listen.remote(max(LEAST_TURN_S, len(self._hired) / MOST_CALLS))

    def _end(self, number: int) -> None:
        """Makes sure that nothing is left of a worker: one that is only out of reach has its shard."""
        with contextlib.suppress(Exception):
            self._ray.kill(self._hired.pop(number).handle)

    def _say_who_waits(self) -> None:
        now_s = time.monotonic()
        waits_s = max([now_s - hired.since_s for hired in self._hired.values() if not hired.node] + [0.0])
        if waits_s > WAITS_S and not self._has_said:
            log.warning("%s", explain_waiting(self._demand, self._look(), waits_s))
            self._has_said = True


def _limit_arenas(cpus: int) -> dict[str, str]:
    """What keeps a worker's memory from growing: environment variables.

    A process of Ray's has some forty threads, and glibc gives each a heap of its own, which the threads that
    draw use in turn: each keeps what was once freed there, so that after 20,000 sheets it was 1.5 times as
    much.

    Args:
        cpus: As many threads draw at the same time.
    """
    name = "MALLOC_ARENA_MAX"
    return {name: os.environ.get(name, str(cpus + 2))}


def _explain_end(number: int, node: str, error: Exception) -> Event:
    missing = None if node else find_missing_package(str(error))
    if missing is not None:
        return Refused(number, _explain_missing(missing, "a node of the cluster"))
    return Lost(number, describe_loss(node or "of the cluster", type(error).__name__, str(error)))


def _explain_missing(package: str, where: str) -> str:
    return (
        f"executor: {where} has no package {package}; install there what is installed here ({INSTALL}), or "
        f"name it in the runtime environment of `ray job submit`"
    )
