"""A small proxy before PostgreSQL that cuts a connection at the worst moment: while it commits.

The client can not tell the two cuts apart, and that is the point: after ``ANSWER_LOST`` the act is stored, after
``COMMIT_LOST`` it is not. Loopback and plain text only; it reads just enough of the protocol (PostgreSQL, "Message
Formats") to see where one message ends and whether it says COMMIT.
"""

import contextlib
import selectors
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from sqlalchemy import URL

HOST = "127.0.0.1"
CHUNK = 65_536

# The first message of a connection has no type; requests for encryption come before it, in the same form.
UNTYPED_PROTOCOL_3 = 3 << 16

# Close with a reset, as a connection ends whose other side is gone, and not with a good-bye.
RESET = struct.pack("ii", 1, 0)


class Cut(StrEnum):
    """What happens to a COMMIT."""

    NONE = "it passes"
    ANSWER_LOST = "the server has committed, the client hears nothing"
    COMMIT_LOST = "the server never hears of it"


def _pass() -> Cut:
    return Cut.NONE


def _no_pause() -> None:
    """Nothing."""


@dataclass(slots=True)
class Messages:
    """Splits what a client says into messages: bytes go in as they come, whole messages come out."""

    rest: bytes = b""
    started: bool = False

    def of(self, more: bytes) -> Iterator[bytes]:
        """Yield each message that is complete now, with its header."""
        self.rest += more
        while True:
            before = 1 if self.started else 0
            if len(self.rest) < before + 4:
                return
            (length,) = struct.unpack_from("!I", self.rest, before)
            if len(self.rest) < before + length:
                return
            message, self.rest = self.rest[: before + length], self.rest[before + length :]
            if not self.started:
                (protocol,) = struct.unpack_from("!I", message, 4)
                self.started = protocol >> 16 == UNTYPED_PROTOCOL_3 >> 16
            yield message


def says_commit(message: bytes) -> bool:
    """Whether a typed message is a COMMIT, as a simple query or prepared (its name comes first then)."""
    kind, body = message[:1], message[5:]
    if kind == b"P":
        body = body.partition(b"\0")[2].partition(b"\0")[0]
    return kind in (b"Q", b"P") and body.rstrip(b"\0 ;").upper() == b"COMMIT"


class CuttingProxy(socketserver.ThreadingTCPServer):
    """The proxy; use it through ``standing_before``.

    ``at_commit`` is asked at each COMMIT what to do with it, from the thread of that connection. ``cuts`` are
    the cuts that were made. ``pause`` is called before each piece of data is passed on, and may take its time.
    """

    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, behind: tuple[str, int]) -> None:
        super().__init__((HOST, 0), _Passage)
        self.behind = behind
        self.at_commit: Callable[[], Cut] = _pass
        self.cuts: list[Cut] = []
        self.pause: Callable[[], None] = _no_pause
        self.open_sockets: set[socket.socket] = set()
        self._lock = threading.Lock()

    @classmethod
    @contextlib.contextmanager
    def standing_before(cls, port: int) -> Iterator[Self]:
        """Yield a proxy before the server at this port of the loopback; afterwards it is closed."""
        with cls((HOST, port)) as proxy:
            listener = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
            listener.start()
            try:
                yield proxy
            finally:
                proxy.shutdown()
                listener.join()
                proxy.cut_all()

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self.server_address[1])

    def before(self, url: URL) -> URL:
        """Return the address of the same database, through the proxy."""
        return url.set(host=HOST, port=self.port)

    def cut_next(self, cut: Cut, *, times: int = 1) -> None:
        """Do this to the next COMMITs, and let the later ones pass."""
        left = [cut] * times

        def take() -> Cut:
            with self._lock:
                return left.pop() if left else Cut.NONE

        self.at_commit = take

    def cut_all(self) -> None:
        """Cut every connection that is open now, whatever it is doing."""
        for opened in tuple(self.open_sockets):
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)


@dataclass(slots=True)
class _Lines:
    client: socket.socket
    server: socket.socket
    messages: Messages = field(default_factory=Messages)


class _Passage(socketserver.BaseRequestHandler):
    """One connection, both ways, in one thread."""

    server: CuttingProxy

    def handle(self) -> None:
        # Either side may be gone at any time: that is what this is for.
        with contextlib.suppress(OSError), socket.create_connection(self.server.behind) as server:
            lines = _Lines(self.request, server)
            for line in (lines.client, lines.server):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.server.open_sockets |= {lines.client, lines.server}
            try:
                self._pass_on(lines)
            finally:
                self.server.open_sockets -= {lines.client, lines.server}
                lines.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                lines.client.close()

    def _pass_on(self, lines: _Lines) -> None:
        # No select(): that knows no descriptor from 1,024 on, and a long test run may hold more.
        with selectors.DefaultSelector() as either:
            for line in (lines.client, lines.server):
                either.register(line, selectors.EVENT_READ, line)
            passing = True
            while passing:
                passing = all(self._pass_on_from(key.data, lines) for key, _ in either.select())

    def _pass_on_from(self, line: socket.socket, lines: _Lines) -> bool:
        """Pass on what this side said; False when the connection ends here."""
        data = line.recv(CHUNK)
        if not data:
            return False
        self.server.pause()
        if line is lines.client:
            return self._speak(lines, data) is Cut.NONE
        lines.client.sendall(data)
        return True

    def _speak(self, lines: _Lines, data: bytes) -> Cut:
        for message in lines.messages.of(data):
            cut = self.server.at_commit() if says_commit(message) else Cut.NONE
            if cut is Cut.COMMIT_LOST:
                self.server.cuts.append(cut)
                return cut
            lines.server.sendall(message)
            if cut is Cut.ANSWER_LOST:
                # The answer says that it is durable; only then does the client lose it.
                lines.server.recv(CHUNK)
                self.server.cuts.append(cut)
                return cut
        return Cut.NONE
