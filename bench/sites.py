"""Web applications under gunicorn on the loopback address, each in its own processes, as `certreg serve` runs them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

WORKERS, THREADS = 2, 4
PATIENCE_SECONDS = 30.0


class SiteFailed(Exception):
    """A site did not start, or did not answer as it must."""


@contextmanager
def serve(application: str, environ: Mapping[str, str]) -> Iterator[int]:
    """Serve ``module:create()`` and yield its port; it is stopped afterwards. Raises ``SiteFailed``."""
    port = _free_port()
    settings = ["--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *settings, application]
    process = subprocess.Popen(command, env=dict(os.environ) | dict(environ))
    try:
        _wait_until_open(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SiteFailed(f"gunicorn ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise SiteFailed(f"nothing listens on port {port}")
