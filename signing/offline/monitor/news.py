"""When a run reads, how long it waits, and what it tells that is no finding."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

DAY_SECONDS: Final = 86_400
BACK_DATING_SECONDS: Final = 7 * DAY_SECONDS
"""How much earlier than a leaf before it, or than the last checkpoint seen, a leaf may be dated. A log that stood still
for a while makes up for it in order, so an honest leaf is late by minutes; a week forgives a long disturbance."""
WAIT_SECONDS: Final = 7 * DAY_SECONDS
"""How long a hole may stay open, from the leaf that went past it to the newest checkpoint: numbers wait that long for a
signer that is out of order, not longer."""
CLOCKS_DIFFER_SECONDS: Final = 600
"""As in the verdict."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When, in seconds since 1970: ``head_at`` the newest checkpoint was cosigned, ``seen_at`` the one that was read
    before it (0 for none)."""

    head_at: int
    seen_at: int


@dataclass(slots=True)
class News:
    """What is no finding and worth telling, each as it goes into the JSON answer.

    Series opened, ceremonies of the keys; and what was issued, and became of it, under the numbers of the bodies that
    were asked for.
    """

    opened: list[dict[str, Any]] = field(default_factory=list)
    key_events: list[dict[str, Any]] = field(default_factory=list)
    issued: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)


def iso(seconds: int) -> str:
    """Return an instant as text, in UTC. A leaf may be dated up to the end of the year 9999, a checkpoint for ever."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return str(seconds)
