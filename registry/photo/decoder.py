"""A decoding process, seen from its owner: started, asked, heard, ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from socket import socket, socketpair
from typing import Final

from registry.photo.answer import MAX_ANSWER_BYTES, READY, NoAnswer, read_answer
from registry.photo.errors import DecoderUnavailable, PhotoRefused
from registry.photo.messages import receive, send
from registry.photo.photo import Photo

DECODING_PROCESS: Final = "registry.photo.decoding_process"
_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long decoding processes are waited for.

    ``silence_seconds`` is for any of them to say something about its photo; ``message_seconds`` for a whole photo, or a
    whole answer, of which a process of good will needs a few milliseconds.
    """

    silence_seconds: float = 120.0
    message_seconds: float = 20.0


USUAL: Final = Patience()


@dataclass(frozen=True, slots=True)
class Decoder:
    """A started process and the pipe to it."""

    process: subprocess.Popen[bytes]
    pipe: socket
    patience: Patience

    @classmethod
    def start(cls, program: str = DECODING_PROCESS, patience: Patience = USUAL) -> Decoder:
        """Start a process with nothing of this one but a pipe; raises ``DecoderUnavailable``."""
        ours, theirs = socketpair()
        with theirs:
            descriptor = theirs.fileno()
            try:
                process = subprocess.Popen(
                    # Not the folder of the moment, but exactly the places that this process imports from.
                    [sys.executable, "-P", "-m", program, str(descriptor), str(os.getpid())],
                    env={"PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[descriptor],
                )
            except OSError as fault:
                ours.close()
                raise DecoderUnavailable(fault.strerror or "no process can be started") from None
        return cls(process, ours, patience)

    def require_ready(self) -> None:
        """Wait until the process says that it is ready, before any photo could be blamed for its end."""
        try:
            if receive(self.pipe, most=len(READY), seconds=_START_SECONDS) == READY:
                return
        except (EOFError, OSError):
            pass
        raise DecoderUnavailable("a process ended, or said nothing, before it was given a photo")

    def ask(self, data: bytes) -> None:
        """Give it a file; a process that is gone, or does not take it in time, is noticed when it is heard."""
        try:
            send(self.pipe, data, seconds=self.patience.message_seconds)
        except OSError:
            self.process.kill()

    def hear(self) -> Photo | PhotoRefused:
        """Return the answer; raises ``NoAnswer`` if it does not come in time, is nonsense, or the process has ended."""
        try:
            message = receive(self.pipe, most=MAX_ANSWER_BYTES, seconds=self.patience.message_seconds)
        except (EOFError, OSError):
            raise NoAnswer from None
        return read_answer(message)

    def end(self, *, busy: bool) -> None:
        """End the process: one that is idle ends by itself when its pipe is closed."""
        self.pipe.close()
        if busy:
            self.process.kill()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def heard_of(decoders: Sequence[Decoder], timeout_seconds: float) -> list[Decoder]:
    """Wait until one of them has spoken or ended; none after so many seconds of silence."""
    ready = wait([decoder.pipe for decoder in decoders], timeout_seconds)
    return [decoder for decoder in decoders if decoder.pipe in ready]
