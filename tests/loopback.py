"""Servers on loopback for tests of downloads: one that misbehaves as it is told, and a proxy."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def send(self, status: int, body: bytes, length: int | None = None) -> None:
        """Status, headers and as much of the body as is given; without a length its end is the connection's."""
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)


class FileServer(http.server.ThreadingHTTPServer):
    """Serves `files`, each request as `plans` says for that name, and rightly when nothing is planned.

    Attributes:
        files: name -> bytes.
        plans: name -> what the next requests of it meet, one after the other: a status such as 404, or "cut", "cut
            without a length", "wrong", "hang", "pieces" or "wait".
        asked: the names that were asked for, in order.
        go_on: what "hang" and "wait" wait for: the first then says nothing more, the second sends the rest.
    """

    block_on_close = False  # a request that hangs would hold the test's end up

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.files = dict(files)
        self.plans: dict[str, list[str | int]] = defaultdict(list)
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, *arguments):
        """A client that has gone is what some tests want."""


class Requests(Handler):
    server: FileServer

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        plan = self.server.plans[name].pop(0) if self.server.plans[name] else "right"
        body = self.server.files.get(name)
        if isinstance(plan, int) or body is None:
            return self.send(plan if isinstance(plan, int) else 404, b"no", 2)
        half = body[: len(body) // 2]
        if plan in ("hang", "wait"):
            self.send(200, half, len(body))
            self.server.go_on.wait()
            if plan == "wait":
                self.wfile.write(body[len(half) :])
        elif plan == "pieces":
            self.send(200, b"", len(body))
            for byte in body:
                self.wfile.write(bytes([byte]))
        else:
            sent, length = {
                "right": (body, len(body)),
                "cut": (half, len(body)),
                "cut without a length": (half, None),
                "wrong": (b"x" * len(body), len(body)),
            }[plan]
            self.send(200, sent, length)


class Proxy(http.server.ThreadingHTTPServer):
    """Passes http on and refuses https; `asked` are the request lines' method and target."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ProxyRequests)
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class ProxyRequests(Handler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path}")
        target = urlsplit(self.path)
        connection = http.client.HTTPConnection(target.hostname, target.port)
        connection.request("GET", target.path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.send(answer.status, body, len(body))

    def do_CONNECT(self) -> None:
        self.server.asked.append(f"CONNECT {self.path}")
        self.send(403, b"no", 2)


@contextmanager
def running(server: http.server.ThreadingHTTPServer) -> Iterator[http.server.ThreadingHTTPServer]:
    """Lets `server` answer until the block ends."""
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            if hasattr(server, "go_on"):
                server.go_on.set()
            server.shutdown()
