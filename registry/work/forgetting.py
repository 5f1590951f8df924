"""Forgetting what the access room keeps for a while only: nonces that can not come again, answers of a week ago.

A job of its own, so that nothing outlives its time where nobody calls, and no request waits for it. All that is due is
deleted before a turn ends, so it outruns whatever came.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from registry.access.idempotency import forget_old
from registry.access.nonces import forget_expired
from registry.database.sessions import Sessions

EVERY: Final = timedelta(minutes=5)
"""As long as a nonce is kept itself. Where requests come all the time, there is always something to forget."""


class Forgetting:
    """Forgetting by one worker."""

    def __init__(self, sessions: Sessions, *, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._now = now
        self._at: datetime | None = None

    def batches(self) -> Iterator[int]:
        """Delete all that is due, if there was no turn lately; yields after each bite how much that was."""
        now = self._now()
        if self._at is not None and self._at <= now < self._at + EVERY:
            return
        for forget in (forget_expired, forget_old):
            while count := forget(self._sessions, now=now):
                yield count
        self._at = now
