"""Withdrawing: a body takes back what nobody has decided on yet, with its reason.

The submission stays where it is, as it is, and counts for nothing: its people may be handed in again, nobody reviews
it, nothing of it is numbered. Once a decision is recorded it is evidence of more than its body, and reviewers may only
return its rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.status import WITHDRAWABLE, SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.assessment.written_reason import written_reason
from registry.database.sessions import Sessions
from registry.intake.coverage import withdrawal_digest
from registry.intake.errors import NoSuchSubmission, TooLateToWithdraw
from registry.intake.tables import Withdrawal
from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.people.accounts import hold_standing
from registry.people.permission import Act, require
from registry.people.representative import Representative

REPLACED: Final = "由新的报送替换"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawal as it is recorded. ``repeated`` means that it was withdrawn before, and nothing was done now."""

    submission_id: UUID
    reason: str
    withdrawn_at: datetime
    replaced_by: UUID | None
    repeated: bool


def withdraw(
    sessions: Sessions, by: Representative, submission_id: UUID, reason: str, *, now: datetime
) -> Withdrawn:
    """Withdraw a submission; durable together: its new status, the withdrawal and the event.

    A reviewer who decides at the same time is either told that it is withdrawn, or was quicker. Withdrawing again
    returns what the first time left. Raises ``NoSuchSubmission``, ``NotPermitted``, ``KeyNotValid`` for a key that was
    revoked since it was looked at, ``TooLateToWithdraw``, ``ReasonRefused`` or ``RegisterOutdated``.
    """
    said = written_reason(reason)
    return sessions.run(lambda session: _withdraw(session, by, submission_id, said, now=now), idempotent=True)


def take_back(session: Session, by: Representative, submission_id: UUID) -> bool:
    """Let a submission count for nothing from here on in this transaction; return if it still did.

    The half of a replacement that comes first, so that what is handed in anew is not told that it is here already;
    ``keep_withdrawal`` is the other. Raises what ``withdraw`` does of the submission; the key is the caller's to hold.
    """
    submission = _locked(session, by, submission_id)
    if submission.status == SubmissionStatus.WITHDRAWN:
        return False
    submission.status = SubmissionStatus.WITHDRAWN
    session.flush()
    return True


def keep_withdrawal(
    session: Session,
    by: Representative,
    submission_id: UUID,
    reason: str,
    *,
    now: datetime,
    replaced_by: UUID | None = None,
) -> Withdrawal:
    """Store the withdrawal of what ``take_back`` took back, with its event."""
    withdrawal = Withdrawal(
        submission_id=submission_id,
        reason=reason,
        withdrawn_at=now,
        withdrawn_by=by.actor.account_id,
        key_id=by.key_id,
        replaced_by=replaced_by,
    )
    session.add(withdrawal)
    session.flush()
    subject, digest = (
        f"submission:{submission_id}",
        withdrawal_digest(withdrawal, _checks(session, submission_id)),
    )
    record(session, "withdraw", subject, at=now, by=by.actor.account_id, digest=digest, key=by.key_id.hex())
    return withdrawal


def _withdraw(
    session: Session, by: Representative, submission_id: UUID, reason: str, *, now: datetime
) -> Withdrawn:
    require_up_to_date(session)
    hold_standing(session, by.key_id, now=now)
    repeated = not take_back(session, by, submission_id)
    if repeated:
        kept = session.get_one(Withdrawal, submission_id)
    else:
        kept = keep_withdrawal(session, by, submission_id, reason, now=now)
    return Withdrawn(submission_id, kept.reason, kept.withdrawn_at, kept.replaced_by, repeated)


def _locked(session: Session, by: Representative, submission_id: UUID) -> Submission:
    """Return a submission of this body that may be withdrawn or is, locked until the transaction ends."""
    mine = select(Submission).where(Submission.id == submission_id, Submission.issuer == by.issuer)
    submission = session.scalars(mine.with_for_update()).one_or_none()
    if submission is None:
        raise NoSuchSubmission(submission_id)
    require(by.actor, Act.WITHDRAW, scope=by.issuer)
    status = SubmissionStatus(submission.status)
    if status not in WITHDRAWABLE | {SubmissionStatus.WITHDRAWN}:
        raise TooLateToWithdraw(submission_id, status)
    return submission


def _checks(session: Session, submission_id: UUID) -> Sequence[tuple[int, int | None]]:
    query = select(Result.row, Result.id_check).where(Result.submission_id == submission_id)
    return [(row, check) for row, check in session.execute(query.order_by(Result.row))]
