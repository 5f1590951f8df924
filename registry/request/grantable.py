"""What a registrar may grant: asked before he is asked to confirm it, and again under the locks of the act."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ScalarSelect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.certificate.lifecycle import (
    REASONS_FOR,
    Action,
    Change,
    Reason,
    Status,
    current_entry,
    next_status,
    reinstate,
    revoke,
    suspend,
)
from registry.certificate.tables import Entry
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.request.ending import locked_request, require_endable, require_open
from registry.request.errors import GrantRefused, NoSuchRequest, RequestOverrun
from registry.request.kinds import GRANT, RequestKind
from registry.request.tables import CertificateRequest

ACTS: Final[dict[RequestKind, Callable[..., Change]]] = {
    RequestKind.REVOKE: revoke,
    RequestKind.SUSPEND: suspend,
    RequestKind.REINSTATE: reinstate,
}


def grantable(session: Session, by: Actor, request_id: UUID, means: Reason | UUID) -> Status:
    """Return where the certificate stands, if the request could be granted now by this ground or this correction.

    Nothing is locked. Raises what ``deciding.grant`` and ``grant_correction`` do, but for their answers.
    """
    number = _number(session, by, request_id)
    request, entry = session.get_one(CertificateRequest, request_id), current_entry(session, number)
    require_current(request, entry)
    require_endable(session, request, GRANT)
    status = Status(entry.status)
    if isinstance(means, UUID):
        require_correction(session, request, means)
    else:
        next_status(status, require_ground(request, means))
    return status


def locked_grantable(session: Session, by: Actor, request_id: UUID) -> CertificateRequest:
    """Return an open request about the current version of its certificate, both locked."""
    entry = current_entry(session, _number(session, by, request_id), lock=True)
    request = locked_request(session, request_id)
    require_current(request, entry)
    return request


def require_current(request: CertificateRequest, entry: Entry) -> None:
    """Return if the request is open, and about this version, else raise ``RequestEnded`` or ``RequestOverrun``."""
    require_open(request)
    if entry.entry != request.entry:
        raise RequestOverrun(request.id, request.number)


def require_ground(request: CertificateRequest, ground: Reason) -> Action:
    """Return the act that the request asks for, if this is a ground for it, else raise ``GrantRefused``."""
    if RequestKind(request.kind) not in ACTS:
        raise GrantRefused("更正申请须指明更正所用的报送（--correction）")
    action = Action(request.kind)
    if ground not in REASONS_FOR[action]:
        raise GrantRefused(f"{ground} 不是此项申请可用的原因；可用：{'、'.join(REASONS_FOR[action])}")
    return action


def require_correction(session: Session, request: CertificateRequest, correction: UUID) -> None:
    """Return if this submission brings the correction that is asked for, else raise ``GrantRefused``."""
    if request.kind != RequestKind.CORRECT:
        raise GrantRefused("只有更正申请才指明更正所用的报送；其他申请请写明原因（--ground）")
    if not _brings_it(session, request, correction):
        raise GrantRefused(
            f"报送 {correction} 中没有该机构就此证书持有人另行报送的合格成绩（退回、撤回的不算），请核对编号"
        )


def _number(session: Session, by: Actor, request_id: UUID) -> str:
    require(by, Act.DECIDE_REQUEST, scope=NATIONAL)
    number = session.scalar(select(CertificateRequest.number).where(CertificateRequest.id == request_id))
    if number is None:
        raise NoSuchRequest(request_id)
    return number


def _brings_it(session: Session, request: CertificateRequest, correction: UUID) -> bool:
    """Say whether a row of this submission corrects the entry, or is about its holder.

    Not the submission that the entry itself came from, and no row that was sent back or did not pass: from neither can
    a certificate come in place of the old one.
    """
    holder, source = _of_entry(Result.id_match, request), _of_entry(Result.submission_id, request)
    query = (
        select(Result.id)
        .join(Submission, Submission.id == Result.submission_id)
        .where(
            Submission.id == correction,
            # An entry that came back from a restore without its result came from nowhere that is known.
            Submission.id.is_distinct_from(source),
            Submission.issuer == request.issuer,
            Submission.status.not_in((SubmissionStatus.WITHDRAWN, SubmissionStatus.RETURNED)),
            Result.returned_at_step.is_(None),
            Result.passed,
            or_(Result.corrects == request.entry, Result.id_match == holder),
        )
    )
    return session.scalar(query.limit(1)) is not None


def _of_entry(column: InstrumentedAttribute[Any], request: CertificateRequest) -> ScalarSelect[Any]:
    """Return a column of the result that the request's entry came from."""
    query = select(column).join(Entry, Entry.result_id == Result.id)
    return query.where(Entry.entry == request.entry).scalar_subquery()
