"""Forgetting what the access room keeps for a while only: nonces that can not come again, answers of a week ago.

A job of its own, so that nothing outlives its time where nobody calls, and no request waits for it. A turn is bounded,
so that the other jobs have theirs; while anything is left the next turn goes on, so it outruns whatever came.
"""

from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from typing import Final

from registry.access.idempotency import forget_old
from registry.access.nonces import forget_expired
from registry.database.sessions import Sessions

EVERY: Final = timedelta(minutes=5)
"""As long as a nonce is kept itself. Where requests come all the time, there is always something to forget."""

BITES_IN_TURN: Final = 10
"""Of each kind, before it is the turn of the other jobs."""


class Forgetting:
    """Forgetting by one worker."""

    def __init__(self, sessions: Sessions, *, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._now = now
        self._at: datetime | None = None

    def batches(self) -> Iterator[int]:
        """Delete what is due, if not all of it was deleted lately; yields after each bite how much that was."""
        now = self._now()
        if self._at is not None and self._at <= now < self._at + EVERY:
            return
        nonces_gone = yield from _bites(lambda: forget_expired(self._sessions, now=now))
        answers_gone = yield from _bites(lambda: forget_old(self._sessions, now=now))
        if nonces_gone and answers_gone:
            self._at = now


def _bites(forget: Callable[[], int]) -> Generator[int, None, bool]:
    """Yield how much each bite was; return whether nothing was left."""
    for _ in range(BITES_IN_TURN):
        count = forget()
        if not count:
            return True
        yield count
    return False
