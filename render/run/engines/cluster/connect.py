"""Joining a Ray cluster, or starting one on this machine."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from render.compute.threads import count_cores
from render.errors import ConfigError
from render.files.stores.urls import redact

INSTALL = "pip install 'smpl-render[ray]'"
_ADDRESS = re.compile(r"(?P<client>ray://)?(?P<host>\[[0-9a-fA-F:]+\]|[^\s/:\[\]]+):(?P<port>[1-9]\d{0,4})")
# What `ray start` takes unless it is told otherwise.
_CLIENT_PORT = 10001
# Ray itself tries for two minutes, and then ends the process.
PATIENCE_S = 10.0
# Of Ray's store of objects: only lines of the log and numbers of shards travel.
_STORE_BYTES = 80_000_000
_LOG_BYTES = 4_000_000
# In bytes: with what Ray adds, sockets then have names of 107 at most, Linux's limit.
_LONGEST_BASE = 29
_QUIET = {"log_to_driver": False, "logging_level": logging.ERROR}
# Read by Ray when it is imported, and by the processes that it starts. The second keeps out of our own words
# what Ray says of lost workers, a page each; the third leaves CUDA_VISIBLE_DEVICES of workers on CPUs alone.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def find_address(asked: str | None) -> str | None:
    """Where the cluster is: as it is asked for, or that of the job of Ray's which this process is; None where
    it is to be started on this machine.

    Args:
        asked: As `executor.address` has it.
    """
    return asked or os.environ.get("RAY_ADDRESS") or None


@contextmanager
def join_cluster(address: str | None) -> Iterator[ModuleType]:
    """As long as it lasts, this process is in a cluster; gives the module `ray`.

    Args:
        address: From `find_address`; one that is started here ends here.

    Raises:
        ConfigError: Ray is not installed, or there is no such cluster, or it is of other versions.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    parts = None if address is None or address == "auto" else _check_address(address)
    if address is None:
        # Before Ray is imported. A token keeps other users of the machine out; one of the process's own
        # leaves no file in the user's home.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # On machines of others workers give way to all else, as Ray has it; here they are what is asked for.
        os.environ.setdefault("RAY_worker_niceness", "0")
        os.environ.setdefault("RAY_ROTATION_MAX_BYTES", str(_LOG_BYTES))
        os.environ.setdefault("RAY_ROTATION_BACKUP_COUNT", "1")
    if parts is not None:
        _make_sure_it_answers(str(address), parts["host"].strip("[]"), int(parts["port"]))
    ray = _import_ray(parts is not None and parts["client"] is not None)
    folder = _make_folder() if address is None else None
    own = {
        "address": "local",
        "num_cpus": count_cores(),
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
        "_temp_dir": folder,
    }
    try:
        _init(ray, address, own if folder else {"address": address})
        yield ray
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _make_folder() -> str:
    """Where Ray has its sockets and logs: with names that are short enough for sockets."""
    base = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix="ray-", dir=base if len(os.fsencode(base)) <= _LONGEST_BASE else "/tmp")


def _check_address(address: str) -> re.Match[str]:
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) > 65535:
        raise ConfigError(
            f"executor.address: expected auto, host:6379 or ray://host:{_CLIENT_PORT}, found "
            f"{redact(address)[:100]!r}"
        )
    if int(match["port"]) == _CLIENT_PORT and not match["client"]:
        raise ConfigError(
            f"executor.address: port {_CLIENT_PORT} is Ray Client's; write ray://{address}, or the port of "
            f"the cluster itself, which is 6379 unless `ray start` was told otherwise"
        )
    return match


def _import_ray(is_client: bool) -> ModuleType:
    try:
        import ray
    except ImportError as error:
        raise ConfigError(f"executor: ray cannot be imported ({error}); {INSTALL}") from error
    if is_client:
        try:
            import grpc  # noqa: F401
        except ImportError as error:
            raise ConfigError(
                f"executor.address: ray:// needs grpcio ({error}); "
                f"pip install 'ray[client]=={ray.__version__}'"
            ) from error
    module: ModuleType = ray
    return module


def _make_sure_it_answers(address: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=PATIENCE_S).close()
    except OSError as error:
        raise ConfigError(
            f"executor.address: nothing answers at {address} ({error}); start a cluster with "
            f"`ray start --head`, or leave executor.address out for one on this machine"
        ) from error


def _init(ray: ModuleType, address: str | None, settings: dict[str, Any]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(**settings, **_QUIET)
    # Of many kinds, some of which are those of libraries below Ray.
    except Exception as error:
        raise ConfigError(explain_refusal(address, str(error))) from error
    finally:
        # Ray takes SIGTERM for itself, and would end the process at once. Only the main thread has handlers.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def explain_refusal(address: str | None, said: str) -> str:
    """Why there is no cluster, and what to do.

    Args:
        address: As it was asked for; None for one on this machine.
        said: What Ray says.
    """
    said = " ".join(said.split())[:500]
    if address is None:
        return f"executor: Ray cannot start on this machine: {said}"
    if "version" in said.lower():
        advice = "Install the same versions of Python and ray here and on all machines of the cluster"
    elif "token" in said.lower():
        advice = "Set RAY_AUTH_TOKEN_PATH to the file with the token of the cluster"
    elif address == "auto":
        advice = "Start one with `ray start --head`, or leave executor.address out for one on this machine"
    elif address.startswith("ray://"):
        advice = "Ray Client needs `pip install 'ray[client]'` on the machine that it joins, too"
    else:
        advice = (
            f"This is for machines of the cluster; from others join by ray://host:{_CLIENT_PORT}, or hand "
            f"the command in with `ray job submit`"
        )
    return f"executor.address: cannot join a Ray cluster at {address}: {said} {advice}"
