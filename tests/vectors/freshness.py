"""A status at the edges of a policy, to the second."""

from collections.abc import Iterator
from typing import Any

DAY = 86_400
POLICIES = [(7, 30), (1, 1), (1, 2), (7, 7), (30, 365), (365, 365)]


def cases() -> Iterator[dict[str, Any]]:
    """Yield policy, age of the status in seconds, and what the verdict on a certificate in force is then."""
    for note_days, max_days in POLICIES:
        for edge in sorted({0, note_days * DAY, max_days * DAY}):
            for age in (edge - 1, edge, edge + 1):
                too_old = age > max_days * DAY
                yield {
                    "note_days": note_days,
                    "max_days": max_days,
                    "age_seconds": age,
                    "reason": "status_too_old" if too_old else "valid",
                    "stale": age >= note_days * DAY,
                }


REFUSED = [(0, 30), (-1, 30), (31, 30), (7, 366), (366, 366), (0, 0), (7, 6)]
"""Policies that no verifier takes."""
