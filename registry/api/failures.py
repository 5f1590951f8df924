"""How often an address may fail: unsigned, wrongly signed, or asking for what there is not.

Counted in the memory of each process, by the minute, because nobody stands behind such a request: no row is written for
it. (Flask-Limiter would do it too, with a store of its own; that is more than two dozen lines, and one more thing to
run.) The memory is bounded: of more than ``MOST`` networks in a minute, those that failed longest ago are forgotten. So
whoever has that many addresses is not held back, and nobody pays for what others did.
"""

import ipaddress
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Final

from registry.access.nonces import Allowance, minute_of, seconds_left

LIMIT: Final = 60
MOST: Final = 10_000
UNREADABLE: Final = "unreadable"


class Failures:
    """The failures of this minute, by network. Safe to share between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._lock = Lock()
        self._minute: datetime | None = None
        self._counts: OrderedDict[str, int] = OrderedDict()

    def note(self, address: str, *, now: datetime) -> bool:
        """Count a failure; return whether it was one too many."""
        network = network_of(address)
        with self._lock:
            counts = self._counts_of(now)
            counts[network] = counts.get(network, 0) + 1
            counts.move_to_end(network)
            if len(counts) > MOST:
                counts.popitem(last=False)
            return counts[network] > self.limit

    def allowance(self, address: str, *, now: datetime) -> Allowance:
        """Return how many failures are left."""
        with self._lock:
            failed = self._counts_of(now).get(network_of(address), 0)
        return Allowance(self.limit, max(0, self.limit - failed), seconds_left(now))

    def _counts_of(self, now: datetime) -> OrderedDict[str, int]:
        if self._minute != minute_of(now):
            self._minute, self._counts = minute_of(now), OrderedDict()
        return self._counts


def network_of(address: str) -> str:
    """Return an IPv4 address as it is, of an IPv6 address the /64 that one connection usually has for itself."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return UNREADABLE
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
