"""A proxy on the loopback between a run and a store, which fails some of the requests, by a seed."""

import http.client
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# How a request fails: it is refused; the connection is cut before or after it has arrived, or in the middle
# of the answer.
KINDS = ("503", "cut", "lost answer", "half answer")
_OF_CONNECTION = ("transfer-encoding", "connection", "content-length")


class Proxy:
    """Hands requests to the server at a port, until it is closed.

    port: where it listens. requests, failed: how many came, and how many of them failed.
    puts: keys of objects that were written, in their order. held: what the keys end with whose requests wait
    until `go` is set; nothing of none.
    """

    def __init__(self, server_port: int, share: float = 0.0, kind: str = "503", delay_s: float = 0.0) -> None:
        self.server_port, self.share, self.kind, self.delay_s = server_port, share, kind, delay_s
        self.requests = self.failed = 0
        self.puts: list[str] = []
        self.held, self.go = "", threading.Event()
        self._random, self._lock = random.Random(19), threading.Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, command: str, path: str) -> bool:
        """Whether this request fails."""
        with self._lock:
            self.requests += 1
            if command == "PUT":
                self.puts.append(path)
            fails = self._random.random() < self.share
            self.failed += fails
            return fails


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def log_message(self, *_: object) -> None:
        pass

    def hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        kind = self.proxy.kind if self.proxy.count(self.command, self.path) else ""
        time.sleep(self.proxy.delay_s)
        if self.proxy.held and self.path.partition("?")[0].endswith(self.proxy.held):
            self.proxy.go.wait()
        if kind == "503":
            self.send_response(503)
            self.send_header("content-length", "0")
            self.end_headers()
        elif kind == "cut":
            self._cut()
        else:
            self._answer(*self._ask(body), kind)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = hand_on

    def _ask(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        server = http.client.HTTPConnection("127.0.0.1", self.proxy.server_port)
        server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            server.putheader(name, value)
        server.endheaders(body)
        answer = server.getresponse()
        content = answer.read()
        server.close()
        return answer, content

    def _answer(self, answer: http.client.HTTPResponse, content: bytes, kind: str) -> None:
        if kind == "lost answer":
            self._cut()
            return
        self.send_response_only(answer.status)
        is_head = self.command == "HEAD"
        for name, value in answer.getheaders():
            if name.lower() not in _OF_CONNECTION or (is_head and name.lower() == "content-length"):
                self.send_header(name, value)
        if not is_head:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if kind else content)
        if kind:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
