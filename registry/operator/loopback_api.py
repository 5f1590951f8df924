"""The bodies' API on a free port of this machine, in a thread of this process: for as long as a demo needs it.

In earnest the API is served by ``certreg serve``. Requests come in as they would there: over HTTP, signed, and judged
by the same application.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from registry.app import create_app
from registry.installation import Installation


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    """A handler that says nothing, and tells the application the path as it was sent: that is what is signed."""

    def get_environ(self) -> dict[str, Any]:
        """Return the request's environment."""
        return {**super().get_environ(), "REQUEST_URI": self.path}

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def loopback_api(installation: Installation, *, now: Callable[[], datetime]) -> Iterator[str]:
    """Serve the API until the block ends; yield its address."""
    application = create_app(installation, now=now)
    with make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
