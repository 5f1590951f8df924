"""Signing on all cores: processes that each hold or reach the key, and share the work of a batch.

What is durable: nothing here. The journal has recorded a batch before it comes to the pool, and a lost
process costs nothing but another call, which gives the same signatures. No key is sent to a process (it
opens the sealed key, or its own session with the token, itself), nothing of this process is inherited, and
nothing that it says is unpickled.

Who must be trusted: the processes, as much as this one; each verifies its own signatures. One that dies,
hangs or speaks nonsense ends the call and its fellows; the next call starts new ones.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self

from keys.errors import BytesChanged, CorruptSignature, KeyUnavailable, SigningProcessLost
from keys.signer.pool_message import Answer, Outcome, Request
from keys.signer.pool_process import PoolProcess
from keys.store_place import StorePlace
from signing.errors import FormatError

SIGNING_PROCESS: Final = "keys.signer.signing_process"
_MAX_REQUEST: Final = 64
_ASKED_AHEAD: Final = 2


class SigningPool:
    """Processes that sign certificates with the keys of one store.

    They start at the first call (a fifth of a second) and end with ``close``, or when this process dies. For
    all threads of one process; calls wait for each other.
    """

    def __init__(
        self,
        place: StorePlace,
        identity_file: Path,
        *,
        processes: int | None = None,
        timeout_seconds: float = 30.0,
        program: str = SIGNING_PROCESS,
    ) -> None:
        """Take where the keys lie and the identity file that unseals them, or the PIN of their token.

        ``processes`` is ``None`` for one on each core. A process that does not answer for
        ``timeout_seconds`` is taken for lost. ``program`` is the module that a process runs.
        """
        self._place: Final = place
        self._told: Final = place if isinstance(place, Path) else place.uri
        self._identity_file: Final = identity_file
        self._size: Final = processes or len(os.sched_getaffinity(0))
        self._timeout: Final = timeout_seconds
        self._program: Final = program
        self._lock: Final = Lock()
        self._processes: list[PoolProcess] = []
        self._owner = os.getpid()

    def sign_many(
        self, key_id: bytes, to_be_signed: Sequence[bytes], digests: Sequence[bytes]
    ) -> list[bytes]:
        """Return the signatures in the same order, all or none; ``digests`` are what the journal recorded.

        Raises ``SigningProcessLost``, ``KeyUnavailable``, ``CorruptSignature`` or ``BytesChanged``; asking
        again is lawful, and starts new processes.
        """
        requests = list(_requests(key_id, to_be_signed, digests, parts=self._size))
        answers: list[Answer] = []
        with self._lock:
            try:
                answers = self._answers(requests)
            finally:
                # After any fault, or a signal, an answer may still be on its way: it must not meet the next call.
                signed = [answer for answer in answers if answer.outcome is Outcome.SIGNED]
                if len(signed) < len(requests):
                    self._end()
        for answer in answers:
            self._require_signed(answer, key_id)
        return [signature for answer in answers for signature in answer.signatures]

    def start(self) -> None:
        """Start the processes now, if they are not running, instead of at the first call.

        Raises ``SigningProcessLost`` if this machine has no room for them.
        """
        with self._lock:
            self._start()

    def process_ids(self) -> list[int]:
        """Return the ids of the processes that are running for this pool; empty before the first call."""
        with self._lock:
            return [each.process.pid for each in self._processes]

    def close(self) -> None:
        """End the processes; a later call starts new ones."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _require_signed(self, answer: Answer, key_id: bytes) -> None:
        match answer.outcome:
            case Outcome.CORRUPT:
                raise CorruptSignature(key_id)
            case Outcome.CHANGED:
                raise BytesChanged(answer.content)
            case Outcome.UNAVAILABLE:
                raise KeyUnavailable(self._told, answer.content.decode(errors="replace"))

    def _answers(self, requests: Sequence[Request]) -> list[Answer]:
        self._start()
        try:
            return self._collect(requests)
        except EOFError:
            why = "a signing process ended"
        except OSError as fault:
            why = f"a signing process ended: {fault.strerror or fault}"
        except FormatError:
            why = "a signing process gave no proper answer"
        raise SigningProcessLost(self._told, why)

    def _collect(self, requests: Sequence[Request]) -> list[Answer]:
        """Give each process one request after the other, with a next one at hand; return the answers in order."""
        places = deque(range(len(requests)))
        answers: dict[int, Answer] = {}
        for _ in range(_ASKED_AHEAD):
            for process in self._processes:
                _ask_next(process, places, requests)
        while len(answers) < len(requests):
            ready = wait([each.connection for each in self._processes if each.asked], self._timeout)
            if not ready:
                raise TimeoutError(None, f"no answer for {self._timeout:g} seconds")
            for process in self._processes:
                if process.connection in ready:
                    place, answer = process.hear(requests)
                    answers[place] = answer
                    _ask_next(process, places, requests)
        return [answers[place] for place in range(len(requests))]

    def _start(self) -> None:
        if self._owner != os.getpid():
            # This is a forked copy: the processes are the original's.
            self._owner, self._processes = os.getpid(), []
        try:
            while len(self._processes) < self._size:
                self._processes.append(PoolProcess.start(self._program, self._place, self._identity_file))
            return
        except OSError as fault:
            why = fault.strerror
        raise SigningProcessLost(self._told, f"a signing process can not be started: {why}")

    def _end(self) -> None:
        ended, self._processes = self._processes, []
        if self._owner != os.getpid():
            return
        for each in ended:
            each.hang_up()
        for each in ended:
            each.bury()


def _requests(
    key_id: bytes, to_be_signed: Sequence[bytes], digests: Sequence[bytes], *, parts: int
) -> Iterator[Request]:
    """Part a batch so that every process gets several requests: one that is slower then gets fewer."""
    size = min(_MAX_REQUEST, -(-len(to_be_signed) // (parts * _ASKED_AHEAD)))
    for start in range(0, len(to_be_signed), size or 1):
        part = slice(start, start + size)
        yield Request(key_id, digests[part], to_be_signed[part])


def _ask_next(process: PoolProcess, places: deque[int], requests: Sequence[Request]) -> None:
    """Give the process the next request, if any is left."""
    if places:
        place = places.popleft()
        process.ask(place, requests[place])
