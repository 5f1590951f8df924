"""The list of approved submissions from which issuers choose, shared by all processes: a file in memory.

It is a hint and nothing more. What is finished is known by the register alone; a mark that is missing or wrong costs
an issuer one question.
"""

import mmap
import os
from pathlib import Path
from random import Random
from uuid import UUID

PLACES = 200_000
WINDOW = 32
"""So many of the oldest open submissions are on offer, so that issuers meet at the same ones."""

_COUNT, _UUID = 8, 16
_PLACE = _UUID + 1
_OPEN, _CLOSED = 0, 1


class Supply:
    """Submissions in the order of their approval, and which of them somebody found finished. One process adds."""

    def __init__(self, path: Path) -> None:
        """Open the list, or begin it."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(descriptor, _COUNT + PLACES * _PLACE)
        self._bytes = mmap.mmap(descriptor, 0)
        os.close(descriptor)
        self._first_open = 0

    def __len__(self) -> int:
        return int.from_bytes(self._bytes[:_COUNT], "big")

    def add(self, submission: UUID) -> int:
        """Offer a submission; return its place."""
        place = len(self)
        start = _COUNT + place * _PLACE
        self._bytes[start : start + _UUID] = submission.bytes
        # Nobody looks at a place before it is counted.
        self._bytes[:_COUNT] = (place + 1).to_bytes(_COUNT, "big")
        return place

    def close(self, place: int) -> None:
        """Mark a submission as finished."""
        self._bytes[_COUNT + place * _PLACE + _UUID] = _CLOSED

    def is_open(self, place: int) -> bool:
        """Say whether nobody found this one finished yet."""
        return self._bytes[_COUNT + place * _PLACE + _UUID] == _OPEN

    def choose(self, chance: Random, most: int) -> dict[int, UUID]:
        """Return at most so many of the oldest open submissions, in any order, by their places."""
        count = len(self)
        while self._first_open < count and not self.is_open(self._first_open):
            self._first_open += 1
        places = (place for place in range(self._first_open, count) if self.is_open(place))
        offered = [place for place, _ in zip(places, range(WINDOW), strict=False)]
        return {place: self._submission(place) for place in chance.sample(offered, min(most, len(offered)))}

    def _submission(self, place: int) -> UUID:
        start = _COUNT + place * _PLACE
        return UUID(bytes=self._bytes[start : start + _UUID])
