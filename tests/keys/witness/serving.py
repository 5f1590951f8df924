"""A witness's server in a thread, and a hand on its socket; and strange servers in a witness's place."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from keys.witness.server import WitnessServer
from keys.witness.witness import Witness
from tests.instants import NOON

PATIENCE_SECONDS = 30.0


class Served:
    """A running server, and what it told."""

    def __init__(self, witness: Witness, **options: float) -> None:
        self.told: list[str] = []
        self.server = WitnessServer(
            ("127.0.0.1", 0), witness, clock=lambda: NOON, tell=self.told.append, **options
        )
        self.address = self.server.server_address[:2]
        self.url = f"http://127.0.0.1:{self.address[1]}"

    def connected(self) -> socket.socket:
        return socket.create_connection(self.address, PATIENCE_SECONDS)

    def said_to(self, sent: bytes) -> bytes:
        """Send bytes, and return all that comes until the server hangs up."""
        with self.connected() as connection:
            connection.sendall(sent)
            return everything_from(connection)


@contextmanager
def serving(witness: Witness, **options: float) -> Iterator[Served]:
    """Serve until the block ends."""
    served = Served(witness, **options)
    thread = Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield served
    finally:
        served.server.stop()
        thread.join(PATIENCE_SECONDS)
        served.server.server_close()
        assert not thread.is_alive()


def everything_from(connection: socket.socket) -> bytes:
    """Return what comes until the other side hangs up, in whatever manner."""
    received = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part


def request_from(connection: socket.socket) -> bytes:
    """Return a whole request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head = received.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)content-length: (\d+)", head)
    end = len(head) + 4 + int(length[1] if length else 0)
    while len(received) < end:
        received += connection.recv(65536)
    return received


def post(body: bytes, *headers: str, path: str = "/add-checkpoint") -> bytes:
    """Return a request, after which the server is to hang up."""
    lines = [f"POST {path} HTTP/1.1", "Host: witness.example", "Connection: close"]
    lines += headers or [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def strange_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answer one connection in this manner; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def attend() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE_SECONDS)
                answer(connection)

        thread = Thread(target=attend)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
