"""Clusters that cannot be joined, without Ray."""

import signal
import socket
import sys
from types import SimpleNamespace

import pytest

from render.errors import ConfigError
from render.run.engines.cluster.connect import explain_refusal, find_address, join_cluster
from render.run.stop import StopSignal


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense", "expected auto, host:6379 or ray://host:10001, found 'nonsense'"),
        ("host:99999", "expected auto"),
        ("http://host:8265", "expected auto"),
        ("ray://", "expected auto"),
        ("ray://name:password@host:1", "found 'ray://...@host:1'"),
        ("host:10001", "port 10001 is Ray Client's; write ray://host:10001"),
    ],
)
def test_addresses_that_are_none(address, message):
    with pytest.raises(ConfigError, match=f"executor.address: .*{message}"), join_cluster(address):
        pass


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_where_nothing_answers(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{scheme}127.0.0.1:{server.getsockname()[1]}"
    with (
        pytest.raises(ConfigError, match=f"nothing answers at {address} .*ray start --head"),
        join_cluster(address),
    ):
        pass


def test_ray_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(ConfigError, match=r"executor: ray cannot be imported .*'smpl-render\[ray\]'"),
        join_cluster("auto"),
    ):
        pass


def test_a_signal_is_heeded_by_the_run_and_not_by_ray(monkeypatch):
    """As `ray.init` does it."""

    def init(**_):
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(number))

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init, shutdown=lambda: None))
    with StopSignal() as stop, join_cluster("auto"):
        signal.raise_signal(signal.SIGTERM)
        assert stop.number == signal.SIGTERM


def test_a_job_of_a_cluster_joins_that(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert find_address(None) is None
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert find_address(None) == "10.0.0.1:6379"
    assert find_address("auto") == "auto"


@pytest.mark.parametrize(
    ("address", "said", "advice"),
    [
        (
            "h:6379",
            "Version mismatch: The cluster was started with:\n    Ray: 2.50.0",
            "Install the same versions",
        ),
        ("h:6379", "InvalidAuthToken: no token", "RAY_AUTH_TOKEN_PATH"),
        ("auto", "Could not find any running Ray instance.", "ray start --head"),
        ("ray://h:10001", "ray client connection timeout", r"pip install 'ray\[client\]'"),
        ("h:6379", "Can't find a matched raylet", "ray://host:10001"),
        (None, "AF_UNIX path length", "executor: Ray cannot start on this machine: AF_UNIX"),
    ],
)
def test_what_ray_says_comes_with_what_to_do(address, said, advice):
    with pytest.raises(ConfigError, match=advice):
        raise ConfigError(explain_refusal(address, said))
