"""What a registrar does with requests: grants or declines. What is granted is done in the same transaction.

Locks are taken in the order of asking: the entry, then the request.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from registry.assessment.written_reason import written_reason
from registry.certificate.lifecycle import Change, Reason
from registry.database.sessions import Sessions
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.request.ending import end, locked_request, require_open
from registry.request.grantable import ACTS, locked_grantable, require_correction, require_ground
from registry.request.kinds import GRANT, RequestKind


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
    ``GrantRefused`` for a ground that is none of this act's, ``UnlawfulTransition``, ``ReasonRefused`` for the answer,
    or ``RegisterOutdated`` for one that is reinstated: what takes a certificate out of force is always granted.
    """
    said = None if answer is None else written_reason(answer)

    def act(session: Session) -> Change:
        request = locked_grantable(session, by, request_id)
        require_ground(request, ground)
        change = ACTS[RequestKind(request.kind)](session, by, request.number, ground, now=now)
        end(session, request, by, GRANT, now=now, answer=said)
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

    The old certificate is revoked by an act of its own. Raises ``NoSuchRequest``, ``NotPermitted``, ``RequestEnded``,
    ``RequestOverrun``, ``GrantRefused`` for a submission that does not bring it, ``ReasonRefused`` for the answer, or
    ``RegisterOutdated``.
    """
    said = None if answer is None else written_reason(answer)

    def act(session: Session) -> None:
        request = locked_grantable(session, by, request_id)
        require_correction(session, request, correction)
        end(session, request, by, GRANT, now=now, answer=said, correction=correction)

    sessions.run(act)


def decline(sessions: Sessions, by: Actor, request_id: UUID, answer: str, *, now: datetime) -> None:
    """Decline a request; ``answer`` is what the body is told.

    Raises ``NoSuchRequest``, ``NotPermitted``, ``RequestEnded``, ``ReasonRefused``, or ``RegisterOutdated``, whatever
    was asked for.
    """
    said = written_reason(answer)

    def act(session: Session) -> None:
        require(by, Act.DECIDE_REQUEST, scope=NATIONAL)
        request = locked_request(session, request_id)
        require_open(request)
        end(session, request, by, "decline_request", now=now, answer=said)

    sessions.run(act)
