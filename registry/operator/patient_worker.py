"""gunicorn's worker of threads, whose patience has an end: nobody keeps a thread by sending slowly.

The library waits for a header that has begun, and for content, as long as somebody sends a byte now and then; as many
such connections as there are threads, and nobody else is answered. Here a header has ``HEADER_SECONDS`` and a request
with its content ``REQUEST_SECONDS``; then no more is read from it. What is answered meanwhile is still sent.

It keeps a site answering, and is no wall: whoever opens thousands of connections is a matter of the proxy before it.
"""

import socket
import time
from contextlib import suppress
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

HEADER_SECONDS: Final = 4.0
REQUEST_SECONDS: Final = 120.0


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Ends what takes too long to come."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Until when each connection that is being read may go on. Written by threads, each its own connection.
        self._deadlines: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Handle what comes on a connection, in a thread."""
        self._deadlines[conn] = time.monotonic() + HEADER_SECONDS
        try:
            return super().handle(conn)
        finally:
            del self._deadlines[conn]

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose header is there."""
        self._deadlines[conn] = time.monotonic() + REQUEST_SECONDS
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """End what is late; the library calls this about once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if deadline < now:
                # A thread that waits for more finds the end instead.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
