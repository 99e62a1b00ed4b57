"""Whether what is to work on a run goes together, and with what is to be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from render.config.checks import check_range
from render.errors import ConfigError
from render.files.stores.urls import redact
from render.fits.rows.shards import parse_shard

MOST_WORKERS = 4096


def check_executor(settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, where it does not.

    Args:
        settings: All of them, by their keys.
    """
    workers, devices = settings["workers"], settings["devices"]
    executor = settings["executor"]
    name = executor.name
    check_range("workers", workers, 0, MOST_WORKERS)
    _check_devices(devices, settings["device"], name)
    given = {"address": executor.address, "cpus": executor.cpus, "gpus": executor.gpus}
    for key, value in given.items():
        if value and name != "ray":
            raise ConfigError(
                f"executor.{key}: this is for executor=ray, found {redact(str(value))} with executor={name}; "
                f"leave one out"
            )
    if workers and name == "threads":
        raise ConfigError(
            f"workers: executor=threads is one process; expected 0, found {workers}; set executor=processes "
            f"for several, or threads= for how many sheets are drawn side by side"
        )
    # What asks for several processes, and what one process does.
    asks = f"executor={name}" if name in ("processes", "ray") else f"workers={workers}" if workers else None
    if asks is None and devices:
        asks = f"devices={[*devices]}"
    is_shard = parse_shard(settings["shard"]).count > 1
    single = f"shard={settings['shard']}" if is_shard else "job=figure"
    if asks is not None and (is_shard or settings["job"].product == "figure"):
        raise ConfigError(
            f"executor: {single} is done by one process, and {asks} asks for several; leave out one of them"
        )


def _check_devices(devices: Sequence[int], device: str, name: str) -> None:
    if min(devices, default=0) < 0 or len(set(devices)) < len(devices):
        raise ConfigError(f"devices: expected numbers of GPUs, each once, such as [0,1], found {[*devices]}")
    if devices and name not in ("auto", "processes"):
        raise ConfigError(
            f"devices: these are shared out with executor=processes, found executor={name}; leave them out"
            + (", and set device=cuda:N for one" if name == "threads" else "")
        )
    if devices and device not in ("auto", "cuda"):
        raise ConfigError(
            f"devices: expected device=auto beside devices={[*devices]}, found device={device}; leave out "
            f"one of them"
        )
