"""A worker as a child of another command: it goes on while that serves, and ends with it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from registry.settings import PREFIX, Settings

END_SECONDS = 30.0


@contextmanager
def worker_process(settings: Settings, *, every_seconds: int) -> Iterator[int]:
    """Run ``certreg work`` with these settings until the block ends; yield its process id.

    It says nothing: what it has left undone is told by ``certreg health``.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "registry.operator", "work", "--every", str(every_seconds)],
        env={name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        | settings.to_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Ctrl-C reaches us alone, and we end it in good order.
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
