"""The library of the viewer, which is an extra: loaded when it is needed, and quiet."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from render.errors import ConfigError
from render.viewer.scenes.strangers import keep_strangers_out

if TYPE_CHECKING:
    import viser

# Nobody else on the network sees the photos.
HOST = "127.0.0.1"


def load_viser() -> Any:
    """The module viser.

    Raises:
        ConfigError: It is not there.
    """
    try:
        import viser
    except ImportError as error:
        raise ConfigError(
            f"view: the viewer needs viser, which cannot be loaded ({error}); pip install 'smpl-render[view]'"
        ) from error
    return viser


@contextlib.contextmanager
def serve(port: int = 0) -> Iterator[viser.ViserServer]:
    """A server that only this machine reaches, and no page but its own, for as long as the context lasts.

    Args:
        port: Where it listens; 0 for any that is free.

    Raises:
        ConfigError: The library is not there, or something else listens there.
    """
    module = load_viser()
    if port:
        # The library would take the next one without a word.
        _check_free(port)
    # It tells of itself in a table, and what carries it of each connection.
    logging.getLogger("websockets").setLevel(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()), keep_strangers_out():
        server = module.ViserServer(HOST, port, verbose=False)
    try:
        yield server
    finally:
        with contextlib.redirect_stdout(io.StringIO()):
            server.stop()


def _check_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: one that has just ended leaves its port closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigError(
                f"port: {port} of {HOST} cannot be used ({error.strerror}); another program may be there, "
                f"such as a viewer that still runs: stop it, or choose another, as port={_advise(port)}"
            ) from error


def _advise(port: int) -> int:
    return port + 1 if port < 2**16 - 1 else port - 1
