"""The one sequencer: gives events their places in the journal's chain, after the acts that wrote them.

An act never waits for the chain's head, so a thousand acts can commit at once; only sequencers wait for each other, at
the head's row. An event is taken when it is committed, so no place is given to something that a rollback undoes, and an
event that commits late gets a later place. Of two acts where the second saw the first, the first has the lower place.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.crash_points import reach
from registry.database.many_rows import ManyRows
from registry.database.sessions import Sessions
from registry.journal.chain import WRITTEN, Written, event_hash
from registry.journal.errors import ChainWithoutHead
from registry.journal.tables import Event, JournalHead

HEAD = 1
BATCH = 1000

_PLACED = ManyRows.updating(Event, ("id", "place", "hash"))


def chain_events(sessions: Sessions, *, most: int = BATCH) -> int:
    """Give the oldest events that have none their place and hash, at most ``most``; return how many.

    Durable together: places, hashes and the head. A crash before leaves events without a place, which the next call
    finds. Raises ``ChainWithoutHead``.
    """
    placed = sessions.run(lambda session: _chain(session, most), idempotent=True)
    reach("sequence.committed")
    return placed


def chain_waiting(session: Session) -> None:
    """Give every event that waits its place and hash, in the caller's transaction. Raises ``ChainWithoutHead``."""
    while _chain(session, BATCH):
        pass


def _chain(session: Session, most: int) -> int:
    head = session.get(JournalHead, HEAD, with_for_update=True)
    if head is None:
        raise ChainWithoutHead
    waiting = select(*WRITTEN).where(Event.place.is_(None)).order_by(Event.id).limit(most)
    place, before, rows = head.place, head.hash, []
    for row in session.execute(waiting):
        event = Written._make(row)
        place, before = place + 1, event_hash(before, place + 1, event)
        rows.append((event.id, place, before))
    if rows:
        _PLACED.run(session.connection(), rows)
        head.place, head.hash = place, before
    reach("sequence.before_commit")
    return len(rows)
