"""Where workers work on this machine: which GPU, how many threads, how much of the memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from render.compute.threads import count_cores
from render.config.schema import Config
from render.errors import ConfigError
from render.run.engines.worker import Station

# Cores that one interpreter's lock lets work well side by side: it is held for 1 to 2 % of the time that the
# CPU takes for a sheet.
CORES_EACH = 8


@dataclass(frozen=True)
class Place:
    """Where one worker works.

    Attributes:
        station: As the worker takes it.
        environment: Variables that its process gets.
    """

    station: Station
    environment: Mapping[str, str]


def find_places(config: Config, cores: int | None = None) -> list[Place]:
    """A place for each worker of a run.

    Args:
        config: The settings.
        cores: How many there are; left out, as the system has it.

    Raises:
        ConfigError: A GPU that is asked for is not there.
    """
    cores = cores or count_cores()
    gpus = list_gpus(config)
    workers = config.workers or len(gpus) or max(cores // CORES_EACH, 1)
    threads = config.threads or max(cores // workers, 1)
    if not gpus:
        return [Place(Station("cpu", threads, workers, compilers=cores), {})] * workers
    visible = _list_visible()
    sharers = -(-workers // len(gpus))
    station = Station("cuda:0", threads, sharers, workers, cores)
    # A process that sees other GPUs takes some of their memory.
    return [Place(station, {"CUDA_VISIBLE_DEVICES": visible[gpus[i % len(gpus)]]}) for i in range(workers)]


def list_gpus(config: Config) -> list[int]:
    """The numbers of the GPUs that workers share out; none where they draw on the CPU.

    Args:
        config: The settings.

    Raises:
        ConfigError: One that is asked for is not there.
    """
    if config.device == "cpu":
        return []
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    kind, _, number = config.device.partition(":")
    asked = [int(number)] if number else [*config.devices] or list(range(count))
    if max(asked, default=-1) >= count or (kind == "cuda" and not count):
        is_listed = config.devices and not number
        setting = f"devices: {[*config.devices]}" if is_listed else f"device: {config.device!r}"
        raise ConfigError(
            f"{setting} is not there, found {count} CUDA device(s); use device=cpu or device=auto"
        )
    return asked


def _list_visible() -> list[str]:
    """What CUDA calls each of the GPUs that this process sees."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is None:
        return list(map(str, range(torch.cuda.device_count())))
    return [name.strip() for name in given.split(",")]
