"""The bodies that used up their minute, as this process knows: what else they ask is refused without a row.

What is known here was counted in the register (``nonces``); other processes find it out by a request of their own. A
request that is refused so leaves its nonce unused: it may be sent as it is in the next minute.
"""

from datetime import datetime
from threading import Lock

from registry.access.errors import TooManyRequests
from registry.access.nonces import minute_of, seconds_left


class Exhausted:
    """The bodies of this minute that have nothing left. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute: datetime | None = None
        self._issuers: set[str] = set()

    def note(self, issuer: str, *, now: datetime) -> None:
        """Remember that a body has nothing left in this minute."""
        with self._lock:
            self._of(now).add(issuer)

    def require_left(self, issuer: str, *, limit: int, now: datetime) -> None:
        """Raise ``TooManyRequests`` if a body is known to have nothing left."""
        with self._lock:
            known = issuer in self._of(now)
        if known:
            raise TooManyRequests(limit, seconds_left(now))

    def _of(self, now: datetime) -> set[str]:
        if self._minute != minute_of(now):
            self._minute, self._issuers = minute_of(now), set()
        return self._issuers
