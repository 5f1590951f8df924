"""The staff site for a server of its own: on a register of a test, with crash points armed in its workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from keys.crash_points import arm_from
from registry.app import create_app
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.directory.profiles import load_profiles
from registry.installation import Installation
from registry.jurisdiction.rules import jurisdictions
from registry.settings import load_settings
from tests.faults.theatre import PATIENCE_SECONDS, PERSONAL
from tests.instants import NOON
from tests.registry.operator.serving import free_ports, get
from tests.registry.world import ENVIRONMENT

URL, CRASH_FILE = "FAULTS_DATABASE_URL", "FAULTS_CRASH_FILE"


def create() -> Flask:
    """Return the application; each worker takes the crash that is written for it, if one is."""
    settings = load_settings({"CERTREG_ENVIRONMENT": ENVIRONMENT})
    sessions = Sessions(open_engine(os.environ[URL]))
    installation = Installation(settings, sessions, load_profiles(), jurisdictions())
    # What the property would have read from the files.
    installation.__dict__["personal"] = PERSONAL
    crash = Path(os.environ[CRASH_FILE])
    if crash.exists():
        arm_from(crash.read_text("ascii"), environment=ENVIRONMENT)
        crash.unlink()
    return create_app(installation, now=lambda: NOON)


@dataclass(frozen=True)
class Site:
    """A site that is up."""

    port: int
    crash_file: Path

    def arm_next(self, crash: str) -> None:
        """Let the next worker that is started begin with this crash (a text for ``arm_from``)."""
        self.crash_file.write_text(crash, "ascii")


@contextmanager
def served(url: str, folder: Path, *, crash: str = "") -> Iterator[Site]:
    """Serve the site until the block ends; ``crash`` is for its first worker.

    One worker that does one thing after the other: once it answers, all that was sent before is dealt with.
    """
    (port,) = free_ports(1)
    site = Site(port, folder / "crash.txt")
    if crash:
        site.arm_next(crash)
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--worker-class", "sync"]
    command += ["--no-control-socket", "--log-level", "critical", "--bind", f"127.0.0.1:{port}"]
    environ = {**os.environ, URL: url, CRASH_FILE: str(site.crash_file)}
    server = subprocess.Popen(
        [*command, "tests.faults.armed_site:create()"],
        env=environ,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    try:
        _wait_until_up(server, port)
        yield site
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)
        # A worker that outlived its master would keep the port.
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def _wait_until_up(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            get(f"http://127.0.0.1:{port}/")
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.05)
