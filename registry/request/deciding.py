"""What a registrar does with requests: grants or declines. What is granted is done in the same transaction.

Locks are taken in the order of asking: the entry, then the request.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.assessment.written_reason import written_reason
from registry.certificate.lifecycle import (
    REASONS_FOR,
    Action,
    Change,
    Reason,
    current_entry,
    reinstate,
    revoke,
    suspend,
)
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.request.ending import end, locked_request, require_open
from registry.request.errors import GrantRefused, NoSuchRequest, RequestOverrun
from registry.request.kinds import RequestKind
from registry.request.tables import CertificateRequest

ACTS: Final[dict[RequestKind, Callable[..., Change]]] = {
    RequestKind.REVOKE: revoke,
    RequestKind.SUSPEND: suspend,
    RequestKind.REINSTATE: reinstate,
}


def grant(
    sessions: Sessions,
    by: Actor,
    request_id: UUID,
    ground: Reason,
    *,
    now: datetime,
    answer: str | None = None,
) -> Change:
    """Grant that a certificate is revoked, suspended or reinstated, and do it; ``ground`` is the act's reason.

    Durable together or not at all. Raises ``NoSuchRequest``, ``NotPermitted``, ``RequestEnded``, ``RequestOverrun``,
    ``GrantRefused`` for a ground that is none of this act's, ``UnlawfulTransition`` or ``RegisterOutdated``.
    """
    said = None if answer is None else written_reason(answer)

    def act(session: Session) -> Change:
        request = _decided_on(session, by, request_id)
        kind = RequestKind(request.kind)
        if kind not in ACTS:
            raise GrantRefused("更正申请须指明更正所用的报送（--correction）")
        if ground not in REASONS_FOR[Action(kind)]:
            raise GrantRefused(
                f"{ground} 不是此项申请可用的原因；可用：{'、'.join(REASONS_FOR[Action(kind)])}"
            )
        change = ACTS[kind](session, by, request.number, ground, now=now)
        end(session, request, by, "grant_request", now=now, answer=said)
        return change

    return sessions.run(act)


def grant_correction(
    sessions: Sessions,
    by: Actor,
    request_id: UUID,
    correction: UUID,
    *,
    now: datetime,
    answer: str | None = None,
) -> None:
    """Grant a correction by pointing at the submission that brings it: one of the same body, about the same person.

    The old certificate is revoked by an act of its own. Raises what ``grant`` does.
    """
    said = None if answer is None else written_reason(answer)

    def act(session: Session) -> None:
        request = _decided_on(session, by, request_id)
        if request.kind != RequestKind.CORRECT:
            raise GrantRefused("只有更正申请才指明更正所用的报送；其他申请请写明原因（--ground）")
        if not _brings_it(session, request, correction):
            raise GrantRefused(f"报送 {correction} 不是该机构就此证书持有人所作的报送，请核对编号")
        end(session, request, by, "grant_request", now=now, answer=said, correction=correction)

    sessions.run(act)


def decline(sessions: Sessions, by: Actor, request_id: UUID, answer: str, *, now: datetime) -> None:
    """Decline a request; ``answer`` is what the body is told. Raises what ``grant`` does, or ``ReasonRefused``."""
    said = written_reason(answer)

    def act(session: Session) -> None:
        require(by, Act.DECIDE_REQUEST, scope=NATIONAL)
        request = locked_request(session, request_id)
        require_open(request)
        end(session, request, by, "decline_request", now=now, answer=said)

    sessions.run(act)


def _decided_on(session: Session, by: Actor, request_id: UUID) -> CertificateRequest:
    """Return an open request about the current version of its certificate, both locked."""
    require(by, Act.DECIDE_REQUEST, scope=NATIONAL)
    number = session.scalar(select(CertificateRequest.number).where(CertificateRequest.id == request_id))
    if number is None:
        raise NoSuchRequest(request_id)
    entry = current_entry(session, number, lock=True)
    request = locked_request(session, request_id)
    require_open(request)
    if entry.entry != request.entry:
        raise RequestOverrun(request_id, number)
    return request


def _brings_it(session: Session, request: CertificateRequest, correction: UUID) -> bool:
    """Say whether a row of this submission corrects the entry, or is about its holder."""
    holder = (
        select(Result.id_match).join(Entry, Entry.result_id == Result.id).where(Entry.entry == request.entry)
    )
    query = (
        select(Result.id)
        .join(Submission, Submission.id == Result.submission_id)
        .where(
            Submission.id == correction,
            Submission.issuer == request.issuer,
            Submission.status.not_in((SubmissionStatus.WITHDRAWN, SubmissionStatus.RETURNED)),
            or_(Result.corrects == request.entry, Result.id_match == holder.scalar_subquery()),
        )
    )
    return session.scalar(query.limit(1)) is not None
