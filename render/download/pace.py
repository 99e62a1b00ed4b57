"""Connections, given up where next to nothing comes: a byte a minute would hold a download for ever."""

from __future__ import annotations

import http.client
import io
import time
from typing import Any
from urllib.request import AbstractHTTPHandler, HTTPHandler, HTTPSHandler, Request

LEAST_BYTES_PER_S = 1000
WINDOW_S = 60

clock = time.monotonic


class ConnectionLost(Exception):
    """The connection was lost on the way; the rest can be asked for again."""


class PacedResponse(http.client.HTTPResponse):
    """A response that raises ConnectionLost where too little of the file comes in a window of time.

    Only bytes of the file count: headers, trailers and what marks chunks may come without end, too.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._socket = _PacedSocket(self.fp.detach())
        self.fp = io.BufferedReader(self._socket)

    def read1(self, n: int = -1) -> bytes:
        """As in the library, which takes whatever comes after a chunk of a negative size for the file."""
        try:
            data = super().read1(n)
        # A size beyond 64 bits, below zero.
        except OverflowError as error:
            raise http.client.HTTPException("a chunk of a negative size") from error
        if self.chunked and (self.chunk_left or 0) < 0:
            raise http.client.HTTPException("a chunk of a negative size")
        self._socket.useful_bytes += len(data)
        return data


class _PacedSocket(io.RawIOBase):
    """What comes through a socket, of which the reader says how much was of use."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._window_start = clock()
        self.useful_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        duration_s = clock() - self._window_start
        if duration_s >= WINDOW_S:
            if self.useful_bytes < LEAST_BYTES_PER_S * duration_s:
                raise ConnectionLost(f"less than {LEAST_BYTES_PER_S:,} bytes a second came")
            self._window_start, self.useful_bytes = clock(), 0
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PacedConnections(AbstractHTTPHandler):
    """For the library's handlers of both schemes."""

    def do_open(self, http_class: Any, req: Request, **http_conn_args: Any) -> http.client.HTTPResponse:
        def connect(*args: Any, **kwargs: Any) -> http.client.HTTPConnection:
            connection = http_class(*args, **kwargs)
            connection.response_class = PacedResponse
            return connection

        return super().do_open(connect, req, **http_conn_args)


class PacedHTTPHandler(_PacedConnections, HTTPHandler):
    """Opens http:// addresses."""


class PacedHTTPSHandler(_PacedConnections, HTTPSHandler):
    """Opens https:// addresses."""
