"""A server that answers as a script says, one step a request, and remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes


@dataclass
class Script:
    """The server's steps, and what came."""

    steps: list[Step]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    stop: Callable[[], None] = lambda: None
    """Listen no more."""


def says(status: int, document: Any = None, **headers: str) -> Step:
    """Answer with a document; errors are problem documents."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        content = b"" if document is None else json.dumps(document).encode()
        handler.send_response(status)
        media_type = "application/json" if status < 400 else "application/problem+json"
        sent = {"Content-Type": media_type, "Content-Length": str(len(content))}
        for name, value in {**sent, **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return step


def problem(status: int, code: str, **more: Any) -> Step:
    """Answer with a problem document."""
    headers = {name: str(more.pop(name)) for name in list(more) if name == "Retry_After"}
    return says(status, {"status": status, "code": code, "title": "题", "detail": "d", **more}, **headers)


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def breaks_off(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"a":')
    hangs_up(handler)


@contextmanager
def scripted(*steps: Step, tls: Any = None) -> Iterator[Script]:
    """Serve the steps on a port of this machine until the block ends; the last step is repeated."""
    script = Script(list(steps))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.asked.append(Asked(self.command, self.path, headers, content))
            (script.steps.pop(0) if len(script.steps) > 1 else script.steps[0])(self)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    script.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    script.stop = stop
    try:
        yield script
    finally:
        stop()
