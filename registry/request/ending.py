"""How a request ends: locked, still open, and with the event of the act that ended it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.people.permission import Actor
from registry.request.coverage import end_digest
from registry.request.errors import NoSuchRequest, RequestEnded
from registry.request.kinds import ENDED_BY, GRANT, OUT_OF_FORCE, RequestStatus
from registry.request.tables import CertificateRequest


def locked_request(session: Session, request_id: UUID, *, issuer: str | None = None) -> CertificateRequest:
    """Return a request, locked; ``issuer`` is the body that may see it, ``None`` for a registrar.

    Raises ``NoSuchRequest``.
    """
    request = session.get(CertificateRequest, request_id, with_for_update=True)
    if request is None or issuer not in (None, request.issuer):
        raise NoSuchRequest(request_id)
    return request


def require_open(request: CertificateRequest) -> None:
    """Return if a locked request waits for its decision, else raise ``RequestEnded``."""
    if request.status != RequestStatus.OPEN:
        raise RequestEnded(request.id, request.status)


def require_endable(session: Session, request: CertificateRequest, act: str) -> None:
    """Return if this register may end a request by this act, else raise ``RegisterOutdated``.

    One that only reads grants what takes a certificate out of force, and nothing else.
    """
    if act != GRANT or request.kind not in OUT_OF_FORCE:
        require_up_to_date(session)


def end(
    session: Session,
    request: CertificateRequest,
    by: Actor,
    act: str,
    *,
    now: datetime,
    answer: str | None = None,
    correction: UUID | None = None,
) -> None:
    """Write down how an open, locked request ended, with the event of this act.

    Raises what ``require_endable`` does.
    """
    require_endable(session, request, act)
    request.status = ENDED_BY[act].value
    request.decided_at, request.decided_by = now, by.account_id
    request.answer, request.correction = answer, correction
    session.flush()
    subject, digest = f"request:{request.id}", end_digest(request)
    record(session, act, subject, at=now, by=by.account_id, digest=digest, entry=request.entry)
