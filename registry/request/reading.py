"""Requests as bodies and registrars read them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from registry.database.paging import Page, page_of
from registry.request.errors import NoSuchRequest
from registry.request.kinds import RequestKind, RequestStatus
from registry.request.tables import CertificateRequest


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request; who decided is not said to the body, only when, and what it is told."""

    id: UUID
    issuer: str
    number: str
    entry: int
    kind: str
    reason: str
    requested_at: datetime
    status: str
    decided_at: datetime | None
    answer: str | None
    correction: UUID | None


def view_of(request: CertificateRequest) -> RequestView:
    """Return a stored request as it is read."""
    return RequestView(**{field.name: getattr(request, field.name) for field in fields(RequestView)})


def requests_of_body(
    session: Session,
    issuer: str,
    *,
    limit: int,
    status: RequestStatus | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> Page[RequestView]:
    """Return one page of a body's requests, the newest first."""
    order = tuple_(CertificateRequest.requested_at, CertificateRequest.id)
    query = select(CertificateRequest).where(CertificateRequest.issuer == issuer)
    if status is not None:
        query = query.where(CertificateRequest.status == status)
    if after is not None:
        query = query.where(order < after)
    newest = query.order_by(CertificateRequest.requested_at.desc(), CertificateRequest.id.desc())
    found = [view_of(request) for request in session.scalars(newest.limit(limit + 1))]
    return page_of(found, limit=limit, key=lambda request: (request.requested_at, request.id))


def request_of_body(session: Session, issuer: str, request_id: UUID) -> RequestView:
    """Return one request of a body. Raises ``NoSuchRequest``."""
    request = session.get(CertificateRequest, request_id)
    if request is None or request.issuer != issuer:
        raise NoSuchRequest(request_id)
    return view_of(request)


def waiting_requests(session: Session) -> Sequence[RequestView]:
    """Return the open requests of all bodies, the oldest first, for a registrar."""
    query = select(CertificateRequest).where(CertificateRequest.status == RequestStatus.OPEN)
    oldest = query.order_by(CertificateRequest.requested_at, CertificateRequest.id)
    return [view_of(request) for request in session.scalars(oldest)]


def any_request(session: Session, request_id: UUID) -> RequestView:
    """Return a request of any body, for a registrar. Raises ``NoSuchRequest``."""
    request = session.get(CertificateRequest, request_id)
    if request is None:
        raise NoSuchRequest(request_id)
    return view_of(request)


def is_act(request: RequestView) -> bool:
    """Say whether granting it is an act on the certificate; else it points at a submission."""
    return request.kind != RequestKind.CORRECT
