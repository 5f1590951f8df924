"""One process of a signing pool, seen from its owner: started, asked, heard, ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from keys.hsm.place import HsmPlace, environment_for_modules
from keys.signer.pool_message import Answer, Request
from keys.store_place import StorePlace

_END_SECONDS: Final = 5.0
_MAX_ANSWER_BYTES: Final = 65536


@dataclass(frozen=True, slots=True)
class PoolProcess:
    """A started process; ``asked`` holds the places of the requests that it has not answered, oldest first."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]
    asked: deque[int] = field(default_factory=deque)

    @classmethod
    def start(cls, program: str, place: StorePlace, identity_file: Path) -> PoolProcess:
        """Start the module ``program`` with nothing of this process but one pipe; ``OSError`` if it can not.

        With keys in an HSM it also gets the environment, less the register's settings: the vendor's module needs it.
        """
        ours, theirs = Pipe()
        with theirs:
            descriptor = theirs.fileno()
            arguments = [str(descriptor), str(os.getpid()), str(place), str(identity_file)]
            try:
                process = subprocess.Popen(
                    # Not the folder of the moment, but exactly the places that this process imports from.
                    [sys.executable, "-P", "-m", program, *arguments],
                    env=_environment(place),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[descriptor],
                )
            except OSError:
                ours.close()
                raise
        return cls(process, ours)

    def ask(self, place: int, request: Request) -> None:
        """Send a request; ``OSError`` if the process is gone."""
        self.asked.append(place)
        self.connection.send_bytes(request.to_bytes())

    def hear(self, requests: Sequence[Request]) -> tuple[int, Answer]:
        """Return the answer to the oldest request with its place; ``EOFError``, ``OSError`` or ``FormatError``."""
        place = self.asked.popleft()
        message = self.connection.recv_bytes(_MAX_ANSWER_BYTES)
        return place, Answer.from_bytes(message, asked=len(requests[place].digests))

    def hang_up(self) -> None:
        """Close the pipe, at which an idle process ends by itself; kill one that is busy, hung or dead."""
        self.connection.close()
        if self.asked:
            self.process.kill()

    def bury(self) -> None:
        """Wait for the end of a process that was hung up on; kill it if it does not come."""
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _environment(place: StorePlace) -> dict[str, str]:
    inherited = environment_for_modules(os.environ) if isinstance(place, HsmPlace) else {}
    return {**inherited, "PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path)}
