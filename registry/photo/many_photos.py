"""Many photos on all cores, each decoded in a process that may die of it.

A photo at which a process dies, runs out of its time, is silent, or stops halfway is tried once more, in a new
process: it may have been the machine's fault. If that is lost too the photo is refused, and the others go on.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Generic, TypeVar

from registry.photo.answer import NoAnswer
from registry.photo.decoder import DECODING_PROCESS, USUAL, Decoder, Patience, heard_of
from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.measure import require_modest
from registry.photo.photo import Photo

Key = TypeVar("Key")
Outcome = Photo | PhotoRefused

AHEAD: Final = 4
"""Photos in hand for each process, at most 1 MiB each, so that none is idle and nothing piles up."""
_TRIES: Final = 2


@dataclass(slots=True)
class _Job(Generic[Key]):
    """One photo on its way."""

    key: Key
    data: bytes
    tries: int = 0
    outcome: Outcome | None = None


def plain_photos(
    photos: Iterable[tuple[Key, bytes]],
    *,
    processes: int | None = None,
    program: str = DECODING_PROCESS,
    patience: Patience = USUAL,
) -> Iterator[tuple[Key, Outcome]]:
    """Yield for each photo its key and what became of it, in the order given.

    ``processes`` is ``None`` for one on each core. They start with the first photo and end with the last, or when the
    iterator is closed. Photos are taken only as they are needed. Raises ``DecoderUnavailable``.
    """
    size = processes or len(os.sched_getaffinity(0))
    crew = _Crew[Key](size, program, patience)
    waiting = iter(photos)
    in_hand: deque[_Job[Key]] = deque()
    try:
        while True:
            for job in islice(waiting, size * AHEAD - len(in_hand)):
                in_hand.append(_Job(*job))
                crew.take(in_hand[-1])
            if not in_hand:
                return
            while (outcome := in_hand[0].outcome) is None:
                crew.work()
            yield in_hand.popleft().key, outcome
    finally:
        crew.end()


class _Crew(Generic[Key]):
    """The processes, what each is at, and the photos that wait for one."""

    def __init__(self, size: int, program: str, patience: Patience) -> None:
        self._size = size
        self._program = program
        self._patience = patience
        self._idle: list[Decoder] = []
        self._busy: dict[int, tuple[Decoder, _Job[Key]]] = {}
        self._jobs: deque[_Job[Key]] = deque()

    def take(self, job: _Job[Key]) -> None:
        """Note a photo; one that is too long even to be sent is refused here."""
        try:
            require_modest(job.data)
            self._jobs.append(job)
        except PhotoRefused as refusal:
            job.outcome = refusal

    def work(self) -> None:
        """Give photos to idle processes, then wait until one has an outcome, or a process is lost."""
        self._staff()
        while self._jobs and self._idle:
            decoder, job = self._idle.pop(), self._jobs.popleft()
            self._busy[decoder.process.pid] = decoder, job
            decoder.ask(job.data)
        decoders = [decoder for decoder, _ in self._busy.values()]
        heard = heard_of(decoders, self._patience.silence_seconds)
        for decoder in heard:
            self._hear(decoder)
        if not heard:
            # After so long a silence all are taken for lost; their ends are heard at the next turn.
            for decoder in decoders:
                decoder.process.kill()

    def end(self) -> None:
        """End all processes."""
        for decoder in self._idle:
            decoder.end(busy=False)
        for decoder, _ in self._busy.values():
            decoder.end(busy=True)

    def _staff(self) -> None:
        """Start the processes that are missing for the photos at hand, all at once."""
        missing = min(len(self._jobs), self._size - len(self._busy)) - len(self._idle)
        new: list[Decoder] = []
        for _ in range(missing):
            new.append(Decoder.start(self._program, self._patience))
            # At once among the idle, so that it is ended if a later one can not be started.
            self._idle.append(new[-1])
        for decoder in new:
            decoder.require_ready()

    def _hear(self, decoder: Decoder) -> None:
        _, job = self._busy.pop(decoder.process.pid)
        try:
            job.outcome = decoder.hear()
            self._idle.append(decoder)
        except NoAnswer:
            decoder.end(busy=True)
            self._try_again(job)

    def _try_again(self, job: _Job[Key]) -> None:
        job.tries += 1
        if job.tries < _TRIES:
            self._jobs.appendleft(job)
        else:
            job.outcome = PhotoRefused(PhotoFault.UNDECODABLE)
