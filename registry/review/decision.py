"""The three review steps: province, national centre (中国就业培训技术指导中心), office (N 四(六)3).

A decision is prepared here, signed by the reviewer with his own key elsewhere, and recorded here. What is signed
names the digest of the rows it confirms, so a row changed afterwards is no longer covered by any decision.
Returning a row is part of the decision; the rest goes on without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from keys.crash_points import reach
from registry.assessment.status import AFTER_CONFIRMATION, AWAITED_STEP, SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.people.accounts import Purpose, Signatory, signatory
from registry.people.permission import NATIONAL, Act, require
from registry.review.coverage import decision_digest
from registry.review.errors import DecisionNotGenuine, DecisionOutOfDate, NotAwaited
from registry.review.rows import StoredResult
from registry.review.tables import ReturnedRow, SignedDecision
from registry.review.under_review import kept_rows
from signing.cose import Envelope
from signing.errors import SigningError
from signing.evidence import Decision, Step, open_decision

ACT_FOR_STEP = {
    Step.PROVINCE: Act.REVIEW_PROVINCE,
    Step.CENTRE: Act.REVIEW_CENTRE,
    Step.OFFICE: Act.REVIEW_OFFICE,
}

# Long enough for a reviewer who reads before he signs, short enough that nobody signs ahead.
SIGNED_WITHIN = timedelta(hours=24)
CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as it was recorded: what it confirmed, what it returned, and where the submission stands now."""

    step: Step
    confirmed: int
    returned: int
    status: SubmissionStatus


def jurisdiction_of(step: Step, province: str) -> str:
    """Return the scope in which a step is decided: the province of the exam, else the whole country."""
    return f"CN-{province}" if step is Step.PROVINCE else NATIONAL


def prepare_decision(
    session: Session, submission_id: UUID, returned: Mapping[int, str], *, now: datetime
) -> Decision:
    """Return the decision to be signed for the step that the submission waits for; nothing is stored.

    ``returned`` maps row numbers to the reason that the body will read. Raises ``NotAwaited``, ``NoSuchRow`` or
    ``NotEvidence``.
    """
    submission = session.get_one(Submission, submission_id)
    step = _awaited(submission)
    kept = kept_rows(session, submission, returned.keys())
    return Decision(
        submission=submission_id,
        step=step,
        jurisdiction=jurisdiction_of(step, submission.province),
        rows_digest=kept.digest,
        rows=len(kept.results),
        returned=tuple(sorted(returned)),
        decided_at=now.replace(microsecond=0),
    )


def require_reviewer(session: Session, key_id: bytes, submission_id: UUID, *, now: datetime) -> None:
    """Return if the holder of this key may decide what the submission waits for now.

    For a door that wants to refuse before it shows anything; ``record_decision`` asks again. Raises
    ``UnknownKey``, ``KeyNotValid``, ``NotAwaited`` or ``NotPermitted``.
    """
    submission = session.get_one(Submission, submission_id)
    signer = signatory(session, key_id, Purpose.DECISION, now=now)
    step = _awaited(submission)
    scope = jurisdiction_of(step, submission.province)
    require(signer.actor, ACT_FOR_STEP[step], scope=scope, acted_before=_acted_before(session, submission))


def record_decision(
    session: Session, signed: bytes, reasons: Mapping[int, str], *, environment: str, now: datetime
) -> Recorded:
    """Record a signed decision and move the submission on.

    Durable together or not at all: the decision with its signature, the rows it returned, the new status and the
    event. Two reviewers who decide at once: one is recorded, the other gets ``NotAwaited``. Raises
    ``RegisterOutdated`` too.
    """
    # 1. Whose signature is it, and does it hold?
    signer, decision = _open(session, signed, environment=environment, now=now)
    # 2. Load and lock.
    submission = session.get(Submission, decision.submission, with_for_update=True)
    if submission is None:
        raise DecisionNotGenuine("it names a submission that is not here")
    # 3. May this person decide this step, and is he none of those who acted before?
    before = _acted_before(session, submission)
    scope = jurisdiction_of(decision.step, submission.province)
    require(signer.actor, ACT_FOR_STEP[decision.step], scope=scope, acted_before=before)
    require_up_to_date(session)
    # 4. Is it about this step, this time and exactly these rows?
    if _awaited(submission) is not decision.step:
        raise NotAwaited(submission.id, decision.step, submission.status)
    kept = _require_current(session, submission, decision, reasons, scope=scope, now=now)
    # 5. Change and event.
    status = AFTER_CONFIRMATION[decision.step] if kept else SubmissionStatus.RETURNED
    _store(session, submission, signer, decision, signed, reasons, now=now)
    submission.status = status
    # Where nobody passed, there is nothing to number.
    submission.all_numbered = status is SubmissionStatus.APPROVED and not any(row.passed for row in kept)
    reach("decide.before_commit")
    return Recorded(decision.step, len(kept), len(decision.returned), status)


