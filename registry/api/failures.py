"""How often an address may fail: unsigned, wrongly signed, or asking for what there is not.

Counted in the memory of each process, by the minute, because nobody stands behind such a request: no row is written for
it. (Flask-Limiter would do it too, with a store of its own; that is more than two dozen lines, and one more thing to
run.) The memory is bounded: above ``MOST`` addresses a minute, the rest share one count.
"""

import ipaddress
from collections import Counter
from datetime import datetime
from threading import Lock
from typing import Final

from registry.access.errors import TooManyRequests
from registry.access.nonces import Allowance, minute_of, seconds_left

LIMIT: Final = 60
MOST: Final = 10_000
OTHERS: Final = "others"


class Failures:
    """The failures of this minute, by address. Safe to share between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = Lock()
        self._minute: datetime | None = None
        self._counts: Counter[str] = Counter()

    def require_patience(self, address: str, *, now: datetime) -> None:
        """Raise ``TooManyRequests`` if the address has failed too often this minute."""
        if self.allowance(address, now=now).remaining == 0:
            raise TooManyRequests(self._limit, seconds_left(now), failed=True)

    def note(self, address: str, *, now: datetime) -> None:
        """Count a failure."""
        with self._lock:
            self._counts_of(now)[self._name(address)] += 1

    def allowance(self, address: str, *, now: datetime) -> Allowance:
        """Return how many failures are left."""
        with self._lock:
            failed = self._counts_of(now)[self._name(address)]
        return Allowance(self._limit, max(0, self._limit - failed), seconds_left(now))

    def _counts_of(self, now: datetime) -> Counter[str]:
        if self._minute != minute_of(now):
            self._minute, self._counts = minute_of(now), Counter()
        return self._counts

    def _name(self, address: str) -> str:
        network = network_of(address)
        return network if network in self._counts or len(self._counts) < MOST else OTHERS


def network_of(address: str) -> str:
    """Return an IPv4 address as it is, of an IPv6 address the /64 that one connection usually has for itself."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return OTHERS
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
