"""``certreg serve`` as a process of its own, watched from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CERTREG = str(Path(sys.executable).with_name("certreg"))
PATIENCE_SECONDS = 60.0


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on now."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def descendants(pid: int) -> set[int]:
    """Return the processes that a process started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found.update(children)
        waiting += children
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those of the processes that still run."""
    return {pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists() and _cmdline(pid)}


def _cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class NotUp(AssertionError):
    """The sites did not come up; the text is what they said."""


class Served:
    """Two sites of one installation, as they answer."""

    def __init__(self, process: subprocess.Popen[str], staff_port: int, public_port: int) -> None:
        self.process = process
        self.staff = f"http://127.0.0.1:{staff_port}"
        self.public = f"http://127.0.0.1:{public_port}"
        self.ports = (staff_port, public_port)

    def wait_until_up(self) -> None:
        """Return when both sites answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for address in (self.staff + "/", self.public + "/healthz"):
            while True:
                try:
                    get(address)
                    break
                except OSError:
                    if self.process.poll() is not None or time.monotonic() > deadline:
                        self.process.terminate()
                        raise NotUp(self.process.communicate(timeout=PATIENCE_SECONDS)[0]) from None
                    time.sleep(0.1)

    def end(self, number: signal.Signals) -> tuple[int, set[int]]:
        """Send the command a signal; return its exit code and what of its children is still alive."""
        children = descendants(self.process.pid)
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        return code, alive(children)


def get(address: str) -> tuple[int, str]:
    """Return status and text of an address."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


@contextmanager
def served(environ: Mapping[str, str], *arguments: str) -> Iterator[Served]:
    """Run ``certreg serve`` on free ports until the block ends; both sites answer when it begins."""
    staff, public = free_ports(2)
    command = [CERTREG, "serve", "--staff-port", str(staff), "--public-port", str(public), *arguments]
    process = subprocess.Popen(
        command, env={**os.environ, **environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    sites = Served(process, staff, public)
    try:
        sites.wait_until_up()
        yield sites
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