def _awaited(submission: Submission) -> Step:
    status = SubmissionStatus(submission.status)
    if status not in AWAITED_STEP:
        raise NotAwaited(submission.id, "a decision", status)
    return AWAITED_STEP[status]


def _open(session: Session, signed: bytes, *, environment: str, now: datetime) -> tuple[Signatory, Decision]:
    try:
        envelope = Envelope.from_bytes(signed)
        signer = signatory(session, envelope.key_id, Purpose.DECISION, now=now)
        decision = open_decision(signed, signer.public_key, environment)
        # The key must count on the day that the decision names, too: it is asked again for that day ever after.
        signatory(session, envelope.key_id, Purpose.DECISION, now=decision.decided_at)
        return signer, decision
    except SigningError as error:
        raise DecisionNotGenuine(str(error)) from None


def _acted_before(session: Session, submission: Submission) -> set[UUID]:
    deciders = session.scalars(
        select(SignedDecision.decided_by).where(SignedDecision.submission_id == submission.id)
    )
    return {submission.submitted_by, *deciders}


def _require_current(
    session: Session,
    submission: Submission,
    decision: Decision,
    reasons: Mapping[int, str],
    *,
    scope: str,
    now: datetime,
) -> Sequence[StoredResult]:
    if decision.jurisdiction != scope:
        raise DecisionOutOfDate(f"it is for {decision.jurisdiction}, the submission is under {scope}")
    if not now - SIGNED_WITHIN <= decision.decided_at <= now + CLOCK_TOLERANCE:
        raise DecisionOutOfDate(f"it was signed at {decision.decided_at:%Y-%m-%d %H:%M}Z")
    if set(reasons) != set(decision.returned) or not all(reason.strip() for reason in reasons.values()):
        raise DecisionOutOfDate("each row it returns needs one reason, and no other row has one")
    kept = kept_rows(session, submission, decision.returned)
    if (len(kept.results), kept.digest) != (decision.rows, decision.rows_digest):
        raise DecisionOutOfDate("its digest is not that of the rows in the register")
    return kept.results


def _store(
    session: Session,
    submission: Submission,
    signer: Signatory,
    decision: Decision,
    signed: bytes,
    reasons: Mapping[int, str],
    *,
    now: datetime,
) -> None:
    stored = SignedDecision(
        id=uuid4(),
        submission_id=submission.id,
        step=decision.step,
        jurisdiction=decision.jurisdiction,
        rows_digest=decision.rows_digest,
        rows=decision.rows,
        decided_at=decision.decided_at,
        decided_by=signer.actor.account_id,
        key_id=signer.key_id,
        signed=signed,
    )
    session.add(stored)
    session.flush()
    rows = [{"decision_id": stored.id, "row": row, "reason": reasons[row]} for row in sorted(reasons)]
    if rows:
        session.execute(insert(ReturnedRow), rows)
        session.execute(
            update(Result)
            .where(Result.submission_id == submission.id, Result.row.in_(list(reasons)))
            .values(returned_at_step=decision.step)
        )
    record(
        session,
        f"decide_{decision.step}",
        f"submission:{submission.id}",
        at=now,
        by=signer.actor.account_id,
        digest=decision_digest(stored, rows),
        rows=decision.rows,
        confirmed=decision.rows_digest.hex(),
        returned=sorted(reasons),
    )
