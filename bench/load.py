"""Load on a site of this machine: forms posted over kept-alive connections, for a bounded time.

By ``wrk`` where it is installed, because it takes little of the processor from the site; else by threads of this
process, which take more and so press every ratio towards 1. Never sent anywhere but to the loopback address.
"""

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

CONNECTIONS = 8
SECONDS = 2
MOST_REQUESTS = 100_000
TIMEOUT_SECONDS = 10
FIRST_ANSWER_SECONDS = 60
"""The server listens before its workers have started."""
LUA = Path(__file__).with_name("post_lines.lua")


class LoadFailed(Exception):
    """Not every answer was a success, so the rate would mean nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How many requests were answered, and in how many seconds."""

    requests: int
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def generator() -> str:
    """Say what makes the load."""
    return "wrk" if shutil.which("wrk") else "threads of this process (wrk is not installed)"


def drive(port: int, bodies: Sequence[str]) -> Answered:
    """Post the bodies in turn for ``SECONDS``; raises ``LoadFailed`` on any answer but 200."""
    return _by_wrk(port, bodies) if shutil.which("wrk") else _by_threads(port, bodies)


def post(port: int, body: str) -> str:
    """Post one form; return the page. Raises ``LoadFailed`` on any answer but 200."""
    with _Connection(port, timeout_seconds=FIRST_ANSWER_SECONDS) as connection:
        return connection.post(_request(port, body)).decode()


def _by_wrk(port: int, bodies: Sequence[str]) -> Answered:
    with TemporaryDirectory(prefix="certreg-bench-") as folder:
        lines = Path(folder) / "bodies"
        lines.write_text("\n".join(bodies) + "\n", "ascii")
        amount = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", f"--timeout={TIMEOUT_SECONDS}s"]
        command = ["wrk", *amount, "-s", str(LUA), f"http://127.0.0.1:{port}/", "--", str(lines)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r"([0-9]+) requests in ([0-9.]+)s", done.stdout)
    if done.returncode or found is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise LoadFailed(f"wrk: {done.stdout}{done.stderr}")
    return Answered(int(found[1]), float(found[2]))


def _by_threads(port: int, bodies: Sequence[str]) -> Answered:
    requests = [_request(port, body) for body in bodies]
    until = time.monotonic() + SECONDS
    counts: list[int] = []
    faults: list[Exception] = []

    def post_all(first: int) -> None:
        sent = 0
        try:
            with _Connection(port) as connection:
                for request in cycle(requests[first:] + requests[:first]):
                    if time.monotonic() >= until or sent >= MOST_REQUESTS:
                        break
                    connection.post(request)
                    sent += 1
        except (OSError, LoadFailed) as fault:
            faults.append(fault)
        counts.append(sent)

    threads = [
        threading.Thread(target=post_all, args=(place * 97 % len(requests),)) for place in range(CONNECTIONS)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise LoadFailed(str(faults[0]))
    return Answered(sum(counts), time.monotonic() - started)


class _Connection:
    """One kept-alive connection, opened anew when the site has closed it between two requests."""

    def __init__(self, port: int, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._port = port
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def post(self, request: bytes) -> bytes:
        """Send a request; return the body of its answer."""
        try:
            return self._exchange(request)
        except ConnectionError:
            self._socket = None
            return self._exchange(request)

    def _exchange(self, request: bytes) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=self._timeout_seconds)
        self._socket.sendall(request)
        head, _, body = self._read_head()
        status = head.partition(b"\r\n")[0]
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        if b" 200 " not in status or length is None:
            raise LoadFailed(status.decode("latin-1"))
        while len(body) < int(length[1]):
            body += self._receive()
        if re.search(rb"(?i)\r\nconnection: *close", head):
            self._socket.close()
            self._socket = None
        return body

    def _read_head(self) -> tuple[bytes, bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        return data.partition(b"\r\n\r\n")

    def _receive(self) -> bytes:
        part = self._socket.recv(65536) if self._socket else b""
        if not part:
            raise ConnectionResetError("the site closed the connection")
        return part


def _request(port: int, body: str) -> bytes:
    head = (
        "POST / HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join([*head, "", body]).encode("ascii")
