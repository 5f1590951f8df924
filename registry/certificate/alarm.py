"""What was a certificate before the alarm: the tokens of one key, and since when each of them counts.

The alarm is the instant from which on a key may have been in other hands. What the register itself released before it
was no forger's work; what came later may be, and is kept only if a person looked at it and vouches for it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.honest_list import ClaimedToken
from registry.certificate.errors import UnknownEpoch
from registry.certificate.lifecycle import WAS_RELEASED, Action, Status
from registry.certificate.tables import Entry, Epoch
from registry.journal.tables import Event

# Entries that a restore made anew have no other event that says since when they are what they are.
RESTORED: Final = "restore"
CHUNK: Final = 500


class _Stored(NamedTuple):
    entry: int
    version: int | None
    status: str
    to_be_signed: bytes | None
    token: bytes | None


@dataclass(frozen=True, slots=True)
class TokensOfKey:
    """The tokens of one key that people may hold: ``honest`` by what the register knows, ``late`` came after the alarm.

    ``late`` are entries that are released, and that nobody vouched for.
    """

    honest: tuple[ClaimedToken, ...]
    late: tuple[int, ...]


def tokens_of_key(
    session: Session, key_id: bytes, *, alarm: datetime, vouched: Collection[int]
) -> TokensOfKey:
    """Return the tokens of a key that were released, and of corrections those that were signed, before the alarm.

    ``vouched`` are the entries that a person vouches for, whenever they came. Void entries are never among them. Raises
    ``UnknownEpoch``.
    """
    epoch = session.get(Epoch, key_id)
    if epoch is None:
        raise UnknownEpoch(key_id)
    query = (
        select(Entry.entry, Entry.version, Entry.status, Entry.to_be_signed, Entry.token)
        .where(
            Entry.entry.between(epoch.first_entry, epoch.last_entry),
            Entry.key_id == key_id,
            Entry.status.in_((*WAS_RELEASED, Status.SIGNED)),
        )
        .order_by(Entry.entry)
    )
    rows = [_Stored._make(row) for row in session.execute(query)]
    entries = [row.entry for row in rows]
    released_at = moved_at(session, (Action.RELEASE, RESTORED), entries)
    signed_at = moved_at(session, (Action.SIGN,), [row.entry for row in rows if row.version != 1])
    honest, late = [], []
    for row in rows:
        since = (signed_at if row.version != 1 else released_at).get(row.entry) or released_at.get(row.entry)
        if row.entry in vouched or (since is not None and since < alarm):
            honest.append(ClaimedToken(row.entry, row.to_be_signed, row.token))
        elif row.status in WAS_RELEASED:
            late.append(row.entry)
    return TokensOfKey(tuple(honest), tuple(late))


def moved_at(session: Session, acts: Sequence[str], entries: Collection[int]) -> dict[int, datetime]:
    """Return when each of these entries was first moved by one of these acts; what never was is left out."""
    found: dict[int, datetime] = {}
    wanted = sorted(entries)
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        inside = set(chunk)
        for at, first, last in _events(session, acts, chunk[0], chunk[-1]):
            for entry in inside.intersection(range(max(first, chunk[0]), min(last, chunk[-1]) + 1)):
                found[entry] = min(at, found.get(entry, at))
    return found


def _events(
    session: Session, acts: Sequence[str], first: int, last: int
) -> Iterator[tuple[datetime, int, int]]:
    query = select(Event.at, Event.first_entry, Event.last_entry).where(
        Event.act.in_(acts), Event.first_entry <= last, Event.last_entry >= first
    )
    for at, begin, end in session.execute(query):
        if begin is not None and end is not None:
            yield at, begin, end
