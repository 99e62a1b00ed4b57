"""Keeps pages of strangers away from the server: browsers let any page open a web socket to this machine."""

from __future__ import annotations

import contextlib
import http
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

# As people write the address, on this machine or at this end of ssh -L.
_HERE = ("127.0.0.1", "localhost", "::1")


def is_stranger(origins: list[str]) -> bool:
    """Whether a page of somebody else asks.

    Args:
        origins: What the request says of it: browsers always do of a web socket; programs need not.
    """
    for origin in origins:
        try:
            if urlsplit(origin).hostname not in _HERE:
                return True
        except ValueError:
            return True
    return False


@contextlib.contextmanager
def keep_strangers_out() -> Iterator[None]:
    """Servers of the viewer's library that are opened in this context answer its own page alone.

    The library takes no list of origins and does not hand on that of what it is built on; so what opens the
    socket is another one for the moment that it takes.
    """
    import websockets.asyncio.server as library

    opened = library.serve

    def serve(*args: Any, process_request: Any, **options: Any) -> Any:
        def check(connection: Any, request: Any) -> Any:
            if is_stranger(request.headers.get_all("Origin")):
                told = "This page is for its own address alone.\n"
                return connection.respond(http.HTTPStatus.FORBIDDEN, told)
            return process_request(connection, request)

        return opened(*args, process_request=check, **options)

    library.serve = serve  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        library.serve = opened  # type: ignore[misc]
