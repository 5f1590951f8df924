"""The journal's chain: places 1..n without a gap, each hash made of the one before, the head where the chain ends."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.events import STORED, Stored, faults_of
from registry.audit.finding import Finding, Kind
from registry.journal.chain import FIRST_HASH, event_hash
from registry.journal.sequencer import HEAD
from registry.journal.tables import Event, JournalHead

PAGE = 1000


def head_faults(session: Session) -> Iterator[Finding]:
    """Yield what is wrong with the head: there is one, and the last place and its hash are the head's."""
    heads = session.execute(select(JournalHead.id, JournalHead.place, JournalHead.hash)).all()
    if [row[0] for row in heads] != [HEAD]:
        yield Finding(
            Kind.JOURNAL, "journal_head", str(HEAD), f"there are {len(heads)} rows where one belongs"
        )
        return
    _, place, hash_ = heads[0]
    count, last = session.execute(
        select(func.count(), func.max(Event.place)).where(Event.place.is_not(None))
    ).one()
    if (count, last or 0) != (place, place):
        what = f"it says {place} places, the journal has {count}, the last of them {last or 0}"
        yield Finding(Kind.JOURNAL, "journal_head", str(HEAD), what)
    if hash_ != hash_at(session, place):
        yield Finding(Kind.JOURNAL, "journal_head", str(HEAD), "its hash is not that of the last place")


def hash_at(session: Session, place: int) -> bytes | None:
    """Return the hash that is stored at a place; ``None`` if nothing stands there."""
    if place == 0:
        return FIRST_HASH
    return session.scalar(select(Event.hash).where(Event.place == place))


def chain_faults(session: Session, first: int, last: int, *, last_entry: int) -> Iterator[Finding]:
    """Yield what is wrong at the places first..last: a gap, a hash that does not follow, an event by itself.

    The hash before the first place is taken as it is stored: whoever checks all places checks that one too.
    """
    before = hash_at(session, first - 1)
    query = select(*STORED).where(Event.place.between(first, last)).order_by(Event.place)
    events = [Stored._make(row) for row in session.execute(query)]
    expected = first
    for event in events:
        if event.place != expected:
            yield Finding(
                Kind.JOURNAL, "event", event.key, f"it has place {event.place}, and {expected} is next"
            )
        elif before is None or event.hash != event_hash(before, expected, event.written):
            yield Finding(Kind.JOURNAL, "event", event.key, f"its hash does not follow at place {expected}")
        expected, before = (event.place or 0) + 1, event.hash
    if expected != last + 1:
        yield Finding(
            Kind.JOURNAL, "event", f"place {expected}", f"there is nothing at places {expected} to {last}"
        )
    yield from faults_of(events, session, last_entry=last_entry)


def waiting_faults(session: Session, *, last_entry: int) -> Iterator[Finding]:
    """Yield what is wrong with the events that have no place yet; that they have none is no fault."""
    after = -1
    while True:
        query = select(*STORED).where(Event.place.is_(None), Event.id > after).order_by(Event.id).limit(PAGE)
        events = [Stored._make(row) for row in session.execute(query)]
        if not events:
            return
        for event in events:
            if event.hash is not None:
                yield Finding(Kind.JOURNAL, "event", event.key, "it has a hash and no place")
        yield from faults_of(events, session, last_entry=last_entry)
        after = events[-1].id
