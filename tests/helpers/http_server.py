"""A web server on this machine that can be told to misbehave."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


class Server:
    """Gives its answers one after the other, the last one again and again.

    headers: of the requests that came. sent: bytes of content that went out, in all.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.headers: list[dict[str, str]] = []
        self.sent = 0
        # Answers may wait for the end of the test.
        self.is_over = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.script = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/file"

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for headers in self.headers]

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.is_over.set()
            self._http.shutdown()
            self._http.server_close()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        script = self.server.script
        script.headers.append(dict(self.headers))
        answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            answer(self)

    def begin(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def send(self, data: bytes) -> None:
        # Before they go: whoever has them may ask at once.
        self.server.script.sent += len(data)
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def serve(
    content: bytes,
    tag: str | None = '"1"',
    modified: str | None = None,
    announced: int | None = None,
    stop: int | None = None,
    then: Answer = lambda handler: None,
) -> Answer:
    """Serves content, or the range of it that is asked for, as a server should.

    announced: the whole length that it claims. stop: the byte before which the connection is cut; `then`
    happens first.
    """

    def answer(handler: Handler) -> None:
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        is_same = handler.headers.get("If-Range") in (None, tag, modified)
        start = int(match[1]) if match and is_same else 0
        total = len(content) if announced is None else announced
        if start >= total > 0:
            handler.begin(416, Content_Length=0)
            return
        handler.begin(
            206 if start else 200,
            Content_Length=total - start,
            Content_Range=f"bytes {start}-{total - 1}/{total}" if start else None,
            ETag=tag,
            Last_Modified=modified,
        )
        handler.send(content[start:stop])
        then(handler)

    return answer


def serve_without_ranges(content: bytes, stop: int | None = None) -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Length=len(content), ETag='"1"')
        handler.send(content[:stop])

    return answer


def serve_chunked(content: bytes, is_ended: bool = True) -> Answer:
    """Without a length, in chunks; the end is marked, or the connection cut before it."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Transfer_Encoding="chunked")
        handler.send(b"%x\r\n%s\r\n" % (len(content), content))
        if is_ended:
            handler.send(b"0\r\n\r\n")

    return answer


def serve_without_end(handler: Handler) -> None:
    handler.begin(200)
    while not handler.server.script.is_over.is_set():
        handler.send(bytes(1 << 16))


def reply(status: int, **headers: object) -> Answer:
    return lambda handler: handler.begin(status, **{"Content_Length": 0} | headers)


def hang_up(handler: Handler) -> None:
    """Closes the connection without a word."""
