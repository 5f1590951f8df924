"""Requests of bodies: vouched for, about a certificate of that body, ended as their events say, and done if granted."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.events import Stored
from registry.audit.finding import Finding, Kind
from registry.audit.standing import events_by_subject, pages, vouched
from registry.certificate.tables import Certificate, Entry
from registry.journal.tables import Event
from registry.people.tables import EnrolledKey
from registry.request.coverage import end_digest, request_digest
from registry.request.kinds import ASK, ENDED_BY, RequestKind, RequestStatus
from registry.request.tables import CertificateRequest

TABLE = CertificateRequest.__tablename__


def request_faults(session: Session) -> Iterator[Finding]:
    """Yield what is wrong with the requests."""
    for page in pages(session, CertificateRequest, CertificateRequest.id):
        subjects = [f"request:{request.id}" for request in page]
        told = events_by_subject(session, (ASK, *ENDED_BY), subjects)
        numbers = _numbers(session, [request.entry for request in page])
        keys = _accounts(session, [request.key_id for request in page])
        done = _done(session, page)
        for request, subject in zip(page, subjects, strict=True):
            name = str(request.id)
            asked = [event for event in told[subject] if event.act == ASK]
            yield from vouched(TABLE, name, asked, request_digest(request))
            yield from _end_faults(request, [event for event in told[subject] if event.act != ASK])
            if numbers.get(request.entry) != request.number:
                yield Finding(Kind.STATE, TABLE, name, "its entry is not of the certificate that it names")
            if keys.get(request.key_id) != request.requested_by:
                what = "the key that it was asked with is not the one of who asked"
                yield Finding(Kind.REVIEW, TABLE, name, what)
            if _should_be_done(request) and (request.kind, request.entry, request.decided_at) not in done:
                yield Finding(Kind.STATE, TABLE, name, "it was granted, and no event says that it was done")


def _end_faults(request: CertificateRequest, ends: Sequence[Stored]) -> Iterator[Finding]:
    name = str(request.id)
    if not ends:
        open_row = (RequestStatus.OPEN.value, None, None, None, None)
        stored = (request.status, request.decided_at, request.decided_by, request.answer, request.correction)
        if stored != open_row:
            yield Finding(Kind.STATE, TABLE, name, f"it is {request.status}, and no event says so")
        return
    yield from vouched(TABLE, name, ends, end_digest(request))
    if request.status != ENDED_BY[ends[-1].act]:
        what = f"it is {request.status}, and event {ends[-1].id} made it {ENDED_BY[ends[-1].act]}"
        yield Finding(Kind.STATE, TABLE, name, what)
    if ends[-1].actor_id != request.decided_by:
        yield Finding(Kind.REVIEW, TABLE, name, "its event names another account than it does")


def _numbers(session: Session, entries: Sequence[int]) -> dict[int, str]:
    query = select(Entry.entry, Certificate.number).join(Certificate, Certificate.id == Entry.certificate_id)
    return dict(session.execute(query.where(Entry.entry.in_(entries))).all())


def _accounts(session: Session, keys: Sequence[bytes]) -> dict[bytes, Any]:
    query = select(EnrolledKey.key_id, EnrolledKey.account_id).where(EnrolledKey.key_id.in_(keys))
    return dict(session.execute(query).all())


def _should_be_done(request: CertificateRequest) -> bool:
    return request.status == RequestStatus.GRANTED and request.kind != RequestKind.CORRECT


def _done(session: Session, page: Sequence[CertificateRequest]) -> set[tuple[str, int, Any]]:
    """Return the acts on these entries, as kind, entry and instant: of one entry alone, as registrars act."""
    entries = [request.entry for request in page if _should_be_done(request)]
    query = select(Event.act, Event.first_entry, Event.at).where(
        Event.act.in_(list(RequestKind)),
        Event.first_entry.in_(entries),
        Event.last_entry == Event.first_entry,
    )
    return {(act, entry, at) for act, entry, at in session.execute(query) if entry is not None}
