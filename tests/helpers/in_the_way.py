"""What is no regular file, put where one is expected; and a limit for what would wait for it."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Nothing that is called within it takes a second.
LIMIT_S = 20


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    # Its address may be too short for the folders of tests.
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            os.chdir(path.parent)
            listener.bind(path.name)
        finally:
            os.chdir(here)


def link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name(f"{path.name}.pipe"))
    path.symlink_to(f"{path.name}.pipe")


def link_to_device(path: Path) -> None:
    # Not one that ends, as /dev/null does.
    path.symlink_to("/dev/zero")


IRREGULAR = (make_pipe, make_socket, link_to_pipe, link_to_device)


@contextmanager
def limit_seconds() -> Iterator[None]:
    """Fails where what it holds waits."""

    def fail(*_: object) -> None:
        raise AssertionError(f"it waited for more than {LIMIT_S} seconds")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(LIMIT_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
