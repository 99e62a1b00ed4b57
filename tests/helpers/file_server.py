"""A web server on this machine that gives files, whole or in parts, as servers of data sets do."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from render.files.digest import hash_bytes


class FileServer:
    """Serves `files`, by path without the first slash, as they are when they are asked for.

    requests: method and path of each request that came. failures: so many requests are answered with 503
    first. takes_ranges: whether parts are given.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.requests: list[tuple[str, str]] = []
        self.failures = 0
        self.takes_ranges = True
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.shown = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextlib.contextmanager
    def running(self) -> Iterator[FileServer]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server.shown
        path = unquote(self.path.lstrip("/"))
        server.requests.append((self.command, path))
        content = server.files.get(path)
        if server.failures:
            server.failures -= 1
            self.send_error(503)
            return
        if content is None:
            self.send_error(404)
            return
        found = (
            re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")) if server.takes_ranges else None
        )
        part = content if found is None else content[int(found[1]) : int(found[2]) + 1]
        tag = f'"{hash_bytes(content)[:16]}"'
        if self.headers.get("If-Match", tag) != tag:
            self.send_error(412)
            return
        self.send_response(200 if found is None else 206)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("ETag", tag)
        self.send_header("Last-Modified", "Fri, 27 Nov 2026 12:00:00 GMT")
        if found is not None:
            self.send_header("Content-Range", f"bytes {found[1]}-{found[2]}/{len(content)}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(part)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass
