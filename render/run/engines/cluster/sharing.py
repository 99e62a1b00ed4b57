"""Whether workers on other machines write where the driver looks."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from render.errors import ConfigError
from render.files.stores.output import open_output, open_readable

# In the output folder, as long as there are workers.
MARK = ".workers"
# Folders that are shared over a network show new files after a while.
PATIENCE_S = 30.0
POLL_S = 0.5


@contextmanager
def mark_output(place: str) -> Iterator[bytes]:
    """As long as it lasts, the output folder can be told from others of its name; gives what to look for.

    Args:
        place: The folder or URL.

    Raises:
        OutputError: Nothing can be written there.
    """
    output = open_output(place)
    mark = secrets.token_hex(16).encode()
    output.write(MARK, mark)
    try:
        yield mark
    finally:
        output.remove(MARK)


def check_mark(place: str, mark: bytes) -> None:
    """Makes sure that a folder is the driver's.

    Args:
        place: As the driver has it.
        mark: What it gave.

    Raises:
        ConfigError: It is another folder of that name, or none.
    """
    end_s = time.monotonic() + PATIENCE_S
    while _read_mark(place, len(mark)) != mark:
        if time.monotonic() > end_s:
            raise ConfigError(
                f"output.dir: {place} is another folder here than where the run was started; expected one "
                f"that all machines share, such as of a network file system, or a URL such as s3://bucket/sheets"
            )
        time.sleep(POLL_S)


def _read_mark(place: str, length: int) -> bytes:
    try:
        with open_readable(place).open(MARK) as file:
            return file.read(length + 1)
    except OSError:
        return b""
