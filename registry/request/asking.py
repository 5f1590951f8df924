"""What a body does with its requests: it asks, and takes back what is not decided yet."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.written_reason import written_reason
from registry.certificate.errors import UnknownNumber
from registry.certificate.lifecycle import TRANSITIONS, Action, Status, current_entry
from registry.certificate.ownership import series_of_body
from registry.certificate.tables import Certificate, Entry
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.people.permission import Act, require
from registry.people.representative import Representative
from registry.request.coverage import request_digest
from registry.request.ending import end, locked_request, require_open
from registry.request.errors import AskedAlready, NoSuchCertificate, NothingToAsk
from registry.request.kinds import ASK, RequestKind, RequestStatus
from registry.request.tables import CertificateRequest

CORRECTABLE: Final = (Status.RELEASED, Status.SUSPENDED, Status.REINSTATED)


def ask(
    sessions: Sessions,
    by: Representative,
    profiles: Profiles,
    number: str,
    kind: RequestKind,
    reason: str,
    *,
    now: datetime,
    request_id: UUID | None = None,
) -> CertificateRequest:
    """Ask for an act on a certificate of one's own, and return the request, which waits for a registrar.

    It is about the version that people hold now. ``reason`` is for the registrar, and names no person. A request of
    the body that has this ``request_id`` already is returned as it stands: whoever lost an answer asks again. Raises
    ``NoSuchCertificate``, ``NotPermitted``, ``NothingToAsk``, ``AskedAlready``, ``ReasonRefused`` or
    ``RegisterOutdated``.
    """
    said = written_reason(reason)
    chosen = request_id or uuid4()
    return sessions.run(
        lambda session: _ask(session, by, profiles, number, kind, said, chosen, now=now), idempotent=True
    )


def withdraw_request(
    sessions: Sessions, by: Representative, request_id: UUID, *, now: datetime
) -> CertificateRequest:
    """Take back a request of one's own that is open; one that was taken back stays as it is.

    Raises ``NoSuchRequest``, ``NotPermitted``, ``RequestEnded`` or ``RegisterOutdated``.
    """

    def act(session: Session) -> CertificateRequest:
        request = locked_request(session, request_id, issuer=by.issuer)
        require(by.actor, Act.ASK, scope=by.issuer)
        if request.status != RequestStatus.WITHDRAWN:
            require_open(request)
            end(session, request, by.actor, "withdraw_request", now=now)
        return request

    return sessions.run(act, idempotent=True)


def _ask(
    session: Session,
    by: Representative,
    profiles: Profiles,
    number: str,
    kind: RequestKind,
    reason: str,
    request_id: UUID,
    *,
    now: datetime,
) -> CertificateRequest:
    # The entry's lock keeps a second request of the same kind waiting until this one is there.
    entry = _own_entry(session, by.issuer, profiles, number)
    require(by.actor, Act.ASK, scope=by.issuer)
    require_up_to_date(session)
    present = session.get(CertificateRequest, request_id)
    if present is not None and present.issuer == by.issuer:
        return present
    status = Status(entry.status)
    if not _is_lawful(status, kind):
        raise NothingToAsk(number, kind, status)
    _require_not_asked(session, entry.entry, number, kind)
    request = _new_request(request_id, by, number, entry.entry, kind, reason, now=now)
    session.add(request)
    session.flush()
    subject, digest = f"request:{request.id}", request_digest(request)
    told = {"kind": kind, "entry": entry.entry}
    record(session, ASK, subject, at=now, by=by.actor.account_id, digest=digest, **told)
    return request


def _new_request(
    request_id: UUID,
    by: Representative,
    number: str,
    entry: int,
    kind: RequestKind,
    reason: str,
    *,
    now: datetime,
) -> CertificateRequest:
    return CertificateRequest(
        id=request_id,
        issuer=by.issuer,
        number=number,
        entry=entry,
        kind=kind.value,
        reason=reason,
        requested_at=now,
        requested_by=by.actor.account_id,
        key_id=by.key_id,
        status=RequestStatus.OPEN.value,
        decided_at=None,
        decided_by=None,
        answer=None,
        correction=None,
    )


def _own_entry(session: Session, issuer: str, profiles: Profiles, number: str) -> Entry:
    own = series_of_body(Certificate.series_key, issuer, profiles)
    if session.scalar(select(Certificate.id).where(Certificate.number == number, own)) is None:
        raise NoSuchCertificate(number)
    try:
        return current_entry(session, number, lock=True)
    except UnknownNumber:
        raise NoSuchCertificate(number) from None


def _is_lawful(status: Status, kind: RequestKind) -> bool:
    if kind is RequestKind.CORRECT:
        return status in CORRECTABLE
    return (status, Action(kind)) in TRANSITIONS


def _require_not_asked(session: Session, entry: int, number: str, kind: RequestKind) -> None:
    same = select(CertificateRequest.id).where(
        CertificateRequest.entry == entry,
        CertificateRequest.kind == kind,
        CertificateRequest.status == RequestStatus.OPEN,
    )
    present = session.scalar(same.limit(1))
    if present is not None:
        raise AskedAlready(present, number)
