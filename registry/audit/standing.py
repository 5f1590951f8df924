"""The small tables: charter, directory, accounts with their appointments and keys, series, epochs.

Each row is vouched for by exactly one event; the directory as a whole by its newest load.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from registry.audit.events import IN_ORDER, STORED, Stored
from registry.audit.finding import Finding, Kind
from registry.audit.submission_rows import columns_of
from registry.certificate.coverage import epoch_digest, series_digest
from registry.certificate.epochs import CLOSE_EPOCH
from registry.certificate.opening import OPEN, SIGN
from registry.certificate.tables import Epoch, Series
from registry.directory.coverage import TABLES, directory_digest
from registry.foundation.coverage import charter_digest
from registry.foundation.tables import Charter
from registry.journal.tables import Event
from registry.people.body_keys import REVOKE_KEY, may_revoke
from registry.people.coverage import account_digest, key_digest
from registry.people.tables import Account, Appointment, EnrolledKey

PAGE = 400


def standing_faults(session: Session) -> Iterator[Finding]:
    """Yield what is wrong with the small tables."""
    yield from _charter_faults(session)
    yield from _directory_faults(session)
    for accounts in pages(session, Account, Account.id):
        yield from _account_faults(session, accounts)
    for series in pages(session, Series, Series.key):
        by_subject = events_by_subject(session, (OPEN, SIGN), [f"series:{row.key}" for row in series])
        for row in series:
            yield from _series_faults(row, by_subject[f"series:{row.key}"])
    for epochs in pages(session, Epoch, Epoch.key_id):
        yield from _epoch_faults(session, epochs)


def vouched(table: str, row: str, events: Sequence[Stored], digest: bytes) -> Iterator[Finding]:
    """Yield unless exactly one event vouches for a row, and for the row as it stands."""
    if len(events) != 1:
        count = "no event vouches" if not events else f"{len(events)} events vouch"
        yield Finding(Kind.COVERAGE, table, row, f"{count} for it, where one belongs")
    if events and events[-1].digest != digest:
        what = f"it is not what event {events[-1].id} vouches for"
        yield Finding(Kind.COVERAGE, table, row, what)


def _charter_faults(session: Session) -> Iterator[Finding]:
    founded = events_by_subject(session, ("found",), ["register"])["register"]
    charters = session.scalars(select(Charter).order_by(Charter.id)).all()
    for charter in charters:
        yield from vouched("charter", str(charter.id), founded, charter_digest(charter))
    if len(charters) != len(founded):
        what = f"there are {len(charters)} rows, and {len(founded)} foundings"
        yield Finding(Kind.COVERAGE, "charter", "1", what)


def _directory_faults(session: Session) -> Iterator[Finding]:
    loads = events_by_subject(session, ("load_directory",), ["directory"])["directory"]
    for earlier, later in pairwise(loads):
        if earlier.digest == later.digest:
            what = f"it loaded what event {earlier.id} had loaded; a load that changes nothing is no act"
            yield Finding(Kind.JOURNAL, "event", later.key, what)
    table = TABLES[0].__tablename__
    if loads and loads[-1].digest != directory_digest(session):
        names = ", ".join(known.__tablename__ for known in TABLES)
        what = f"a row of the directory ({names}) is not what event {loads[-1].id} vouches for"
        yield Finding(Kind.COVERAGE, table, "*", what)
    if not loads:
        for known in TABLES:
            if session.execute(select(*columns_of(known).primary_key.columns).limit(1)).first():
                yield Finding(
                    Kind.COVERAGE, known.__tablename__, "*", "no event vouches for it, where one belongs"
                )


def _account_faults(session: Session, accounts: Sequence[Account]) -> Iterator[Finding]:
    ids = [account.id for account in accounts]
    held, keys = _held_by(session, Appointment, ids), _held_by(session, EnrolledKey, ids)
    subjects = [f"account:{account_id}" for account_id in ids]
    created = events_by_subject(session, ("create_account",), subjects)
    enrolled = events_by_subject(session, ("enrol_key",), subjects)
    revoked = events_by_subject(session, (REVOKE_KEY,), subjects)
    for account, subject in zip(accounts, subjects, strict=True):
        digest = account_digest(account, held[account.id])
        yield from vouched("account", str(account.id), created[subject], digest)
        yield from _key_faults(keys[account.id], _by_key(enrolled[subject]))
        yield from _revocation_faults(session, keys[account.id], held[account.id], _by_key(revoked[subject]))


def _by_key(events: Sequence[Stored]) -> defaultdict[object, list[Stored]]:
    by_key: defaultdict[object, list[Stored]] = defaultdict(list)
    for event in events:
        by_key[event.details.get("key")].append(event)
    return by_key


def _key_faults(keys: Iterable[EnrolledKey], events: defaultdict[object, list[Stored]]) -> Iterator[Finding]:
    for key in keys:
        name = key.key_id.hex()
        yield from vouched("enrolled_key", name, events.pop(name, []), key_digest(key))
    for left in events.values():
        what = f"the key that event {left[0].id} enrolled is not there"
        yield Finding(Kind.COVERAGE, "enrolled_key", str(left[0].details.get("key")), what)


def _revocation_faults(
    session: Session,
    keys: Iterable[EnrolledKey],
    held: Iterable[Appointment],
    events: defaultdict[object, list[Stored]],
) -> Iterator[Finding]:
    """Yield for a key that is not revoked when, and by whom, its events say."""
    scopes = {appointment.scope for appointment in held}
    for key in keys:
        name = key.key_id.hex()
        told = events.pop(name, [])
        if [event.at for event in told] != ([] if key.revoked_at is None else [key.revoked_at]):
            said = "no event says so" if not told else "its events say otherwise"
            is_ = "revoked" if key.revoked_at else "not revoked"
            yield Finding(Kind.STATE, "enrolled_key", name, f"it is {is_}, and {said}")
        for event in told:
            if not may_revoke(session, event.actor_id, key.purpose, scopes):
                yield Finding(
                    Kind.STATE, "enrolled_key", name, f"whoever revoked it (event {event.id}) may not"
                )
    for left in events.values():
        what = f"the key that event {left[0].id} revoked is not there"
        yield Finding(Kind.COVERAGE, "enrolled_key", str(left[0].details.get("key")), what)


def _series_faults(series: Series, events: Sequence[Stored]) -> Iterator[Finding]:
    opened = [event for event in events if event.act == OPEN]
    yield from vouched("series", series.key, opened, series_digest(series))
    # One that a restore found has no opening until a registrar signs one.
    signed = [event.details["opening"] for event in events if "opening" in event.details]
    stored = None if series.opening is None else sha256(series.opening).hexdigest()
    if len(signed) > 1:
        what = f"its opening was signed {len(signed)} times, where it is signed once"
        yield Finding(Kind.STATE, "series", series.key, what)
    elif stored != (signed[0] if signed else None):
        yield Finding(Kind.STATE, "series", series.key, "its opening is not the one that its events tell of")


def _epoch_faults(session: Session, epochs: Sequence[Epoch]) -> Iterator[Finding]:
    subjects = [f"epoch:{row.key_id.hex()}" for row in epochs]
    by_subject, closings = (
        events_by_subject(session, ("open_epoch",), subjects),
        events_by_subject(session, (CLOSE_EPOCH,), subjects),
    )
    for epoch in epochs:
        name = epoch.key_id.hex()
        yield from vouched("epoch", name, by_subject[f"epoch:{name}"], epoch_digest(epoch))
        closed = [event.at for event in closings[f"epoch:{name}"]]
        if closed != ([] if epoch.closed_at is None else [epoch.closed_at]):
            said = "no event says so" if not closed else "its events say otherwise"
            is_ = "open" if epoch.closed_at is None else "closed"
            yield Finding(Kind.STATE, "epoch", name, f"it is {is_}, and {said}")


def _held_by(session: Session, table: Any, accounts: Sequence[UUID]) -> defaultdict[UUID, list[Any]]:
    held: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in session.scalars(select(table).where(table.account_id.in_(accounts))):
        held[row.account_id].append(row)
    return held


def events_by_subject(
    session: Session, acts: Sequence[str], subjects: Sequence[str]
) -> defaultdict[str, list[Stored]]:
    query = select(*STORED).where(Event.act.in_(acts), Event.subject.in_(subjects)).order_by(*IN_ORDER)
    found: defaultdict[str, list[Stored]] = defaultdict(list)
    for row in session.execute(query):
        event = Stored._make(row)
        found[event.subject].append(event)
    return found


def pages(session: Session, table: Any, key: Any) -> Iterator[list[Any]]:
    """Yield the rows of a table by key, a page at a time; what was read is forgotten.

    By the key as it is stored: one in another form than ours reads as a value that stands elsewhere in the order, and
    a page that began behind it would come again for ever.
    """
    stored, after = type_coerce(key, NullType()), None
    while True:
        query = select(table, stored.label("stored")).order_by(stored).limit(PAGE)
        page = session.execute(query if after is None else query.where(stored > after)).all()
        if not page:
            return
        yield [row for row, _ in page]
        after = page[-1][1]
        for row, _ in page:
            session.expunge(row)
