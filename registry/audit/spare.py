"""Numbers without an entry: after a restore, a serial that was given and whose entry nobody knows any more."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.events import HOLD_NUMBERING, IN_ORDER, RESTORE, STATE_HIGHEST, STORED, Stored
from registry.audit.finding import Finding, Kind
from registry.certificate.coverage import numbered_digest
from registry.certificate.numbering import COUNTER_ID
from registry.certificate.tables import Certificate, Entry, EntryCounter
from registry.civil_time import civil_date
from registry.journal.tables import Event


def spare_certificates(session: Session) -> tuple[frozenset[UUID], list[Finding]]:
    """Return the certificates that restores made for serials without an entry, and restores whose rows are others."""
    found: set[UUID] = set()
    faults: list[Finding] = []
    restores = (
        select(*STORED).where(Event.act == RESTORE, Event.subject.startswith("series:")).order_by(*IN_ORDER)
    )
    for row in session.execute(restores).all():
        event = Stored._make(row)
        certificates = _certificates(session, event)
        if numbered_digest(certificates, []) != event.digest:
            what = f"its certificates are not what event {event.id} vouches for"
            faults.append(Finding(Kind.COVERAGE, "certificate", event.subject, what))
        found |= {certificate.id for certificate in certificates}
    return frozenset(found), faults


def _certificates(session: Session, event: Stored) -> list[Certificate]:
    """Return the certificates that a restore made: all between, or those of them that have no entry."""
    key = event.subject.partition(":")[2]
    first, last, count = (event.details.get(name) for name in ("first", "last", "numbers"))
    if not (isinstance(first, int) and isinstance(last, int)):
        return []
    between = select(Certificate).where(
        Certificate.series_key == key, Certificate.serial.between(first, last)
    )
    if count != last - first + 1:
        between = between.outerjoin(Entry, Entry.certificate_id == Certificate.id).where(
            Entry.entry.is_(None)
        )
    return list(session.scalars(between.order_by(Certificate.serial)))


def alone_faults(session: Session, spare: frozenset[UUID]) -> Iterator[Finding]:
    """Yield the certificates that neither an entry nor a restore knows."""
    query = (
        select(Certificate.id)
        .outerjoin(Entry, Entry.certificate_id == Certificate.id)
        .where(Entry.entry.is_(None))
    )
    for identifier in session.scalars(query):
        if identifier not in spare:
            yield Finding(Kind.COVERAGE, "certificate", str(identifier), "no entry is there for it")


def hold_faults(session: Session) -> Iterator[Finding]:
    """Yield if numbering is held and no event held it, or if it is not held and nobody stated the highest numbers."""
    why = session.scalar(select(EntryCounter.held_because).where(EntryCounter.id == COUNTER_ID))
    newest = (
        select(Event.act, Event.at)
        .where(Event.act.in_((HOLD_NUMBERING, STATE_HIGHEST)), Event.subject == "register")
        .order_by(Event.id.desc())
        .limit(1)
    )
    act, at = session.execute(newest).one_or_none() or (None, None)
    if act != HOLD_NUMBERING and why is not None:
        what = "numbering is held, and no restore held it"
        yield Finding(Kind.STATE, "entry_counter", str(COUNTER_ID), what)
    elif act == HOLD_NUMBERING and why is None:
        what = "numbering was held, and goes on although nobody stated the highest numbers"
        yield Finding(Kind.STATE, "entry_counter", str(COUNTER_ID), what)
    elif why is not None and at is not None and civil_date(at).isoformat() not in why:
        what = "the reason why numbering is held was changed"
        yield Finding(Kind.STATE, "entry_counter", str(COUNTER_ID), what)
