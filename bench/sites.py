"""Web applications under gunicorn on the loopback address, each in its own processes, as `certreg serve` runs them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS, THREADS = 2, 4
PATIENCE_SECONDS = 30.0


class SiteFailed(Exception):
    """A site did not start, or did not answer as it must."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site that is up: its port, and the process whose children answer."""

    port: int
    process_id: int

    def cpu_seconds(self) -> float:
        """Return the CPU time that its processes have used so far (``proc(5)``: utime and stime)."""
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text("ascii").split()
        return sum(map(_cpu_seconds, [self.process_id, *map(int, children)]))


def _cpu_seconds(process_id: int) -> float:
    # The second field is the program's name in brackets and may hold spaces.
    fields = Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(application: str, environ: Mapping[str, str]) -> Iterator[Site]:
    """Serve ``module:create()``; it is stopped afterwards. Raises ``SiteFailed``."""
    port = _free_port()
    settings = ["--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *settings, application]
    process = subprocess.Popen(command, env=dict(os.environ) | dict(environ))
    try:
        _wait_until_open(process, port)
        yield Site(port, process.pid)
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
