"""Where a witness answers: one request by HTTP, one bounded answer, no redirect, no proxy.

Every wait has an end: a witness that stands still, or sends a byte now and then, keeps no log waiting for longer than
``ANSWER_SECONDS``.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLSocket, create_default_context
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

from keys.errors import WitnessUnreachable
from keys.witness.protocol import HEALTH, MAX_BODY, WORDS, Reply

TIMEOUT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 30.0


class WitnessPlace:
    """A URL (the submission prefix of C2SP ``tlog-witness``)."""

    def __init__(self, url: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Connect to nothing yet; ``ValueError`` for a URL that is none of a witness."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url}: a witness's URL is like https://witness.example/w1")
        if parts.username is not None or parts.password is not None:
            raise ValueError("a witness's URL holds no user and no password")
        self.url: Final = url
        self._secure: Final = parts.scheme == "https"
        self._host: Final = parts.hostname
        self._port: Final = parts.port
        self._prefix: Final = parts.path.rstrip("/")
        self._answer_seconds: Final = answer_seconds

    def ask(self, method: str, path: str, body: bytes | None) -> Reply:
        """Return what is answered, which is not believed here; ``WitnessUnreachable`` if nothing is."""
        headers = {"Content-Type": WORDS} if body is not None else {}
        try:
            with closing(self._connected()) as connection, _ending(connection.sock, self._answer_seconds):
                if isinstance(connection.sock, SSLSocket):
                    connection.sock.do_handshake()
                connection.request(method, self._prefix + path, body, headers)
                response = connection.getresponse()
                content = response.read(MAX_BODY + 1)
        except (OSError, HTTPException) as fault:
            raise WitnessUnreachable(self.url, _why(fault)) from None
        if len(content) > MAX_BODY:
            raise WitnessUnreachable(self.url, "it gave an answer of more than a megabyte")
        return Reply(response.status, response.headers.get_content_type(), content)

    def _connected(self) -> HTTPConnection:
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=TIMEOUT_SECONDS)
        plain = socket.create_connection((self._host, connection.port), TIMEOUT_SECONDS)
        if self._secure:
            # The handshake may stand still as well, so it is made where its time is counted.
            connection.sock = create_default_context().wrap_socket(
                plain, server_hostname=self._host, do_handshake_on_connect=False
            )
        else:
            connection.sock = plain
        return connection


def name_at(url: str) -> str:
    """Return the name that a witness of ours gives itself; raises ``WitnessUnreachable``.

    It tells which keys to look for, and proves nothing: whoever answers has yet to sign with them.
    """
    reply = WitnessPlace(url).ask("GET", HEALTH, None)
    name = reply.body.decode(errors="replace").removesuffix("\n")
    if reply.status != HTTPStatus.OK or not name or not name.isprintable():
        raise WitnessUnreachable(url, "it does not say its name")
    return name


@contextmanager
def _ending(connection: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection after so long, whatever trickles in."""

    def end() -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _why(fault: OSError | HTTPException) -> str:
    if isinstance(fault, TimeoutError):
        return "it does not answer"
    if isinstance(fault, OSError):
        return fault.strerror or str(fault) or type(fault).__name__
    return f"it gave no proper answer ({type(fault).__name__})"
