"""Which acts have leaves in the public log, and how many: said of an event alone, so that nobody can choose.

One leaf for each entry of the run that an act was done to, in the order of entries; one for the opening of a series
and for a ceremony of the keys. What a restore found out about entries has the leaf of what became of them, unless it
was the log itself that told: that leaf is there. Where a leaf tells again what an earlier one told, it is no second
act.
"""

from typing import Any, Final, NamedTuple

from signing.log.leaf import LeafKind

RESTORE: Final = "restore"
OPEN_SERIES: Final = "open_series"
BY_LOG: Final = "log"
"""As the detail ``known`` of what a restore does: lost leaves told it, as the full check shows."""

# By the act's name. What moves an entry on unseen (number, release) has none.
_KINDS: Final[dict[str, LeafKind]] = {
    "sign": LeafKind.ISSUE,
    "void": LeafKind.VOID,
    "pass_over": LeafKind.VOID,
    "suspend": LeafKind.SUSPEND,
    "reinstate": LeafKind.REINSTATE,
    "revoke": LeafKind.REVOKE,
    "supersede": LeafKind.SUPERSEDE,
    OPEN_SERIES: LeafKind.SERIES,
    "key_ceremony": LeafKind.KEYS,
}
# A restore says what became of an entry in words for statuses.
_RESTORED: Final[dict[str, LeafKind]] = {
    "void": LeafKind.VOID,
    "suspended": LeafKind.SUSPEND,
    "revoked": LeafKind.REVOKE,
    "superseded": LeafKind.SUPERSEDE,
}


class Told(NamedTuple):
    """What of an event decides about its leaves."""

    act: str
    # A mapping, if an act wrote it.
    details: Any
    first_entry: int | None
    last_entry: int | None


def leaf_kind(event: Told) -> LeafKind | None:
    """Return which leaves an act has, ``None`` if it has none."""
    # A database without strict types holds anything; what no act writes tells nothing.
    details = event.details if isinstance(event.details, dict) else {}
    if event.act in (RESTORE, OPEN_SERIES) and details.get("known") == BY_LOG:
        return None
    if event.act == RESTORE and event.first_entry is not None:
        # What was *reinstated* has its leaf from that act; being released tells the log nothing.
        if details.get("before") == "suspended" and details.get("after") == "released":
            return LeafKind.REINSTATE
        return _RESTORED.get(str(details.get("after")))
    return _KINDS.get(event.act)


def leaf_count(event: Told) -> int:
    """Return how many leaves an act has."""
    if leaf_kind(event) is None:
        return 0
    if event.first_entry is None or event.last_entry is None:
        return 1
    return event.last_entry - event.first_entry + 1
