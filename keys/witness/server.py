"""The witness behind HTTP: ``POST /add-checkpoint`` of C2SP ``tlog-witness``, and ``GET /health``, which says its name.

Anybody may ask; what is signed is decided by the log's signature and the proof. So everything that is asked is
bounded: the body, the connections at once, and the time that a request may take on its way. TLS is for a proxy in
front.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread
from typing import Any, Final

from keys.errors import KeysError
from keys.witness.protocol import HEALTH, MAX_BODY, PATH, WORDS, Reply
from keys.witness.witness import Witness

MAX_CONNECTIONS: Final = 64
REQUEST_SECONDS: Final = 30.0
"""How long a connection may be without having brought a whole request."""
# What only a log that signed its checkpoint is answered, and its operator or the witness's should hear of.
TELLING: Final = frozenset({
    HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
})  # fmt: skip


class WitnessServer(ThreadingHTTPServer):
    """Serves a witness at ``address`` from when it is made; ``serve_forever`` answers, ``stop`` ends that.

    ``tell`` hears, in a line, what somebody should see to. Raises ``OSError`` if it can not listen there.
    """

    daemon_threads = False
    request_queue_size = MAX_CONNECTIONS

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        *,
        clock: Callable[[], datetime],
        tell: Callable[[str], None] = lambda line: None,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self.address_family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
        self.witness: Final = witness
        self.request_seconds: Final = request_seconds
        self._clock: Final = clock
        self._tell: Final = tell
        self._free: Final = BoundedSemaphore(MAX_CONNECTIONS)
        # For each connection the time, of the monotonic clock, at which a request must have come.
        self._due: Final[dict[socket.socket, float]] = {}
        super().__init__(address, WitnessHandler)

    def answer(self, body: bytes) -> Reply:
        """Return the answer to one request."""
        try:
            reply = self.witness.add_checkpoint(body, now=self._clock())
        except (KeysError, OSError) as fault:
            self._tell(f"500 {fault}")
            return Reply.refused(HTTPStatus.INTERNAL_SERVER_ERROR, "the witness is out of order")
        if reply.status in TELLING:
            known = "last seen: " if reply.status == HTTPStatus.CONFLICT else ""
            self._tell(f"{int(reply.status)} {known}{reply.body.decode().strip()}")
        return reply

    def stop(self) -> None:
        """End ``serve_forever`` after the requests in hand; may be called from a signal's handler."""
        # shutdown() waits for the thread that serves, which may be this one.
        Thread(target=self.shutdown, name="witness-stop").start()

    def wait_for(self, connection: socket.socket) -> None:
        """Give a connection its time for the next request."""
        self._due[connection] = time.monotonic() + self.request_seconds

    def server_bind(self) -> None:
        """Bind, without asking the network for a name of this machine."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, if there are not too many."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self.wait_for(request)
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            # No more threads can be started.
            self._let_go(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, in its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._let_go(request)

    def service_actions(self) -> None:
        """Hang up on whoever has had his time."""
        now = time.monotonic()
        self._hang_up({connection for connection, due in list(self._due.items()) if due < now})

    def server_close(self) -> None:
        """Stop listening and wait for the answers in hand; a request that is still on its way is not waited for."""
        self._hang_up(set(self._due))
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of a connection that broke off, without the text of an error that nobody foresaw."""
        self._tell(f"a connection broke off ({type(sys.exception()).__name__})")

    def _let_go(self, connection: socket.socket) -> None:
        self._due.pop(connection, None)
        self._free.release()

    def _hang_up(self, connections: set[socket.socket]) -> None:
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                # It is closed already, or the other side is gone.
                continue


class WitnessHandler(BaseHTTPRequestHandler):
    """One connection, with one request after the other."""

    server: WitnessServer
    # The library sets it before it asks for ``parse_request``.
    raw_requestline: bytes
    protocol_version = "HTTP/1.1"
    server_version = "certreg-witness"
    sys_version = ""
    error_content_type = WORDS
    error_message_format = "%(message)s\n"

    def setup(self) -> None:
        """Bound every single wait."""
        super().setup()
        self.connection.settimeout(self.server.request_seconds)

    def parse_request(self) -> bool:
        """Read the head; a first line that broke off is no request, and nobody waits for an answer to it."""
        if not self.raw_requestline.endswith(b"\n"):
            self.close_connection = True
            return False
        return super().parse_request()

    def do_GET(self) -> None:
        """Say that the witness is there, and its name."""
        if self.headers.get("Content-Length") or self.headers.get("Transfer-Encoding"):
            # What follows is no request.
            self.close_connection = True
        if self.path != HEALTH:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._send(Reply(HTTPStatus.OK, WORDS, f"{self.server.witness.name}\n".encode()))

    def do_POST(self) -> None:
        """Answer a log."""
        # Where it is not known where the body ends, nothing after it can be read.
        was_last, self.close_connection = self.close_connection, True
        size = self._size()
        if self.path != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif size is None:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif size > MAX_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = self.rfile.read(size)
            if len(body) == size:
                self.close_connection = was_last
                self._send(self.server.answer(body))
        self.server.wait_for(self.connection)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what matters is told by the server."""

    def _size(self) -> int | None:
        """Return the size of the body, ``None`` unless one header says it in digits and nothing else does."""
        given = self.headers.get_all("Content-Length", [])
        if self.headers.get("Transfer-Encoding") or len(given) != 1:
            return None
        digits = given[0].strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)
