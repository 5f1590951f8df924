"""The signer's program as a child of another command: started, waited for, ended with it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from keys.errors import SignerUnreachable
from keys.signer.remote_signer import SignerClient
from registry.settings import PREFIX, Settings

START_SECONDS = 30.0
END_SECONDS = 10.0
LOOK_SECONDS = 0.05


@contextmanager
def signer_process(settings: Settings) -> Iterator[int]:
    """Run ``certreg signer`` at the socket of these settings; yield its process id once it answers.

    Raises ``SignerUnreachable`` if it ends before, or does not answer in ``START_SECONDS``.
    """
    path = settings.signer_socket
    if path is None:
        raise ValueError("the settings name no signer's socket")
    process = subprocess.Popen(
        [sys.executable, "-m", "registry.operator", "signer"],
        # What a module of an HSM needs is in the environment; the settings are those of whoever starts it.
        env={name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        | settings.to_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    client = SignerClient(path)
    try:
        _wait(process, client)
        yield process.pid
    finally:
        client.close()
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], client: SignerClient) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.last_entry()
            return
        except SignerUnreachable:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(LOOK_SECONDS)
