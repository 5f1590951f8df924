"""A decoding process, seen from its owner: started, asked, heard, ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from registry.photo.answer import MAX_ANSWER_BYTES, READY, NoAnswer, read_answer
from registry.photo.errors import DecoderUnavailable, PhotoRefused
from registry.photo.photo import Photo

DECODING_PROCESS: Final = "registry.photo.decoding_process"
_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Decoder:
    """A started process and the pipe to it."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]

    @classmethod
    def start(cls, program: str = DECODING_PROCESS) -> Decoder:
        """Start a process with nothing of this one but a pipe; raises ``DecoderUnavailable``."""
        ours, theirs = Pipe()
        with theirs:
            descriptor = theirs.fileno()
            try:
                process = subprocess.Popen(
                    # Not the folder of the moment, but exactly the places that this process imports from.
                    [sys.executable, "-P", "-m", program, str(descriptor), str(os.getpid())],
                    env={"PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[descriptor],
                )
            except OSError as fault:
                ours.close()
                raise DecoderUnavailable(fault.strerror or "no process can be started") from None
        return cls(process, ours)

    def require_ready(self) -> None:
        """Wait until the process says that it is ready, before any photo could be blamed for its end."""
        try:
            if self.connection.poll(_START_SECONDS) and self.connection.recv_bytes(len(READY)) == READY:
                return
        except (EOFError, OSError):
            pass
        raise DecoderUnavailable("a process ended, or said nothing, before it was given a photo")

    def ask(self, data: bytes) -> None:
        """Give it a file; a process that is gone is noticed when it is heard."""
        try:
            self.connection.send_bytes(data)
        except OSError:
            self.process.kill()

    def hear(self) -> Photo | PhotoRefused:
        """Return the answer; raises ``NoAnswer`` if the process has ended or speaks nonsense."""
        try:
            return read_answer(self.connection.recv_bytes(MAX_ANSWER_BYTES))
        except (EOFError, OSError):
            raise NoAnswer from None

    def end(self, *, busy: bool) -> None:
        """End the process: one that is idle ends by itself when its pipe is closed."""
        self.connection.close()
        if busy:
            self.process.kill()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def heard_of(decoders: Sequence[Decoder], timeout_seconds: float) -> list[Decoder]:
    """Wait until one of them has spoken or ended; none after so many seconds of silence."""
    ready = wait([decoder.connection for decoder in decoders], timeout_seconds)
    return [decoder for decoder in decoders if decoder.connection in ready]
